"""Who is offered payment: one question, one answer, one verdict. Values in, values out.

Asked backwards (S1): payment is offered to everyone, except somebody who is there in time that an employer pays
for (S2). Nothing else about a person is read, here or anywhere (S5).
"""

from dataclasses import dataclass
from enum import StrEnum

from eligibility.reasons import Reason, Refused

QUESTION = "Is someone else paying you to be here?"


class Answer(StrEnum):
    AS_MYSELF = "as-myself"
    EMPLOYER_TIME = "employer-time"
    EMPLOYER_MADE_UP = "employer-made-up"
    NOT_SURE = "not-sure"
    NOT_ASKED = "not-asked"


ANSWER_WORDS = {
    Answer.AS_MYSELF: "No, I come as myself",
    Answer.EMPLOYER_TIME: "Yes, in time my employer gives me",
    Answer.EMPLOYER_MADE_UP: "Yes, but I make the time up",
    Answer.NOT_SURE: "I'm not sure",
}


class Outcome(StrEnum):
    """What follows (S6). ``talk_first`` is never a refusal and stops nobody from taking part or claiming costs."""

    OFFERED = "offered"
    NOT_OFFERED = "not_offered"
    TALK_FIRST = "talk_first"
    NOT_ASKED = "not_asked"


class RuleSet(StrEnum):
    """The rules a policy may name. One that names none offers payment to everyone (S14)."""

    CAPACITY = "capacity"  # in what capacity somebody comes (S8)


@dataclass(frozen=True)
class Verdict:
    """An outcome with its reason in plain English (S7), and whether we can write to the employer (S11)."""

    outcome: Outcome
    why: str
    source: str
    offers_employer_letter: bool = False


TO_EVERYONE = Verdict(
    Outcome.OFFERED,
    "We offer payment to everyone. You do not have to take it. You choose.",
    "S14",
)

# S9 to S12 are the four imaginary people: Shaun, Lauren, Ayisha, Ben.
BY_CAPACITY = {
    Answer.AS_MYSELF: Verdict(
        Outcome.OFFERED,
        "You come as yourself, and nobody else pays you for this time. "
        "So we offer to pay you when the activity is paid. "
        "You do not have to take it. You choose.",
        "S2, S9, S10",
    ),
    Answer.EMPLOYER_TIME: Verdict(
        Outcome.NOT_OFFERED,
        "Your job already pays you for this time. So we do not pay you for it again. "
        "You are very welcome to take part. If your job changes, tell us and we will look again.",
        "S2, S4, S12",
    ),
    Answer.EMPLOYER_MADE_UP: Verdict(
        Outcome.TALK_FIRST,
        "You come for your job, but you make the time up later. So we would like to talk with you first. "
        "We have not said no. You can take part as you are. "
        "We can also write to your employer about how much your part helps.",
        "S6, S11",
        offers_employer_letter=True,
    ),
    Answer.NOT_SURE: Verdict(
        Outcome.TALK_FIRST,
        "It is fine not to be sure. We would like to talk with you first. "
        "We have not said no. You can take part as you are.",
        "S4, S6",
    ),
    Answer.NOT_ASKED: Verdict(
        Outcome.NOT_ASKED,
        "We have not asked you yet. We will ask you one question. Then we will tell you at once.",
        "S6, S15",
    ),
}


def check(answer: Answer | str, rule_set: RuleSet | str | None = RuleSet.CAPACITY) -> Verdict:
    """The verdict that follows from an answer under a policy's rule set. Raises Refused for words it does not know.

    ``rule_set`` is None where the policy states no rule: then payment is offered to everyone, asked or not.
    """
    answer = _known(Answer, answer)
    if rule_set is None:
        return TO_EVERYONE
    _known(RuleSet, rule_set)
    return BY_CAPACITY[answer]


def _known(words: type[StrEnum], word: str):
    try:
        return words(word)
    except ValueError:
        raise Refused(Reason("S2", f'"{word}" is not known here. Use one of: {", ".join(words)}.')) from None

"""Who is offered payment: one question, and nothing else about anybody."""

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.reasons import Refused
from eligibility.rules import ANSWER_WORDS, QUESTION, Answer, Outcome, RuleSet, check

EVERY_VERDICT = [check(answer, rule_set) for answer in Answer for rule_set in (None, *RuleSet)]


def test_S9_Shaun_comes_as_himself_and_is_offered_payment():
    verdict = check("as-myself")
    assert verdict.outcome == Outcome.OFFERED
    assert "come as yourself" in verdict.why


def test_S10_Lauren_comes_as_herself_and_may_still_say_no():
    verdict = check("as-myself")
    assert verdict.outcome == Outcome.OFFERED
    assert "You do not have to take it." in verdict.why


def test_S11_Ayisha_makes_the_time_up_so_we_talk_first_and_can_write_to_her_employer():
    verdict = check("employer-made-up")
    assert verdict.outcome == Outcome.TALK_FIRST
    assert verdict.offers_employer_letter and "write to your employer" in verdict.why
    assert "We have not said no." in verdict.why


def test_S12_Ben_is_there_in_paid_time_and_is_not_offered_payment():
    verdict = check("employer-time")
    assert verdict.outcome == Outcome.NOT_OFFERED
    assert "already pays you" in verdict.why and "welcome" in verdict.why


def test_S6_not_being_sure_is_a_reason_to_talk_and_never_a_refusal():
    verdict = check("not-sure")
    assert verdict.outcome == Outcome.TALK_FIRST
    assert "We have not said no." in verdict.why and not verdict.offers_employer_letter


def test_S6_nobody_is_judged_before_they_are_asked():
    assert check("not-asked").outcome == Outcome.NOT_ASKED


@pytest.mark.parametrize("answer", Answer)
def test_S14_a_policy_without_a_rule_offers_payment_to_everyone(answer):
    assert check(answer, None).outcome == Outcome.OFFERED


def test_S2_only_time_that_an_employer_pays_for_excludes_anybody():
    assert [answer for answer in Answer if check(answer).outcome == Outcome.NOT_OFFERED] == [Answer.EMPLOYER_TIME]


def test_S5_nothing_but_the_answer_and_the_policys_rule_can_be_read():
    assert list(inspect.signature(check).parameters) == ["answer", "rule_set"]


OTHER_FACTS = st.fixed_dictionaries(
    {
        "income": st.integers(0, 500_000),
        "contract": st.sampled_from(["secure", "short-term", "none", "gig"]),
        "weekly_hours": st.integers(0, 60),
        "employer": st.sampled_from(["NHS", "university", "law firm", "own", ""]),
        "children": st.integers(0, 6),
        "carer": st.booleans(),
        "times_taken_part": st.integers(0, 500),
    }
)
PEOPLE = st.fixed_dictionaries({"answer": st.sampled_from(Answer), "others": OTHER_FACTS})


@given(PEOPLE, OTHER_FACTS, st.sampled_from([None, *RuleSet]))
def test_S13_no_other_fact_about_a_person_changes_the_verdict(person, other_life, rule_set):
    same_answer_other_life = {**person, "others": other_life}
    assert check(person["answer"], rule_set) == check(same_answer_other_life["answer"], rule_set)


@given(OTHER_FACTS)
def test_S13_the_one_answer_changes_the_verdict_whoever_it_is(others):
    as_myself, in_paid_time = ({"answer": answer, "others": others} for answer in ("as-myself", "employer-time"))
    assert check(as_myself["answer"]).outcome != check(in_paid_time["answer"]).outcome


@pytest.mark.parametrize(("answer", "rule_set"), [("rich", "capacity"), ("as-myself", "wealth"), ("", "capacity")])
def test_words_nobody_defined_are_refused(answer, rule_set):
    with pytest.raises(Refused):
        check(answer, rule_set)


def test_every_answer_a_person_can_give_has_its_words():
    assert QUESTION.endswith("?")
    assert set(ANSWER_WORDS) == set(Answer) - {Answer.NOT_ASKED}


@pytest.mark.parametrize("verdict", EVERY_VERDICT)
def test_S7_every_why_is_in_short_plain_sentences(verdict):
    sentences = re.findall(r"[^.]+\.", verdict.why)
    assert "".join(sentences) == verdict.why
    for sentence in sentences:
        words = re.findall(r"[\w']+", sentence)
        assert len(words) <= 16, sentence
    words = re.findall(r"[\w']+", verdict.why)
    assert reading_age(len(words), len(sentences), sum(syllables(word) for word in words)) <= 11, verdict.why


def syllables(word):
    """Roughly, as reading scores count them."""
    return max(1, len(re.findall(r"[aeiouy]+", word.lower())) - (word.lower().endswith("e") and len(word) > 3))


def reading_age(words, sentences, syllables):
    """Flesch-Kincaid grade, plus the five years before first grade."""
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59 + 5

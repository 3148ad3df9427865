"""How every floor says no: a list of reasons, each with the clause it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason why something may not happen.

    ``clause`` says where the rule stands (a requirement such as "S64", or a promise such as "four-eyes");
    ``text`` is a sentence that can be read out to the person and says what to do.
    """

    clause: str
    text: str

    def __str__(self) -> str:
        return self.text


class Refused(Exception):
    """A deed was refused. Nothing was stored. ``reasons`` holds every objection, not only the first."""

    def __init__(self, *reasons: Reason):
        super().__init__(" ".join(reason.text for reason in reasons))
        self.reasons = list(reasons)


def refuse_if(reasons: list[Reason]) -> None:
    """Raise Refused with every reason when there is one."""
    if reasons:
        raise Refused(*reasons)

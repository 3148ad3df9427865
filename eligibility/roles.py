"""Who may do what: one table of deeds and roles. What is not in the table is closed. Values in, values out.

A role opens doors. Whether this person may do this deed to this very thing (nobody decides their own claim) is for the
rules of that thing.
"""

from enum import StrEnum

from eligibility.reasons import Reason


class Role(StrEnum):
    """What somebody is here. Whoever signs in may be a co-producer; staff roles are given."""

    VISITOR = "visitor"
    CO_PRODUCER = "co-producer"
    ACTIVITY_LEAD = "activity-lead"
    PAYMENTS_OFFICER = "payments-officer"
    AUTHORISER = "authoriser"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return self.value.replace("activity-", "activity ").replace("payments-", "payments ")

    @property
    def with_article(self) -> str:
        return f"{'an' if self.label[0] in 'aeiou' else 'a'} {self.label}"


STAFF = (Role.ACTIVITY_LEAD, Role.PAYMENTS_OFFICER, Role.AUTHORISER, Role.AUDITOR)


class Deed(StrEnum):
    """Everything there is a door for."""

    READ_PUBLIC_PAGES = "read public pages and sign in"
    LOOK_AFTER_MY_OWN = "see and send one's own claims, payments and cards"
    SEE_STAFF_HOME = "see what needs doing"
    READ_CLAIMS = "read claims"
    DECIDE_CLAIMS = "approve, return or refuse claims"
    IMPORT_CLAIMS = "import claims from a spreadsheet"
    READ_PEOPLE = "look people up"
    READ_RUNS = "read payment runs and their reports"
    PREPARE_RUNS = "prepare and cancel payment runs"
    AUTHORISE_RUNS = "authorise payment runs"
    SEND_RUNS = "take a run's lists and mark it sent"


_LEAD, _OFFICER, _AUTHORISER, _AUDITOR = STAFF

# In the order in which --create-staff gives a role for the deed: the first is given.
TABLE: dict[Deed, tuple[Role, ...]] = {
    Deed.READ_PUBLIC_PAGES: tuple(Role),
    Deed.LOOK_AFTER_MY_OWN: (Role.CO_PRODUCER, *STAFF),
    Deed.SEE_STAFF_HOME: STAFF,
    # A lead reads the claims on activities they lead, and no others.
    Deed.READ_CLAIMS: (_OFFICER, _AUTHORISER, _AUDITOR, _LEAD),
    Deed.DECIDE_CLAIMS: (_OFFICER,),
    Deed.IMPORT_CLAIMS: (_OFFICER,),
    Deed.READ_PEOPLE: (_OFFICER, _AUDITOR),
    Deed.READ_RUNS: (_OFFICER, _AUTHORISER, _AUDITOR),
    Deed.PREPARE_RUNS: (_OFFICER,),
    Deed.AUTHORISE_RUNS: (_AUTHORISER,),
    Deed.SEND_RUNS: (_OFFICER, _AUTHORISER),
}


def may(roles, deed: Deed) -> bool:
    """Whether somebody with these roles may do the deed. A deed that is not in the table is closed to everybody."""
    return not set(TABLE.get(deed, ())).isdisjoint(roles)


def for_staff_only(deed: Deed) -> bool:
    """Whether the deed needs a staff role, and with it a second factor."""
    return set(TABLE.get(deed, ())) <= set(STAFF)


def reasons_against_role(roles, deed: Deed, who: str) -> list[Reason]:
    """Why somebody with these roles may not do the deed; ``who`` is how the sentence calls them."""
    if may(roles, deed):
        return []
    wanted = " or ".join(role.with_article for role in TABLE.get(deed, ()))
    return [Reason("role", f"{who} is not {wanted or 'anybody who may'} here, so may not do this.")]

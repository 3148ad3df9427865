"""Every form that is sent with nothing in it, in a real browser: what is wrong is said, and leads to where it is."""

import pytest
from django.urls import reverse

from eligibility.roles import Role
from tests.pages.addresses import ADDRESSES, LOOKED_AT_BY, NO_PAGE, VISITOR
from tests.pages.looking import faults
from tests.pages.world import a_draft, build
from tests.payments.office import person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

EMPTY = """() => {
  for (const one of document.querySelectorAll("main input:not([type=hidden]), main textarea"))
    if (["radio", "checkbox"].includes(one.type)) one.checked = false
    else one.value = ""
}"""
# Pages whose form has nothing to fill in, or that take an answer of nothing; the bank account is below.
NOTHING_TO_ENTER = {"account_logout", "claim-withdraw", "claim-check", "claim-costs", "claim-cost-remove", "run-send",
                    "mfa_activate_totp", "run-authorise", "mfa_view_recovery_codes", "account_confirm_login_code",
                    "mfa_authenticate", "claim-bank"}  # fmt: skip


def forms_of(role: Role) -> list[str]:
    without = {*NOTHING_TO_ENTER, *NO_PAGE}
    both = [name for name, one in ADDRESSES.items() if one.takes == ("GET", "POST") and name not in without]
    first = {name: LOOKED_AT_BY.get(name) or min(ADDRESSES[name].who, key=list(Role).index) for name in both}
    return [name for name in both if first[name] is role]


@pytest.mark.parametrize("role", [VISITOR, Role.CO_PRODUCER, Role.PAYMENTS_OFFICER])
def test_a_form_sent_empty_says_what_to_do_and_leads_there(browse_as, clock, role):
    world = build()
    page = browse_as(world.people.get(role))
    told = []
    for name in forms_of(role):
        whose = ADDRESSES[name].whose
        told += empty(page, name, reverse(name, kwargs=world.arguments(whose, role, "own") if whose else {}))
    assert not told, "\n  ".join(["", *told])


def test_the_questions_that_a_first_claim_asks_are_not_passed_over(browse_as, clock):
    """Bank details and "any costs?" are only asked of who has given none yet."""
    new = person("Gwen Example", bank=False)
    page = browse_as(new)
    claim = a_draft(new)
    told = empty(page, "claim-bank", reverse("claim-bank", args=[claim.reference]))
    told += empty(page, "claim-costs", reverse("claim-costs", args=[claim.reference]))
    assert not told, "\n  ".join(["", *told])


def empty(page, name: str, address: str) -> list[str]:
    """Send the form with nothing in it, and look at what comes back."""
    page.goto(address)
    page.evaluate(EMPTY)
    page.locator("main form button[type=submit]").first.click()
    if not page.title().startswith("Error: "):
        return [f"{name}: sent empty, it shows no error, but {page.title()}"]
    return [f"{name}: {fault}" for fault in faults(page, f"{name}: sent empty")]

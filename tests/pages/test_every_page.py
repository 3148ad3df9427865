"""Every page there is, in a real browser, as everybody who may see it: a page that nobody looked at cannot be added."""

import pytest
from django.urls import reverse

from eligibility.roles import Role
from tests.pages.addresses import ADDRESSES, LOOKED_AT_BY, NO_PAGE, VISITOR
from tests.pages.looking import PHONE, WATCHING, faults, look_at
from tests.pages.world import build

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def pages_for(role: Role) -> list[str]:
    """The addresses that show this role a page. One that shows everybody the same is looked at once."""
    shown = [name for name, address in ADDRESSES.items() if "GET" in address.takes and name not in NO_PAGE]
    return [name for name in shown if role in ADDRESSES[name].who and (role is first_of(name) or differs(name))]


def first_of(name: str) -> Role:
    return LOOKED_AT_BY.get(name) or min(ADDRESSES[name].who, key=list(Role).index)


def differs(name: str) -> bool:
    """What staff see depends on what they may do."""
    return name.startswith(("staff", "run"))


def test_every_page_is_somebodys():
    walked = {name for role in Role for name in pages_for(role)}
    assert walked | set(NO_PAGE) | {n for n, a in ADDRESSES.items() if "GET" not in a.takes} == set(ADDRESSES)


def walk(page, world, role: Role, how: str = "") -> str:
    """What is wrong with the pages that a role has, as one text."""
    told = []
    for name in pages_for(role):
        whose = ADDRESSES[name].whose
        address = reverse(name, kwargs=world.arguments(whose, role, "own") if whose else {})
        answer = page.goto(address)
        if answer.status not in (200, *ADDRESSES[name].also) or answer.request.redirected_from:
            told.append(f"{name}: {address} has no page to look at: {answer.status} at {page.url}")
            WATCHING[page.context].told()
        elif wrong := faults(page, f"{name} ({role.label}{how})"):
            told += [f"{name}: {address}", *[f"    {fault}" for fault in wrong]]
    return "\n".join(told)


@pytest.mark.parametrize("role", Role)
def test_every_page_is_right_at_every_size(browse_as, clock, role):
    world = build()
    wrong = walk(browse_as(world.people.get(role)), world, role)
    assert not wrong, f"\n{wrong}"


@pytest.mark.parametrize("role", [VISITOR, Role.CO_PRODUCER, Role.PAYMENTS_OFFICER])
def test_every_page_stands_without_javascript_on_a_phone(browse_as, clock, role):
    world = build()
    page = browse_as(world.people.get(role), javascript=False, size=PHONE)
    wrong = walk(page, world, role, ", without JavaScript")
    assert not wrong, f"\n{wrong}"


def test_every_way_of_not_getting_somewhere_helps(browse_as, clock):
    world = build()
    lost = {
        "not found": (None, "/nothing-here/", 404),
        "not allowed": (world.ada, reverse("staff-claims"), 403),
        "another's claim": (world.ada, reverse("claim", args=[world.sent[world.ben].reference]), 404),
        "not a pay day": (world.officer, reverse("run", args=["2026-11-14"]), 404),
        "not a day": (world.officer, reverse("run", args=["soon"]), 404),
        "no second factor in this session": (world.officer, reverse("staff-home"), 200),
    }
    for name, (who, address, status) in lost.items():
        page = browse_as(who, second_factor="second factor" not in name)
        answer = page.goto(address)
        assert answer.status == status, f"{name}: {answer.status}"
        look_at(page, f"lost: {name}")
        page.context.close()

"""Every address × every method × every role × one's own, another's and no thing: who comes in, and who does not."""

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from eligibility.models import Event
from eligibility.roles import Deed, Role
from tests.doors import client_for, visitor
from tests.pages.addresses import ADDRESSES, LEAD, NO_PAGE, STAFF, VISITOR
from tests.pages.world import World, undone
from tests.payments.office import AFTER_CUT_OFF

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
RIGHT = (200, 302, 422)


def patterns(resolver=None, before=""):
    """Every pattern of the service, however deep, with its whole name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{before}{entry.namespace}:" if entry.namespace else before)
        else:
            yield before + (entry.name or str(entry.pattern)), entry


def address_of(world: World, name: str, role: Role, case: str) -> str:
    whose = ADDRESSES[name].whose
    return reverse(name, kwargs=world.arguments(whose, role, case) if whose else {})


def cases(name: str) -> tuple[str, ...]:
    return ("own", "other", "none") if ADDRESSES[name].whose else ("own",)


def events() -> int:
    return Event.objects.count()


def test_every_address_is_in_the_table():
    for name, entry in patterns():
        assert name in ADDRESSES, f"Say in tests/pages/addresses.py who may use “{name}” ({entry.pattern})."


def test_the_table_has_no_address_that_is_gone():
    assert set(ADDRESSES) - {name for name, _ in patterns()} == set(), "Take these out of tests/pages/addresses.py."
    assert set(NO_PAGE) <= set(ADDRESSES)


def test_every_view_names_its_deed():
    unmarked = [name for name, entry in patterns() if not isinstance(getattr(entry.callback, "deed", None), Deed)]
    assert unmarked == [], "These are closed to everybody: mark them with @door."


@pytest.mark.parametrize("name", ADDRESSES)
def test_each_role_comes_in_where_it_may_and_nowhere_else(world, clients, name):
    wrong = []
    for role in Role:
        for case in cases(name):
            for method in METHODS if case == "own" else ("GET", "POST"):
                with undone(clients[role]):
                    wrong += attempt(world, clients[role], name, role, case, method)
    assert not wrong, "\n".join(["", *wrong])


def attempt(world: World, client, name: str, role: Role, case: str, method: str) -> list[str]:
    told = events()
    address = address_of(world, name, role, case)
    answer = client.generic(method, address)
    wrong = [objection(answer, ADDRESSES[name], role, method, case)]
    came_in = answer.status_code in RIGHT and role in ADDRESSES[name].who
    if events() != told and (method in ("GET", "HEAD") or not came_in):
        wrong.append("It left an event.")
    return [f"{role}, {method} {address} ({case}): {answer.status_code}. {what}" for what in wrong if what]


def objection(answer, address, role: Role, method: str, case: str) -> str:
    """What is wrong with an answer; nothing, when it is as the table says."""
    status = answer.status_code
    if role not in address.who:
        if role is not VISITOR:
            return "" if status == 403 else "This role may not come in (403)."
        sent_to_sign_in = status == 302 and answer.url.startswith(reverse("account_login") + "?next=")
        return "" if sent_to_sign_in else "A visitor is sent to sign in (302, with where they wanted to go)."
    if ("GET" if method == "HEAD" else method) not in address.takes:
        allowed = (405,) if case == "own" else (404, 405)
        return "" if status in allowed else "This address does not take that method (405)."
    if case == "none" or (case == "other" and not may_see_others(address, role)):
        return (
            "" if status == 404 or status in address.also else "What is not there, or not theirs, is not found (404)."
        )
    return "" if status in (*RIGHT, *address.also) else "They may do this (200, 302 or 422)."


def may_see_others(address, role: Role) -> bool:
    """Nobody sees what is another person's own; a lead sees the claims on their activities; other staff see all."""
    return address.who <= STAFF and not (role is LEAD and address.whose == "claim")


@pytest.mark.parametrize("name", [name for name, address in ADDRESSES.items() if "POST" in address.takes])
def test_nothing_is_sent_without_the_token_of_our_own_page(world, name):
    for role in ADDRESSES[name].who:
        more = {"enforce_csrf_checks": True}
        client = visitor(**more) if role is VISITOR else client_for(world.people[role], **more)
        told = events()
        answer = client.post(address_of(world, name, role, "own"))
        assert (answer.status_code, events()) == (403, told), f"{role} {name}"


@pytest.mark.parametrize("name", [name for name, address in ADDRESSES.items() if address.who <= STAFF])
def test_staff_without_their_second_factor_are_sent_to_set_it_up(world, name):
    for role in ADDRESSES[name].who:
        client = client_for(world.people[role], second_factor=False)
        for method in ADDRESSES[name].takes:
            told = events()
            answer = client.generic(method, address_of(world, name, role, "own"))
            assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("mfa_activate_totp"))
            assert events() == told


def test_somebody_with_two_roles_may_do_what_either_may(world):
    """The officer who also leads sees every claim, not only those on their activities."""
    officer = world.people[Role.PAYMENTS_OFFICER]
    client = client_for(officer)
    with undone(client):
        officer.staff_roles.create(role=Role.ACTIVITY_LEAD, given_at=AFTER_CUT_OFF)
        address = address_of(world, "staff-claim", LEAD, "other")
        assert client.get(address).status_code == 200


def test_what_nobody_sent_yet_is_theirs_alone(world, clients):
    draft = reverse("staff-claim", args=[world.drafts[world.ada].reference])
    assert {role: clients[role].get(draft).status_code for role in STAFF} == dict.fromkeys(STAFF, 404)

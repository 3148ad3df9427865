"""What a page refuses, and how: nothing and nonsense, one's own claim, two windows at once, a run that changed.

The words are those of the deed, which the command prints too.
"""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from eligibility.models import Event
from eligibility.reasons import Refused
from eligibility.roles import Role
from payments import runs
from payments.claims import approve_claims
from payments.models import Claim, Payable, PaymentRun
from tests.doors import client_for
from tests.pages.addresses import ADDRESSES, VISITOR
from tests.pages.world import SENT_ON, an_answered_draft, digits, undone
from tests.payments.office import AFTER_CUT_OFF, CUT_OFF, approved, london, person, submitted

pytestmark = pytest.mark.django_db
NONSENSE = "<b>=1+1</b> '; DROP TABLE claims; -- \0 🌻 " + "x" * 3000
NEXT_RUN = "2026-12-11"


def words(answer) -> str:
    """What a page says, as somebody reads it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def refusal(deed, *given, **named) -> list[str]:
    with pytest.raises(Refused) as refused:
        deed(*given, **named)
    return [reason.text for reason in refused.value.reasons]


def address(name: str, *arguments) -> str:
    return reverse(name, args=arguments)


def money() -> tuple:
    """Whatever decides over money: claims, what is owed, runs."""
    return (
        list(Claim.objects.order_by("pk").values_list("status", "choice", "decided_by")),
        Payable.objects.count(),
        list(PaymentRun.objects.order_by("pk").values_list("authorised_by", "sent_by", "cancelled_by")),
    )


# Nothing, and nonsense --------------------------------------------------------------------------------


FORMS = [name for name, one in ADDRESSES.items() if one.takes == ("GET", "POST") and "logout" not in name]


@pytest.mark.parametrize("typed", ["", NONSENSE], ids=["nothing", "nonsense"])
@pytest.mark.parametrize("name", FORMS)
def test_nothing_and_nonsense_are_answered_with_what_to_do(world, clients, name, typed):
    for role in ADDRESSES[name].who - {VISITOR}:
        whose = ADDRESSES[name].whose
        where = reverse(name, kwargs=world.arguments(whose, role, "own") if whose else {})
        with undone(clients[role]):
            boxes = boxes_of(clients[role].get(where).content.decode())
            before = money()
            answer = clients[role].post(where, dict.fromkeys(boxes, typed))
            assert answer.status_code in (200, 302, 409, 422), f"{role} {where}: {answer.status_code}"
            assert not boxes or answer.status_code != 200, f"{role} {where}: it says neither yes nor no"
            if answer.status_code == 422:
                page = answer.content.decode()
                assert "<title>Error: " in page and "There is a problem" in page, f"{role} {where}"
                assert boxes <= boxes_of(page), f"{role} {where}: what was asked is not asked again"
            if boxes:
                assert money() == before, f"{role} {where}"


def boxes_of(page: str) -> set[str]:
    """The names of what somebody can fill in on a page."""
    tags = re.findall(r"<(?:input|textarea|select)\b[^>]*>", page.partition("<main")[2])
    shown = [tag for tag in tags if 'type="hidden"' not in tag]
    return {re.search(r'\sname="([^"]+)"', tag)[1] for tag in shown if " name=" in tag}


# Deciding ---------------------------------------------------------------------------------------------


@pytest.fixture
def officers_client(world, clients):
    with undone(clients[Role.PAYMENTS_OFFICER]):
        yield clients[Role.PAYMENTS_OFFICER]


def seen_on(answer) -> dict:
    """What a page knows of how things stood when it was shown."""
    return dict(re.findall(r'name="(seen|digest)"[^>]*value="([^"]*)"', answer.content.decode()))


def test_nobody_is_offered_to_decide_their_own_claim_and_who_tries_reads_why(world, officers_client):
    own = world.sent[world.officer]
    page = officers_client.get(address("staff-claim", own.reference))
    [why] = refusal(approve_claims, [own.pk], by=world.officer, at=AFTER_CUT_OFF)
    assert why in words(page)
    assert "Approve all of it" not in words(page)
    as_others_see_it = client_for(world.second_officer).get(address("staff-claim", own.reference))
    answer = officers_client.post(address("approve-claim", own.reference), seen_on(as_others_see_it))
    assert (answer.status_code, why in words(answer)) == (422, True)
    own.refresh_from_db()
    assert own.status == Claim.Status.SUBMITTED


def test_nobody_decides_what_they_entered_for_somebody(world, officers_client):
    entered = submitted(world.ben, entered_by=world.officer)
    [why] = refusal(approve_claims, [entered.pk], by=world.officer, at=AFTER_CUT_OFF)
    page = officers_client.get(address("staff-claim", entered.reference))
    assert why in words(page)
    as_others_see_it = client_for(world.second_officer).get(address("staff-claim", entered.reference))
    answer = officers_client.post(address("approve-claim", entered.reference), seen_on(as_others_see_it))
    assert (answer.status_code, why in words(answer)) == (422, True)


def test_two_windows_approve_the_same_claim_once_and_the_second_is_told(world, officers_client):
    claim = world.to_decide
    first, second = (officers_client.get(address("staff-claim", claim.reference)) for _ in range(2))
    where = address("approve-claim", claim.reference)
    assert officers_client.post(where, seen_on(first)).status_code == 302
    owed = Payable.objects.filter(claim=claim).count()
    answer = officers_client.post(where, seen_on(second))
    assert answer.status_code == 409
    assert "This claim changed after you opened it" in words(answer)
    assert Event.objects.filter(what="claim approved", about_id=claim.pk).count() == 1
    assert Payable.objects.filter(claim=claim).count() == owed


def test_two_officers_at_once_one_returns_what_the_other_approves(world, officers_client):
    claim = world.to_decide
    seen = seen_on(officers_client.get(address("staff-claim", claim.reference)))
    other = client_for(world.second_officer)
    asked = {**seen_on(other.get(address("return-claim", claim.reference))), "words": "Which train was it?"}
    assert other.post(address("return-claim", claim.reference), asked).status_code == 302
    answer = officers_client.post(address("approve-claim", claim.reference), seen)
    assert answer.status_code == 409
    claim.refresh_from_db()
    assert claim.status == Claim.Status.RETURNED


def test_less_is_approved_only_with_a_reason_and_what_was_typed_stays(world, officers_client):
    claim = world.to_decide
    where = address("approve-claim-part", claim.reference)
    train = claim.expenses.get(mode="train")
    typed = seen_on(officers_client.get(where))
    for expense in claim.expenses.all():
        typed |= {f"amount_{expense.pk}": str(expense.amount_asked), f"reason_{expense.pk}": ""}
    answer = officers_client.post(where, {**typed, f"amount_{train.pk}": "7.77"})
    assert answer.status_code == 422
    assert "Say why less is approved than was asked, so that the person can be told." in words(answer)
    assert 'value="7.77"' in answer.content.decode()
    answer = officers_client.post(where, {**typed, f"amount_{train.pk}": "99.00"})
    assert (answer.status_code, "Approve between nothing and what was asked" in words(answer)) == (422, True)


# Sending a claim --------------------------------------------------------------------------------------


def test_a_claim_sent_from_two_windows_is_sent_once(world, clients):
    with undone(clients[Role.CO_PRODUCER]):
        claim = an_answered_draft(world.ada, day=20)
        where = address("claim-check", claim.reference)
        for _ in range(2):
            answer = clients[Role.CO_PRODUCER].post(where)
            assert (answer.status_code, answer.url) == (302, address("claim-sent", claim.reference))
        assert Event.objects.filter(what="claim submitted", about_id=claim.pk).count() == 1


def test_a_page_left_open_changes_nothing_once_the_claim_is_sent(world, clients):
    sent = world.sent[world.ada]
    with undone(clients[Role.CO_PRODUCER]):
        answer = clients[Role.CO_PRODUCER].post(address("claim-hours", sent.reference), {"hours": "9"}, follow=True)
        assert "You have sent this claim, so it cannot be changed now." in words(answer)
        sent.refresh_from_db()
        assert sent.hours == 2


# Runs -------------------------------------------------------------------------------------------------


def test_a_run_is_not_prepared_before_its_cut_off_and_the_page_says_when(world, officers_client):
    [why] = refusal(runs.prepare_run, date.fromisoformat(NEXT_RUN), by=world.officer, at=AFTER_CUT_OFF)
    answer = officers_client.post(address("run-prepare", NEXT_RUN))
    assert (answer.status_code, why in words(answer)) == (422, True)


@pytest.fixture
def prepared(world, clients):
    """The run of December, prepared; its time is the evening after its cut-off."""
    with undone(clients[VISITOR]), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: london("2026-12-09T18:00"))
        approved(person("Farah Example"), by=world.second_officer, at=london("2026-12-01T12:00"))
        yield runs.prepare_run(date.fromisoformat(NEXT_RUN), by=world.officer, at=london("2026-12-09T13:00"))


def test_who_may_not_authorise_a_run_reads_every_reason_the_command_gives(world, prepared):
    decider = world.second_officer
    decider.staff_roles.create(role=Role.AUTHORISER, given_at=AFTER_CUT_OFF)
    client = client_for(decider)
    whys = refusal(runs.authorise_run, prepared.pay_on, by=decider, at=london("2026-12-09T18:00"))
    page = words(client.get(address("run", NEXT_RUN)))
    answer = client.post(address("run-authorise", NEXT_RUN), {"code": "123456"})
    for why in whys:
        assert why in page
        assert why in words(answer)
    prepared.refresh_from_db()
    assert prepared.state == "prepared"


def test_a_run_that_is_not_the_one_on_the_page_is_not_authorised(world, prepared):
    """It was cancelled and prepared again meanwhile: other money, so it is looked at again."""
    client = client_for(world.people[Role.AUTHORISER])
    seen = seen_on(client.get(address("run", NEXT_RUN)))
    runs.cancel_run(prepared.pay_on, "A payment is missing.", by=world.officer, at=london("2026-12-09T14:00"))
    again = runs.prepare_run(prepared.pay_on, by=world.officer, at=london("2026-12-09T15:00"))
    answer = client.post(address("run-authorise", NEXT_RUN), {**seen, "code": digits()})
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    again.refresh_from_db()
    assert again.state == "prepared"


def test_a_wrong_second_factor_releases_nothing(world, prepared):
    client = client_for(world.people[Role.AUTHORISER])
    seen = seen_on(client.get(address("run", NEXT_RUN)))
    for code in ("", "12345", "000000", "abcdef"):
        answer = client.post(address("run-authorise", NEXT_RUN), {**seen, "code": code})
        assert answer.status_code == 422, code
    prepared.refresh_from_db()
    assert prepared.state == "prepared"
    assert client.post(address("run-authorise", NEXT_RUN), {**seen, "code": digits()}).status_code == 302
    prepared.refresh_from_db()
    assert prepared.authorised_by == world.people[Role.AUTHORISER]


def test_marking_a_run_sent_twice_says_so_in_the_words_of_the_command(world, officers_client):
    where = address("run-send", "2026-11-13")
    [why] = refusal(runs.mark_sent, SENT_ON, by=world.officer, at=CUT_OFF)
    answer = officers_client.post(where, {})
    assert (answer.status_code, why in words(answer)) == (422, True)

"""The main job in a browser, as one story: a claim becomes a payment on the right Friday, and a thank-you comes with it.

Told three times whole: with a mouse on a desktop, with a finger on a phone whose browser has no JavaScript, and with
nothing but a keyboard. The first two look at every page and state on the way.
"""

import re
import time

import pytest

from eligibility import second_factor
from eligibility.models import Person
from eligibility.roles import Role
from payments.claims import approve_claims
from payments.models import Claim, PaymentRun
from payments.tasks import make_documents
from tests.pages.hands import Keyboard, Mouse
from tests.pages.looking import DESKTOP, PHONE, faults
from tests.pages.world import NAMES, SECRET, a_draft, digits
from tests.payments.office import DECIDED, authoriser, london, officer, person, submitted

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs_pango,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]
RUN = "/staff/runs/2026-11-27/"


class Story:
    """Who takes part, where they sit, and what was seen."""

    def __init__(self, browse_as, clock, mailoutbox, hands=Mouse, looks=True, **how):
        self.browse_as, self.clock, self.mailoutbox = browse_as, clock, mailoutbox
        self.hands, self.looks, self.how = hands, looks, how
        self.ada = person("Ada Example", bank=False)
        self.peter = self.named(officer(), Role.PAYMENTS_OFFICER)
        self.sunita = self.named(authoriser(), Role.AUTHORISER)
        self.wrong = []
        self.draft = a_draft(self.ada, day=23)
        thanked = submitted(self.ada, kind="web-content", choice="none")
        approve_claims([thanked.pk], by=officer("second@example.org"), at=DECIDED)

    def named(self, who: Person, role: Role) -> Person:
        who.name = NAMES[role]
        who.save()
        second_factor.set_up(who, SECRET, at=DECIDED, by=None)
        return who

    def sit_down(self, who: Person | None = None):
        page = self.browse_as(who, **self.how)
        return page, self.hands(page)

    def look(self, page, name: str):
        if self.looks:
            javascript = "" if self.how.get("javascript", True) else ", without JavaScript"
            self.wrong += [f"{name}: {fault}" for fault in faults(page, f"main job: {name}{javascript}")]

    def at(self, time: str):
        self.clock.at = london(time)

    def sign_in(self, page, hands, who: Person):
        page.goto("/")
        hands.press("Sign in")
        self.look(page, "sign in: who")
        hands.type(field(page), who.email)
        hands.press("Send me a code")
        self.look(page, "sign in: the code")
        hands.type("Enter your code", code_in(self.mailoutbox[-1].body))
        hands.press("Sign in", kind="button")


def field(page) -> str:
    """The label of the only box of the page."""
    return page.locator("main label").first.inner_text().strip()


def code_in(words: str) -> str:
    return re.search(r"\b[0-9]{3} ?[0-9]{3}\b", words)[0]


@pytest.mark.parametrize(
    "how",
    [
        {"size": DESKTOP},
        {"size": PHONE, "javascript": False},
        {"size": DESKTOP, "hands": Keyboard, "looks": False},
    ],
    ids=["mouse", "phone-without-javascript", "keyboard"],
)
def test_a_claim_becomes_a_payment_on_the_right_friday(browse_as, clock, mailoutbox, celery_worker_process, how):
    story = Story(browse_as, clock, mailoutbox, **how)
    her = claims(story)
    his = asks_for_one_more_thing(story)
    answers(story, *her)
    approves(story, *his)
    prepares(story, *his)
    authorises(story)
    sends(story, *his)
    sees_what_became_of_it(story, *her)
    assert not story.wrong, "\n  ".join(["", *story.wrong])


def claims(story: Story):
    """Monday's activity; on Tuesday Ada signs in and finishes the claim that waits for her."""
    story.at("2026-11-24T10:00")
    page, hands = story.sit_down()
    story.sign_in(page, hands, story.ada)
    story.look(page, "her home, with a claim to finish")
    hands.press("Make your claim")
    story.look(page, "claim: hours")
    hands.type("How many hours did you take part?", "2")
    hands.press("Save and continue")
    story.look(page, "claim: how to be thanked")
    hands.choose("Pay me £30.00 by bank")
    hands.press("Save and continue")
    story.look(page, "claim: any costs?")
    hands.choose("Yes")
    hands.press("Save and continue")
    story.look(page, "claim: kind of cost")
    hands.choose("Train")
    hands.press("Continue")
    story.look(page, "claim: train")
    hands.type("How much did it cost?", "8.40")
    hands.choose("Yes")
    hands.press("Save and continue")
    hands.press("Add another cost")
    hands.choose("Your own car")
    hands.press("Continue")
    story.look(page, "claim: car")
    hands.type("How many miles did you drive?", "12")
    hands.press("Save and continue")
    story.look(page, "claim: two costs")
    text = page.inner_text("main")
    assert "£8.40" in text and "£6.60" in text and "£15.00" in text
    hands.press("That is all, continue")
    story.look(page, "claim: bank details")
    hands.type("Name on the account", "Ada Example")
    hands.type("Sort code", "00-11-22")
    hands.type("Account number", "01234567")
    hands.press("Save and continue")
    story.look(page, "claim: check")
    text = page.inner_text("main")
    assert "£30.00" in text and "£15.00" in text and "£45.00" not in text
    assert "Friday 27 November 2026" in text
    hands.press("Send my claim")
    story.look(page, "claim: sent")
    assert "Friday 27 November 2026" in page.inner_text("main")
    assert Claim.objects.get(pk=story.draft.pk).status == Claim.Status.SUBMITTED
    return page, hands


def asks_for_one_more_thing(story: Story):
    """Peter signs in with both steps, finds her claim first in the queue, and asks one question."""
    story.at("2026-11-24T14:00")
    page, hands = story.sit_down()
    story.sign_in(page, hands, story.peter)
    story.look(page, "sign in: second step")
    hands.type(field(page), digits())
    hands.press("Continue")
    page.wait_for_url("**/staff/")
    story.look(page, "what needs doing")
    hands.press("Claims")
    story.look(page, "claims to decide")
    first = page.locator("main table tbody tr").first
    assert "Ada Example" in first.inner_text()
    hands.press("Ada Example")
    story.look(page, "one claim")
    hands.press("Ask for one more thing")
    story.look(page, "ask for one more thing")
    hands.type("What do you need?", "Please tell us which train you took.")
    hands.press("Return the claim")
    story.look(page, "returned, and no other claim")
    assert Claim.objects.get(pk=story.draft.pk).status == Claim.Status.RETURNED
    return page, hands


def answers(story: Story, page, hands):
    story.at("2026-11-24T16:00")
    page.goto("/me/")
    story.look(page, "her home, with a question")
    assert "Please tell us which train you took." in page.inner_text("main")
    hands.press("See what we need")
    story.look(page, "her claim, with a question")
    if page.get_by_role("button", name="Change your answers and send again").count():
        hands.press("Change your answers and send again")
    story.look(page, "claim: check again")
    hands.press("Send my claim")
    assert Claim.objects.get(pk=story.draft.pk).status == Claim.Status.SUBMITTED


def approves(story: Story, page, hands):
    """The next morning Peter's session has ended, so he signs in again."""
    story.at("2026-11-25T10:00")
    page.goto("/staff/claims/")
    assert "/sign-in/" in page.url
    story.sign_in(page, hands, story.peter)
    hands.type(field(page), digits(30))
    hands.press("Continue")
    page.goto("/staff/claims/")
    hands.press("Ada Example")
    story.look(page, "one claim, sent again")
    hands.press("Approve all of it")
    story.look(page, "approved")
    text = page.inner_text("main")
    assert "£30.00 for the time" in text and "£15.00 for costs" in text
    assert "Friday 27 November 2026" in text


def prepares(story: Story, page, hands):
    """The cut-off has passed at noon."""
    story.at("2026-11-25T12:30")
    hands.press("Payment runs")
    story.look(page, "calendar of runs")
    page.goto(RUN)
    story.look(page, "run: to be prepared")
    hands.press("Prepare this run")
    story.look(page, "run: prepared, for the officer")
    assert PaymentRun.objects.get().prepared_by == story.peter


def authorises(story: Story):
    story.at("2026-11-25T13:00")
    page, hands = story.sit_down(story.sunita)
    page.goto(RUN)
    story.look(page, "run: to be authorised")
    hands.type("Code from your authenticator app", digits())
    hands.press("Authorise this run", kind="button")
    story.look(page, "run: authorised")
    assert PaymentRun.objects.get().authorised_by == story.sunita


def sends(story: Story, page, hands):
    story.at("2026-11-25T13:30")
    page.goto(RUN)
    hands.press("Bank file")
    story.look(page, "run: take the list")
    hands.type("Why do you need this list?", "To upload it to the bank")
    with page.expect_download() as download:
        hands.press("Download the list", stays=True)
    written = download.value.path().read_text(encoding="utf-8-sig")
    assert "45.00" in written and "01234567" in written and "Ada" in written.title()
    page.goto(RUN)
    story.look(page, "run: list taken")
    hands.press("Mark as sent")
    story.look(page, "run: mark as sent")
    hands.press("Yes, all lists were sent")
    story.look(page, "run: sent")
    assert PaymentRun.objects.get().state == "sent"


def sees_what_became_of_it(story: Story, page, hands):
    """Ada sees the day, the two amounts apart, and downloads the card that the worker made."""
    story.at("2026-11-27T09:00")
    page.goto("/me/")
    story.look(page, "her home, paid today")
    assert "27 November 2026" in page.inner_text("main")
    page.goto(f"/claims/{story.draft.reference}/")
    story.look(page, "her claim, paid")
    assert "27 November 2026" in page.inner_text("main")
    make_documents.delay()
    deadline = time.monotonic() + 60
    page.goto("/me/cards/")
    while not page.get_by_role("link", name=re.compile("^Download")).count():
        assert time.monotonic() < deadline, "The worker made no card in a minute."
        time.sleep(0.5)
        page.reload()
    story.look(page, "her card")
    with page.expect_download() as download:
        hands.press("Download", stays=True)
    assert download.value.path().read_bytes().startswith(b"%PDF")

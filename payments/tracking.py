"""What became of claims: each amount that is owed, where it stands, and the day it is paid. Reads only.

A page costs the same few queries whatever the number of claims.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from eligibility.models import Event, Person
from payments.claiming import SET_ASIDE_FOR_PAPER
from payments.models import BankDetails, Claim, Payable, Payment, PaymentLine, PaymentRun
from payments.rules import progress as rules
from payments.rules.calendar import CalendarRules
from payments.rules.progress import Part, Stage, Turn
from payments.runs import office_calendar


@dataclass(frozen=True)
class Tracked:
    """A claim with what became of it."""

    claim: Claim
    parts: list[Part]

    @property
    def turn(self) -> Turn:
        return rules.whose_turn(self.claim.status, self.parts)

    @property
    def sentence(self) -> str:
        claim = self.claim
        card = claim.recognition == "card" and claim.choice != "decline"
        return rules.turn_in_a_sentence(
            claim.status, self.parts, card=card, was_sent=was_sent(claim), on_paper=claim.on_paper
        )


def was_sent(claim: Claim) -> bool:
    return claim.submitted_at is not None


def claims_of(person: Person):
    """A person's claims, newest first, with what a page says about each.

    ``on_paper``: a draft that the office set aside, as the same claim came to it on paper.
    """
    aside = Event.objects.filter(
        about="claim", about_id=OuterRef("pk"), what="claim withdrawn", facts__for=SET_ASIDE_FOR_PAPER
    )
    mine = Claim.objects.filter(person=person).annotate(on_paper=Exists(aside))
    mine = mine.select_related("participation__activity", "charity").prefetch_related("expenses")
    return mine.order_by("-participation__activity__on", "-pk")


def going() -> Q:
    """Claims that wait for somebody: to be sent, to be decided, or to be paid."""
    settled = PaymentLine.objects.filter(payable=OuterRef("pk"), live=True, payment__state=Payment.State.SETTLED)
    unpaid = Payable.objects.filter(claim=OuterRef("pk"), voided_at__isnull=True).filter(~Exists(settled))
    waiting = Q(status__in=[Claim.Status.DRAFT, Claim.Status.RETURNED, Claim.Status.SUBMITTED])
    return waiting | Q(Exists(unpaid), status=Claim.Status.APPROVED)


def still_going(person: Person):
    return claims_of(person).filter(going())


def finished(person: Person):
    """A person's claims that wait for nobody any more."""
    return claims_of(person).exclude(going())


def tracked(claims: list[Claim], *, at: datetime, calendar: CalendarRules | None = None) -> list[Tracked]:
    """The claims with what is owed for each. All are one person's."""
    owed = [claim for claim in claims if claim.status == Claim.Status.APPROVED]
    parts = parts_owed(owed, at=at, calendar=calendar) if owed else {}
    return [Tracked(claim, parts.get(claim.pk, [])) for claim in claims]


def parts_owed(claims: list[Claim], *, at: datetime, calendar: CalendarRules | None) -> dict[int, list[Part]]:
    calendar = calendar or office_calendar(timezone.localdate(at))
    lines = PaymentLine.objects.select_related("payment__run").order_by("pk")
    payables = (
        Payable.objects.filter(claim__in=claims, voided_at__isnull=True)
        .select_related("charity")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .order_by("claim", "-part", "number")
    )
    newest = {each.person_id: each for each in BankDetails.objects.newest_of({claim.person_id for claim in claims})}
    people = {claim.pk: claim.person_id for claim in claims}
    closed = set(PaymentRun.objects.filter(cancelled_at__isnull=True).values_list("pay_on", flat=True))
    found = defaultdict(list)
    for payable in payables:
        details = newest.get(people[payable.claim_id])
        found[payable.claim_id].append(part_of(payable, details, at=at, calendar=calendar, closed=closed))
    return found


def part_of(
    payable: Payable, details: BankDetails | None, *, at: datetime, calendar: CalendarRules, closed: set[date]
) -> Part:
    payments = [line.payment for line in payable.lines.all()]
    live = next((payment for payment in payments if payment.live), None)
    failed_at = max((payment.failed_at for payment in payments if payment.failed_at), default=None)
    stage = rules.stage_of(
        method=payable.method,
        held=payable.held,
        run_state=run_state(live) if live else "",
        came_back=failed_at is not None and not (details and details.entered_at > failed_at),
        has_bank_details=bool(details and details.bank_name),
    )
    if live:
        pay_on = live.run.pay_on
    elif stage is Stage.WAITING:
        ready_at = payable.owed_at
        if payable.method == "bank" and details.usable_from and details.usable_from > ready_at:
            ready_at = details.usable_from
        pay_on = rules.run_that_pays(
            ready_at, now=at, calendar=calendar, closed=closed, not_before=payable.payable_from
        ).pay_on
    else:
        pay_on = None
    return Part(
        part=payable.part,
        method=payable.method,
        amount=payable.amount,
        stage=stage,
        pay_on=pay_on,
        review_on=payable.held_review_on,
        charity=payable.charity.name if payable.charity else "",
    )


def run_state(payment) -> str:
    """A payment that was settled by itself is paid, whatever its run waits for."""
    return "settled" if payment.state == "settled" else payment.run.state


def history_of(claim: Claim) -> list[Event]:
    """What happened to a claim, as far as it is the person's to know, oldest first."""
    told = Event.objects.filter(about="claim", about_id=claim.pk, what__in=rules.HISTORY)
    return list(told.select_related("words").order_by("at", "pk"))


def told_last(claims: list[Claim], what: str) -> dict[int, str]:
    """By claim: the words staff wrote with the last deed of this name."""
    events = Event.objects.filter(about="claim", about_id__in=[claim.pk for claim in claims], what=what)
    told = events.filter(words__isnull=False).order_by("at", "pk").values_list("about_id", "words__text")
    return dict(told)


# Payments by tax year -------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaidLine:
    """One amount that was paid, or is on its way."""

    pay_on: date
    what: str  # the activity's neutral title
    reference: str  # the claim's
    kind: str  # bank, voucher, charity: for time; or costs
    amount: Decimal
    charity: str
    is_paid: bool
    chose_less: bool


@dataclass(frozen=True)
class TaxYear:
    """A person's payments of one tax year: time and costs apart, and what went to charities."""

    begins: int
    lines: list[PaidLine]

    def sum_of(self, *kinds: str) -> Decimal:
        return sum((line.amount for line in self.lines if line.kind in kinds), Decimal("0.00"))

    @property
    def words(self) -> str:
        return rules.words_for_tax_year(self.begins)

    @property
    def by_bank(self) -> Decimal:
        return self.sum_of("bank")

    @property
    def by_voucher(self) -> Decimal:
        return self.sum_of("voucher")

    @property
    def for_time(self) -> Decimal:
        """Vouchers count like money (S50); what was given to a charity never came to the person."""
        return self.sum_of("bank", "voucher")

    @property
    def given(self) -> Decimal:
        return self.sum_of("charity")

    @property
    def costs(self) -> Decimal:
        return self.sum_of("costs")


def tax_years_of(person: Person) -> list[TaxYear]:
    """What was paid to or for a person by the runs that were sent, newest tax year first."""
    lines = (
        PaymentLine.objects.filter(live=True, payable__claim__person=person, payment__run__sent_at__isnull=False)
        .select_related("payment__run", "payment__charity", "payable__claim__participation__activity")
        .order_by("-payment__run__pay_on", "pk")
    )
    years = defaultdict(list)
    for line in lines:
        payment, payable = line.payment, line.payable
        years[rules.tax_year_of(payment.run.pay_on)].append(
            PaidLine(
                pay_on=payment.run.pay_on,
                what=payable.claim.participation.activity.title,
                reference=payable.claim.reference,
                kind="costs" if payable.part == Payable.Part.EXPENSES else payable.method,
                amount=payable.amount,
                charity=payment.charity.name if payment.charity else "",
                is_paid=payment.state == "settled",
                chose_less=payable.part == Payable.Part.RECOGNITION and payable.claim.choice == "lower",
            )
        )
    return [TaxYear(begins, paid) for begins, paid in sorted(years.items(), reverse=True)]

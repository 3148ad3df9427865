"""What the money should do, told a second time in plain Python: no database, none of the product's code.

Every deed returns the clauses for which it must be refused. When there are none, it has happened here too.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

# Copied from the calendar on the wall, not from the product: the Friday that is meant, the day people are paid,
# the day of the cut-off. Christmas and Good Friday each move one.
PAY_DAYS = {
    date.fromisoformat(nominal): (date.fromisoformat(pay_on), datetime.fromisoformat(f"{cut_off}T12:00").replace(tzinfo=LONDON))
    for nominal, pay_on, cut_off in [
        ("2026-11-13", "2026-11-13", "2026-11-11"),
        ("2026-11-27", "2026-11-27", "2026-11-25"),
        ("2026-12-11", "2026-12-11", "2026-12-09"),
        ("2026-12-25", "2026-12-24", "2026-12-22"),
        ("2027-01-08", "2027-01-08", "2027-01-06"),
        ("2027-01-29", "2027-01-29", "2027-01-27"),
        ("2027-02-12", "2027-02-12", "2027-02-10"),
        ("2027-02-26", "2027-02-26", "2027-02-24"),
        ("2027-03-12", "2027-03-12", "2027-03-10"),
        ("2027-03-26", "2027-03-25", "2027-03-23"),
        ("2027-04-09", "2027-04-09", "2027-04-07"),
        ("2027-04-30", "2027-04-30", "2027-04-28"),
    ]
}  # fmt: skip
METHODS = ("bank", "voucher", "charity")
TRAVELS_BY = {"payment": "bank", "lower": "bank", "voucher": "voucher", "donate": "charity"}
# Whose time may be worth more later: not of who asked for less, or for nothing.
TOPPED_UP = ("payment", "voucher", "donate")


@dataclass
class Asked:
    """A claim, and what was approved of it."""

    person: int
    entered_by: int | None
    part_in: int
    choice: str
    full: Decimal | None
    lower: Decimal | None
    charity: int | None
    choices: tuple[str, ...]
    card: bool
    costs: dict[int, Decimal]
    approved_costs: dict[int, Decimal] = field(default_factory=dict)
    status: str = "draft"
    decided_by: int | None = None
    decided_at: datetime | None = None


@dataclass(eq=False)
class Owed:
    claim: int
    part: str
    number: int
    amount: Decimal
    method: str
    charity: int | None
    owed_at: datetime
    held: str = ""
    voided: bool = False
    payments: list["Paid"] = field(default_factory=list)
    decided_by: int | None = None  # of a top-up
    row: int | None = None  # its row in the product, once there is one

    @property
    def live(self) -> "Paid | None":
        return next((payment for payment in self.payments if payment.live), None)


@dataclass(eq=False)
class Paid:
    run: "Run"
    method: str
    payee: int
    amount: Decimal
    details: int | None
    owed: list[Owed]
    state: str = "pending"

    @property
    def live(self) -> bool:
        return self.state in ("pending", "settled")


@dataclass(eq=False)
class Run:
    nominal_on: date
    pay_on: date
    cut_off: datetime
    prepared_by: int | None = None
    covers_from: datetime | None = None
    claims_covered: int = 0
    cards_covered: int = 0
    payments: list[Paid] = field(default_factory=list)
    blocked: list[tuple[Owed, str]] = field(default_factory=list)
    held: list[tuple[Owed, str]] = field(default_factory=list)
    state: str = "prepared"

    @property
    def figures(self) -> dict[str, tuple[int, Decimal]]:
        amounts = {method: [paid.amount for paid in self.payments if paid.method == method] for method in METHODS}
        return {method: (len(several), sum(several, Decimal(0))) for method, several in amounts.items()}


@dataclass
class Details:
    row: int
    usable_from: datetime | None
    readable: bool
    entered_by: int | None


@dataclass
class Card:
    part_in: int
    due_at: datetime
    cancelled: bool = False


class Oracle:
    def __init__(self, authorisers: set[int]):
        self.authorisers = authorisers
        self.claims: dict[int, Asked] = {}
        self.owed: list[Owed] = []
        self.runs: list[Run] = []
        self.details: dict[int, list[Details]] = defaultdict(list)
        self.cards: list[Card] = []

    # What stands

    def standing_runs(self) -> list[Run]:
        return [run for run in self.runs if run.state != "cancelled"]

    def run_of(self, on: date) -> Run | None:
        return next((run for run in self.standing_runs() if on in (run.pay_on, run.nominal_on)), None)

    def closed(self, at: datetime) -> set[str]:
        return {"closed-run"} if any(at <= run.cut_off for run in self.standing_runs()) else set()

    def owed_on(self, claim: int) -> list[Owed]:
        return [owed for owed in self.owed if owed.claim == claim and not owed.voided]

    def place(self, owed: Owed, at: datetime) -> str:
        """Promise 2: everything owed is in exactly one of these places."""
        if owed.voided:
            return "voided"
        if owed.live:
            return "settled" if owed.live.state == "settled" else "in a payment"
        return f"held by {owed.held}" if owed.held else self.obstacle(owed, at) or "waiting"

    def obstacle(self, owed: Owed, at: datetime) -> str | None:
        if owed.method != "bank":
            return None
        known = self.details[self.claims[owed.claim].person]
        if not known:
            return "no-bank-details"
        if known[-1].usable_from and known[-1].usable_from > at:
            return "bank-details-cooling-off"
        return None if known[-1].readable else "unreadable-account-name"

    # Claims

    def not_from(self, claims: list[int], *statuses: str) -> set[str]:
        return set() if all(self.claims[claim].status in statuses for claim in claims) else {"moves"}

    def own_or_entered(self, claims: list[int], by: int) -> set[str]:
        hands = {hand for claim in claims for hand in (self.claims[claim].person, self.claims[claim].entered_by)}
        return {"four-eyes"} if by in hands else set()

    def submit(self, claim: int, by: int, at: datetime) -> set[str]:
        against = self.not_from([claim], "draft", "returned")
        against |= set() if by in (self.claims[claim].person, self.claims[claim].entered_by) else {"own"}
        if not against:
            self.decide(claim, "submitted", None, None)
        return against

    def decide(self, claim: int, status: str, by: int | None, at: datetime | None):
        asked = self.claims[claim]
        asked.status, asked.decided_by, asked.decided_at = status, by, at

    def against_approving(self, claims: list[int], by: int, at: datetime) -> set[str]:
        return self.not_from(claims, "submitted") | self.own_or_entered(claims, by) | self.closed(at)

    def approve(self, claims: list[int], by: int, at: datetime) -> set[str]:
        against = self.against_approving(claims, by, at)
        if against:
            return against
        for claim in sorted(claims):
            asked = self.claims[claim]
            self.decide(claim, "approved", by, at)
            asked.approved_costs = {**asked.costs, **asked.approved_costs}
            self.owe_time(claim, at)
            costs = sum(asked.approved_costs.values(), Decimal(0))
            if costs:
                self.owed.append(Owed(claim, "expenses", 0, costs, "bank", None, at))
            self.card_for(asked, at)
        return set()

    def card_for(self, asked: Asked, at: datetime):
        """Due once, to who is thanked by a card and did not decline it."""
        standing = [card for card in self.cards if card.part_in == asked.part_in and not card.cancelled]
        if asked.choice == "decline":
            for card in standing:
                card.cancelled = True
        elif asked.card and not standing:
            self.cards.append(Card(asked.part_in, at))

    def owe_time(self, claim: int, at: datetime, held: str = ""):
        asked = self.claims[claim]
        method = TRAVELS_BY.get(asked.choice)
        if method:
            amount = asked.lower if asked.choice == "lower" else asked.full
            self.owed.append(Owed(claim, "recognition", 0, amount, method, asked.charity, at, held))

    def approve_part(self, claim: int, amounts: dict[int, tuple[Decimal, str]], by: int, at: datetime) -> set[str]:
        against = self.against_approving([claim], by, at)
        against |= set() if all(reason for _, reason in amounts.values()) else {"S7"}
        if not against:
            self.claims[claim].approved_costs = {cost: amount for cost, (amount, _) in amounts.items()}
            self.approve([claim], by, at)
        return against

    def return_or_refuse(self, claim: int, deed: str, reason: str, by: int, at: datetime) -> set[str]:
        against = self.against_approving([claim], by, at)
        against |= set() if reason else {"S7"}
        if not against:
            self.decide(claim, {"return": "returned", "refuse": "refused"}[deed], by, at)
        return against

    def covered(self, claim: int) -> set[str]:
        """A run that stands covers the claim, or paid something of it."""
        asked = self.claims[claim]
        if asked.status != "approved":
            return set()
        paid = any(p.run.state != "cancelled" for o in self.owed if o.claim == claim for p in o.payments)
        return {"closed-run"} if paid else self.closed(asked.decided_at)

    def undo(self, claim: int, by: int, at: datetime) -> set[str]:
        against = self.not_from([claim], "approved") | self.own_or_entered([claim], by) | self.covered(claim)
        if not against:
            self.stop_owing(claim)
            self.claims[claim].approved_costs = {}
            self.decide(claim, "submitted", None, None)
        return against

    def withdraw(self, claim: int, by: int, at: datetime) -> set[str]:
        against = self.not_from([claim], "draft", "submitted", "returned", "approved") | self.covered(claim)
        if by != self.claims[claim].person:
            against |= {"own"}
        if not against:
            self.stop_owing(claim)
            self.claims[claim].status = "withdrawn"
        return against

    def stop_owing(self, claim: int):
        for owed in self.owed_on(claim):
            owed.voided = True
        for card in self.cards:
            card.cancelled |= card.part_in == self.claims[claim].part_in

    # What is owed

    def not_free(self, several: list[Owed]) -> set[str]:
        voided = {"voided"} if any(owed.voided for owed in several) else set()
        return voided | ({"closed-run"} if any(owed.live for owed in several) else set())

    def hold(self, owed: Owed, how: str, reason: str) -> set[str]:
        against = self.not_free([owed]) or ({"hold"} if how == "staff" and not reason else set())
        if not against:
            owed.held = how
        return against

    def release(self, owed: Owed) -> set[str]:
        against = self.not_free([owed]) or (set() if owed.held else {"hold"})
        if not against:
            owed.held = ""
        return against

    def void(self, owed: Owed, reason: str) -> set[str]:
        against = self.not_free([owed]) or (set() if reason else {"void"})
        if not against:
            owed.voided = True
        return against

    def change_choice(
        self, claim: int, choice: str, lower: Decimal | None, charity: int | None, at: datetime
    ) -> set[str]:
        asked = self.claims[claim]
        if asked.status != "approved":
            return {"moves"}
        now = [owed for owed in self.owed_on(claim) if (owed.part, owed.number) == ("recognition", 0)]
        against = self.not_free(now) | self.closed(at)
        if against:
            return against
        worth = {"payment": asked.full, "voucher": asked.full, "donate": asked.full, "lower": lower or 0}.get(choice, 0)
        if choice not in asked.choices:
            against.add("S31")
        if choice == "lower" and not lower or worth is None or worth > sum(owed.amount for owed in now):
            against.add("S41")
        if choice == "donate" and charity is None:
            against.add("S57")
        if not against:
            more = [o for o in self.owed_on(claim) if o.part == "recognition" and o.number and not o.live]
            for owed in now + more:
                owed.voided = True
            asked.choice, asked.lower, asked.charity = choice, lower, charity
            self.owe_time(claim, at, held=now[0].held if now else "")
            for o in more if choice in TOPPED_UP else []:  # they follow the choice
                method, to = TRAVELS_BY[choice], asked.charity if choice == "donate" else None
                self.owed.append(
                    Owed(claim, o.part, o.number, o.amount, method, to, at, o.held, decided_by=o.decided_by)
                )
            self.card_for(asked, at)
        return against

    def top_up(self, claim: int, part: str, amount: Decimal, by: int, at: datetime) -> set[str]:
        asked = self.claims[claim]
        against = self.not_from([claim], "approved") | self.own_or_entered([claim], by) | self.closed(at)
        against |= {"S26"} if amount <= 0 else set()
        if part == "recognition" and asked.choice not in TOPPED_UP:
            against.add("S41")
        if not against:
            number = 1 + max((o.number for o in self.owed if (o.claim, o.part) == (claim, part)), default=0)
            method = TRAVELS_BY[asked.choice] if part == "recognition" else "bank"
            charity = asked.charity if method == "charity" else None
            self.owed.append(Owed(claim, part, number, amount, method, charity, at, decided_by=by))
        return against

    # Runs

    def propose(self, nominal_on: date, by: int | None) -> Run:
        """The run as it would be now."""
        pay_on, cut_off = PAY_DAYS[nominal_on]
        run = Run(nominal_on, pay_on, cut_off, by)
        run.covers_from = max(
            (other.cut_off for other in self.standing_runs() if other.cut_off < cut_off), default=None
        )

        def in_it(at: datetime) -> bool:
            return at <= cut_off and (run.covers_from is None or at > run.covers_from)

        decided = [claim for claim in self.claims.values() if claim.status == "approved"]
        run.claims_covered = sum(in_it(claim.decided_at) for claim in decided)
        run.cards_covered = sum(in_it(card.due_at) for card in self.cards if not card.cancelled)
        shares = defaultdict(list)
        for owed in self.owed:
            if owed.owed_at <= cut_off:
                place = self.place(owed, cut_off)
                if place == "waiting":
                    payee = owed.charity if owed.method == "charity" else self.claims[owed.claim].person
                    shares[owed.method, payee].append(owed)
                elif place.startswith("held by"):
                    run.held.append((owed, owed.held))
                elif place not in ("voided", "in a payment", "settled"):
                    run.blocked.append((owed, place))
        for (method, payee), several in shares.items():
            details = self.details[payee][-1].row if method == "bank" else None
            amount = sum((owed.amount for owed in several), Decimal(0))
            run.payments.append(Paid(run, method, payee, amount, details, several))
        return run

    def named(self, on: date) -> date | None:
        return next((nominal for nominal, (pay_on, _) in PAY_DAYS.items() if on in (nominal, pay_on)), None)

    def prepare(self, on: date, by: int | None, at: datetime) -> set[str]:
        if self.run_of(on):
            return set()
        nominal = self.named(on)
        if nominal is None:
            return {"PAY-1"}
        if at < PAY_DAYS[nominal][1]:
            return {"cut-off"}
        run = self.propose(nominal, by)
        for paid in run.payments:
            for owed in paid.owed:
                owed.payments.append(paid)
        self.runs.append(run)
        return set()

    def due(self, at: datetime) -> date | None:
        """What the clock prepares at this moment: the pay day, or nothing."""
        over = [(cut_off, pay_on) for pay_on, cut_off in PAY_DAYS.values() if cut_off < at]
        _, pay_on = max(over)
        return None if pay_on < at.astimezone(LONDON).date() or self.run_of(pay_on) else pay_on

    def not_there(self, on: date) -> set[str]:
        if self.run_of(on):
            return set()
        return {"run"} if self.named(on) else {"PAY-1"}

    def hands_in(self, run: Run) -> set[int]:
        """Everybody who decided, entered or is paid something in this run, or prepared it."""
        several = [owed for paid in run.payments for owed in paid.owed]
        claims = [self.claims[owed.claim] for owed in several]
        used = {paid.details for paid in run.payments}
        enterers = {one.entered_by for several in self.details.values() for one in several if one.row in used}
        deciders = {owed.decided_by for owed in several}
        return {run.prepared_by, *enterers, *deciders, *(c.decided_by for c in claims), *(c.person for c in claims)} - {
            None
        }

    def authorise(self, on: date, by: int) -> set[str]:
        against = self.not_there(on)
        if not against:
            run = self.run_of(on)
            against = {"moves"} if run.state != "prepared" else set()
            against |= {"four-eyes"} if by in self.hands_in(run) else set()
            against |= {"role"} if by not in self.authorisers else set()
            run.state = run.state if against else "authorised"
        return against

    def move_run(self, on: date, to: str, *before: str, reason: str = "because") -> set[str]:
        against = self.not_there(on)
        if not against:
            run = self.run_of(on)
            against = {"moves"} if run.state not in before else set()
            against |= set() if reason else {"cancel"}
            if not against:
                run.state = to
                for paid in run.payments:
                    if to in ("cancelled", "settled") and paid.state == "pending":
                        paid.state = to
        return against

    def fail(self, paid: Paid, code: str) -> set[str]:
        against = {"moves"} if not paid.live or paid.run.state not in ("sent", "settled") else set()
        against |= set() if code else {"failed"}
        if not against:
            paid.state = "failed"
        return against


def after_the_cut_off(moment: datetime) -> datetime:
    """An hour past the first cut-off that is still to come."""
    return min(cut_off for _, cut_off in PAY_DAYS.values() if cut_off >= moment) + timedelta(hours=1)

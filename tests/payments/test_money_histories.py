"""Q1: random histories of the whole money life by the real operations, next to an oracle in plain Python.

After every step each promise of the audit holds, and every claim, payable, payment and run is where the oracle
says. What was refused, was refused for the clauses the oracle names. A failing history is printed at its shortest.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from activities.models import Activity, Participation
from eligibility.models import Person
from eligibility.reasons import Refused
from payments import claims, payables, runs
from payments.audit import CHECKS, audit_money
from payments.models import Charity, Claim, Expense, Payable, Payment, PaymentRun
from payments.rules.claiming import QUESTIONS
from tests.payments.money_oracle import METHODS, PAY_DAYS, Asked, Details, Oracle, Run, after_the_cut_off
from tests.payments.office import authoriser, give_bank_details, london, officer, person, surrey

pytestmark = pytest.mark.django_db

START = london("2026-12-01T09:00")
LAST_DAY = london("2027-04-20T09:00")
# (kind of activity, its band): each kind of recognition there is, by the hour more often than the rest.
KINDS = [
    ("interview-panel", "hourly", Decimal("30.00")),
    ("interview-panel", "hourly", Decimal("30.00")),
    ("peer-review", "voucher", Decimal("15.00")),
    ("web-content", "thank-you-card", None),
]
CHOICES = {
    "hourly": ("payment", "payment", "payment", "voucher", "lower", "donate", "donate", "decline"),
    "voucher": ("voucher", "voucher", "decline"),
    "thank-you-card": ("none", "none", "decline"),
}

which = st.integers(0, 15)
somebody = st.integers(0, 7)
when = st.sampled_from(["now", "now", "now", "now", "now", "at the last cut-off", "a day ago", "a month ago"])
words = st.sampled_from(["because", "because", "because", "because", "because", ""])
pence = st.sampled_from([Decimal("0.01"), Decimal("4.10"), Decimal("12.34"), Decimal("30.00"), Decimal("0.00")])


class Office:
    """The people and the policy, made once. Every history starts from here and is rolled back to here."""

    def __init__(self):
        self.policy = surrey()
        # Four who are paid, and one of them on the staff as well; then the rest of the staff.
        self.people = [person(name, bank=False) for name in ("Ada", "Ben", "Cai")] + [officer("both@example.org")]
        self.people += [officer("one@example.org"), officer("two@example.org")]
        self.people += [authoriser("three@example.org"), authoriser("four@example.org")]
        self.charities = [
            Charity.objects.create(name=name, key=Charity.key_of(name)) for name in ("Hospice", "Library")
        ]
        self.paid = self.people[:4]


def one_query_for_all_promises():
    """The audit's checks as one prepared statement: the same queries, planned once, so that every step can ask them."""
    told = " UNION ALL ".join(
        f"SELECT {number}, found.id::text FROM ({check.query}) AS found (id)"
        for number, check in enumerate(CHECKS)
        if check.promise != 6  # reads the columns of tables, which no step changes
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_prepared_statements WHERE name = 'every_promise'")
        if not cursor.fetchone():
            cursor.execute(f"PREPARE every_promise AS {told}", [])


WHERE_EVERYTHING_IS = """
    SELECT payable.id, payable.claim_id, payable.part, payable.number, payable.amount, payable.method,
        CASE
            WHEN payable.voided_at IS NOT NULL THEN 'voided'
            WHEN payment.state = 'settled' THEN 'settled'
            WHEN payment.id IS NOT NULL THEN 'in a payment'
            WHEN payable.held <> '' THEN 'held by ' || payable.held
        END
    FROM payments_payable AS payable
    LEFT JOIN payments_paymentline AS line ON line.payable_id = payable.id AND line.live
    LEFT JOIN payments_payment AS payment ON payment.id = line.payment_id
    ORDER BY payable.id
"""


class Histories(RuleBasedStateMachine):
    office: Office

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.oracle = Oracle(authorisers={one.pk for one in self.office.people[6:]})
        self.now = START
        self.rows: dict[int, PaymentRun] = {}  # the product's row of each run of the oracle, by position

    def teardown(self):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            assert audit_money()["broken"] == []
            self.every_run_is_as_it_was_born()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    # How a step is made

    def person(self, number: int) -> Person:
        return self.office.people[number]

    def moment(self, when: str) -> datetime:
        if when == "at the last cut-off":
            return max(cut_off for _, cut_off in PAY_DAYS.values() if cut_off <= self.now)
        before = {"now": timedelta(0), "a day ago": timedelta(days=1), "a month ago": timedelta(days=15)}
        return self.now - before[when]

    def pick(self, number: int, several, fits=lambda one: True):
        """One of several: mostly one that fits the deed, sometimes any, so that refusals are met too."""
        several = list(several)
        fitting = [one for one in several if fits(one)]
        chosen = several if number == 15 or not fitting else fitting
        return chosen[number % len(chosen)]

    def claim_that_is(self, number: int, *statuses: str) -> int:
        return self.pick(number, self.oracle.claims, lambda claim: self.oracle.claims[claim].status in statuses)

    def owed_that(self, number: int, fits) -> "object":
        return self.pick(number, self.oracle.owed, lambda owed: not owed.voided and not owed.live and fits(owed))

    def done(self, against: set[str], deed, *args, **more):
        """Do it; the product refuses exactly when the oracle does, and for the same clauses."""
        try:
            with transaction.atomic():
                result = deed(*args, **more)
        except Refused as refused:
            assert {reason.clause for reason in refused.reasons} == against, str(refused)
            return None
        assert against == set(), f"not refused, though it should be: {against}"
        return result

    # People

    @initialize(
        sizes=st.lists(st.tuples(st.integers(0, 3), which, which, pence), min_size=1, max_size=4),
        known=st.integers(0, 15),
    )
    def an_office_with_some_claims(self, sizes, known):
        for number in range(4):
            if known >> number & 1:
                self.bank_details(number, True, 7, True)
        for who, kind, choice, cost in sizes:
            self.a_claim(who, kind, choice, cost, None, True)
        self.new_rows()

    @rule(
        who=st.integers(0, 3),
        readable=st.sampled_from([True, True, True, False]),
        entered_by=somebody,
        cooling=st.booleans(),
    )
    def bank_details(self, who, readable, entered_by, cooling):
        """The first details count at once; changed ones cool off for three days."""
        known = self.oracle.details[self.person(who).pk]
        usable_from = self.now + timedelta(days=3) if known and cooling else None
        made = give_bank_details(
            self.person(who),
            entered_by=self.person(entered_by),
            usable_from=usable_from,
            name_on_account="A Name" if readable else "🌻",
        )
        known.append(Details(made.pk, usable_from, readable, self.person(entered_by).pk))

    # Claims

    @rule(who=st.integers(0, 3), kind=which, choice=which, cost=pence, typist=st.none() | somebody, send=st.booleans())
    def a_claim(self, who, kind, choice, cost, typist, send):
        """Somebody fills in a claim, or staff type it for them; after a refusal, again for the same activity."""
        owner = self.person(who)
        slug, band, full = KINDS[kind % len(KINDS)]
        gone = [c.part_in for c in self.oracle.claims.values() if (c.person, c.full) == (owner.pk, full)]
        again = [
            part for part in gone
            if all(c.status in ("refused", "withdrawn") for c in self.oracle.claims.values() if c.part_in == part)
        ]  # fmt: skip
        part = Participation.objects.get(pk=again[0]) if again else self.a_part_in(slug, band, owner)
        choice = CHOICES[band][choice % len(CHOICES[band])]
        lower = Decimal("12.34") if choice == "lower" else None
        charity = self.office.charities[kind % 2] if choice == "donate" else None
        made = Claim.objects.create(
            participation=part, person=owner, framework_version=self.office.policy, band=band,
            recognition={"hourly": "hourly", "voucher": "voucher", "thank-you-card": "card"}[band],
            rate=part.rate, agreed_hours=2, full_amount=full, hours=2, choice=choice, lower_amount=lower, charity=charity,
            declined_as="no-thanks" if choice == "decline" else "", answered=list(QUESTIONS),
            entered_by=None if typist is None else self.person(typist),
        )  # fmt: skip
        costs = {}
        for amount in [cost, Decimal("2.00")] if cost else []:
            costs[Expense.objects.create(claim=made, mode="bus", amount_asked=amount).pk] = amount
        self.oracle.claims[made.pk] = Asked(
            person=owner.pk, entered_by=made.entered_by_id, part_in=part.pk, choice=choice, full=full, lower=lower,
            charity=charity and charity.pk, choices=CHOICES[band], card=band == "thank-you-card", costs=costs,
        )  # fmt: skip
        if send:
            self.done(
                self.oracle.submit(made.pk, owner.pk, self.now), claims.submit_claim, made.pk, by=owner, at=self.now
            )

    def a_part_in(self, kind: str, band: str, who: Person) -> Participation:
        activity = Activity.objects.create(
            framework_version=self.office.policy,
            kind=kind,
            title="A morning",
            on=START,
            session_hours=2,
            agreed_hours=2,
        )
        return Participation.objects.create(person=who, activity=activity, band=band, rate=Decimal("15.00"))

    @rule(number=which, when=when)
    def submit(self, number, when):
        claim, at = self.claim_that_is(number, "draft", "returned"), self.moment(when)
        by = self.person(0)
        self.done(self.oracle.submit(claim, by.pk, at), claims.submit_claim, claim, by=by, at=at)

    @rule(numbers=st.lists(which, min_size=1, max_size=4), by=somebody, when=when)
    def approve(self, numbers, by, when):
        several = sorted({self.claim_that_is(number, "submitted") for number in numbers})
        by, at = self.person(by), self.moment(when)
        self.done(self.oracle.approve(several, by.pk, at), claims.approve_claims, several, by=by, at=at)

    @rule(by=somebody, when=when)
    def approve_all_that_wait(self, by, when):
        by, at = self.person(by), self.moment(when)
        several = [
            pk for pk, asked in self.oracle.claims.items()
            if asked.status == "submitted" and by.pk not in (asked.person, asked.entered_by)
        ]  # fmt: skip
        self.done(self.oracle.approve(several, by.pk, at), claims.approve_claims, several, by=by, at=at)

    @precondition(lambda self: any(asked.costs for asked in self.oracle.claims.values()))
    @rule(
        number=which, amount=st.sampled_from([Decimal("0.00"), Decimal("0.01")]), reason=words, by=somebody, when=when
    )
    def approve_part(self, number, amount, reason, by, when):
        with_costs = [pk for pk, asked in self.oracle.claims.items() if asked.costs]
        claim = self.pick(number, with_costs, lambda pk: self.oracle.claims[pk].status == "submitted")
        by, at = self.person(by), self.moment(when)
        amounts = {min(self.oracle.claims[claim].costs): (amount, reason)}
        against = self.oracle.approve_part(claim, amounts, by.pk, at)
        self.done(against, claims.approve_part, claim, amounts, by=by, at=at)

    @rule(number=which, deed=st.sampled_from(["return", "refuse"]), reason=words, by=somebody, when=when)
    def return_or_refuse(self, number, deed, reason, by, when):
        claim, by, at = self.claim_that_is(number, "submitted"), self.person(by), self.moment(when)
        against = self.oracle.return_or_refuse(claim, deed, reason, by.pk, at)
        decide = {"return": claims.return_claim, "refuse": claims.refuse_claim}[deed]
        self.done(against, decide, claim, reason, by=by, at=at)

    @rule(number=which, by=somebody, when=when)
    def undo(self, number, by, when):
        claim, by, at = self.claim_that_is(number, "approved"), self.person(by), self.moment(when)
        self.done(self.oracle.undo(claim, by.pk, at), claims.undo_approval, claim, "a mistake", by=by, at=at)

    @rule(number=which, theirs=st.booleans(), when=when)
    def withdraw(self, number, theirs, when):
        claim, at = self.claim_that_is(number, "submitted", "returned", "approved"), self.moment(when)
        by = Person.objects.get(pk=self.oracle.claims[claim].person) if theirs else self.person(0)
        self.done(self.oracle.withdraw(claim, by.pk, at), claims.withdraw_claim, claim, by=by, at=at)

    @rule(number=which, choice=which, lower=st.sampled_from([None, Decimal("5.00"), Decimal("12.34"), Decimal("31.00")]),
          charity=st.sampled_from([None, 0, 1]), when=when)  # fmt: skip
    def change_choice(self, number, choice, lower, charity, when):
        claim, at = self.claim_that_is(number, "approved"), self.moment(when)
        choice = (*CHOICES["hourly"], "none")[choice % 9]
        lower = lower if choice == "lower" else None
        charity = self.office.charities[charity] if choice == "donate" and charity is not None else None
        against = self.oracle.change_choice(claim, choice, lower, charity and charity.pk, at)
        self.done(
            against, payables.change_choice, claim, choice, lower_amount=lower, charity=charity,
            declined_as="voluntary" if choice == "decline" else "", by=self.person(0), at=at,
        )  # fmt: skip

    @rule(number=which, part=st.sampled_from(["recognition", "expenses"]), amount=pence, by=somebody, when=when)
    def top_up(self, number, part, amount, by, when):
        claim, by, at = self.claim_that_is(number, "approved"), self.person(by), self.moment(when)
        against = self.oracle.top_up(claim, part, amount, by.pk, at)
        self.done(against, payables.top_up, claim, part, amount, "More hours.", by=by, at=at)

    # What is owed

    @precondition(lambda self: self.oracle.owed)
    @rule(number=which, reason=words, by=somebody, when=when)
    def hold_by_staff(self, number, reason, by, when):
        owed = self.owed_that(number, lambda owed: True)
        against, review_on = self.oracle.hold(owed, "staff", reason), date(2027, 1, 1)
        self.done(
            against, payables.hold_by_staff, owed.row, reason, review_on, by=self.person(by), at=self.moment(when)
        )

    @precondition(lambda self: self.oracle.owed)
    @rule(number=which, by=somebody, when=when)
    def hold_for_person(self, number, by, when):
        owed = self.owed_that(number, lambda owed: True)
        against = self.oracle.hold(owed, "person", "")
        self.done(against, payables.hold_for_person, owed.row, by=self.person(by), at=self.moment(when))

    @precondition(lambda self: any(owed.held for owed in self.oracle.owed))
    @rule(number=which, by=somebody, when=when)
    def release(self, number, by, when):
        owed = self.owed_that(number, lambda owed: owed.held)
        self.done(self.oracle.release(owed), payables.release, owed.row, by=self.person(by), at=self.moment(when))

    @precondition(lambda self: self.oracle.owed)
    @rule(number=which, reason=words, by=somebody, when=when)
    def void(self, number, reason, by, when):
        owed = self.owed_that(number, lambda owed: True)
        against = self.oracle.void(owed, reason)
        self.done(against, payables.void, owed.row, reason, by=self.person(by), at=self.moment(when))

    # Runs

    @rule(hours=st.sampled_from([1, 5, 24, 72, 24 * 9]))
    def time_passes(self, hours):
        self.now = min(self.now + timedelta(hours=hours), LAST_DAY)

    @rule(by=st.none() | somebody, ticks=st.booleans())
    def the_next_cut_off_passes_and_the_run_is_prepared(self, by, ticks):
        self.now = min(after_the_cut_off(self.now), LAST_DAY)
        self.the_clock_ticks() if ticks else self.prepare(self.last_nominal(), by, "now")

    def last_nominal(self) -> int:
        over = [number for number, (_, cut_off) in enumerate(PAY_DAYS.values()) if cut_off < self.now]
        return over[-1]

    def the_clock_ticks(self):
        on = self.oracle.due(self.now)
        if on:
            assert self.oracle.prepare(on, None, self.now) == set()
        made = runs.prepare_due_run(at=self.now)
        assert (made and made.pay_on) == on
        if made:
            self.keep(made)

    @rule(number=st.integers(0, len(PAY_DAYS) - 1), by=st.none() | somebody, when=when)
    def prepare(self, number, by, when):
        nominal, (pay_on, _) = list(PAY_DAYS.items())[number]
        on, by, at = (nominal, pay_on)[number % 2], by if by is None else self.person(by), self.moment(when)
        there = self.oracle.run_of(on)
        against = self.oracle.prepare(on, by and by.pk, at)
        run = self.done(against, runs.prepare_run, on, by=by, at=at)
        if there:
            assert run.pk == self.row_of(there).pk, "preparing again gave another run"
        elif run:
            self.keep(run)

    def keep(self, run: PaymentRun):
        self.rows[len(self.oracle.runs) - 1] = run
        self.born_as_foretold(run, self.oracle.runs[-1])
        told = self.oracle.runs[-1]
        kept = run.payments.values_list("method", "person_id", "charity_id", "amount", "bank_details_id", "id")
        lines = Payment.objects.filter(run=run).values_list("id", "lines__payable")
        paid = {
            (m, p or c): (amount, details, {o for i, o in lines if i == pk}) for m, p, c, amount, details, pk in kept
        }
        assert len(paid) == len(kept)
        assert paid == {(p.method, p.payee): (p.amount, p.details, {o.row for o in p.owed}) for p in told.payments}

    def born_as_foretold(self, run: PaymentRun, told: Run):
        assert (run.nominal_on, run.pay_on, run.cut_off_at) == (told.nominal_on, told.pay_on, told.cut_off)
        assert (run.covers_from, run.claims_covered, run.cards_covered) == (
            told.covers_from, told.claims_covered, told.cards_covered
        )  # fmt: skip
        figures = {method: (getattr(run, f"{method}_payments"), getattr(run, f"{method}_total")) for method in METHODS}
        assert figures == told.figures
        assert {(one["payable"], one["reason"]) for one in run.blocked} == {
            (owed.row, why) for owed, why in told.blocked
        }
        assert {(one["payable"], one["by"]) for one in run.held} == {(owed.row, how) for owed, how in told.held}
        assert (len(run.blocked), len(run.held)) == (len(told.blocked), len(told.held))

    def row_of(self, told: Run) -> PaymentRun:
        return self.rows[self.oracle.runs.index(told)]

    @rule(number=st.integers(0, len(PAY_DAYS) - 1))
    def preview(self, number):
        nominal = list(PAY_DAYS)[number]
        self.born_as_foretold(runs.preview_run(nominal), self.oracle.propose(nominal, None))

    def run_that_is(self, number: int, *states: str) -> date:
        """A pay day: mostly of a run in one of the states, sometimes of any, or of none."""
        if number == 14:
            return date(2026, 12, 10)
        told = self.pick(number, self.oracle.runs, lambda run: run.state in states)
        return (told.pay_on, told.nominal_on)[number % 2]

    @precondition(lambda self: self.oracle.runs)
    @rule(number=which, by=somebody, when=when)
    def authorise(self, number, by, when):
        on, by = self.run_that_is(number, "prepared"), self.person(by)
        self.done(self.oracle.authorise(on, by.pk), runs.authorise_run, on, by=by, at=self.moment(when))

    @precondition(lambda self: any(run.state == "prepared" for run in self.oracle.runs))
    @rule(number=st.integers(0, 13), send=st.booleans())
    def the_right_person_authorises(self, number, send):
        told = self.pick(number, self.oracle.runs, lambda run: run.state == "prepared")
        free = [one for one in self.office.people[6:] if one.pk not in self.oracle.hands_in(told)]
        if free:
            against = self.oracle.authorise(told.pay_on, free[-1].pk)
            self.done(against, runs.authorise_run, told.pay_on, by=free[-1], at=self.now)
            if send:
                against = self.oracle.move_run(told.pay_on, "sent", "authorised")
                self.done(against, runs.mark_sent, told.pay_on, by=self.person(4), at=self.now)

    @precondition(lambda self: self.oracle.runs)
    @rule(number=which, by=somebody, when=when)
    def mark_sent(self, number, by, when):
        on = self.run_that_is(number, "authorised")
        against = self.oracle.move_run(on, "sent", "authorised")
        self.done(against, runs.mark_sent, on, by=self.person(by), at=self.moment(when))

    @precondition(lambda self: self.oracle.runs)
    @rule(number=which, reason=words, by=somebody, when=when)
    def cancel(self, number, reason, by, when):
        on = self.run_that_is(number, "prepared", "authorised")
        against = self.oracle.move_run(on, "cancelled", "prepared", "authorised", reason=reason)
        self.done(against, runs.cancel_run, on, reason, by=self.person(by), at=self.moment(when))

    @precondition(lambda self: self.oracle.runs)
    @rule(number=which, by=st.none() | somebody, when=when)
    def settle(self, number, by, when):
        on = self.run_that_is(number, "sent")
        against = self.oracle.move_run(on, "settled", "sent")
        by = by if by is None else self.person(by)
        self.done(against, runs.settle_run, on, by=by, at=self.moment(when))

    @precondition(lambda self: any(run.payments for run in self.oracle.runs))
    @rule(number=which, code=st.sampled_from(["5", "5", "5", " "]), by=somebody, when=when)
    def fail(self, number, code, by, when):
        several = [paid for run in self.oracle.runs for paid in run.payments]
        told = self.pick(number, several, lambda paid: paid.live and paid.run.state in ("sent", "settled"))
        whose = {"charity": told.payee} if told.method == "charity" else {"person": told.payee}
        payment = self.row_of(told.run).payments.get(method=told.method, **whose)
        against = self.oracle.fail(told, code.strip())
        self.done(against, runs.fail_payment, payment.reference, code, by=self.person(by), at=self.moment(when))

    # What holds after every step

    @invariant()
    def everything_is_where_it_should_be(self):
        self.new_rows()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; EXECUTE every_promise")
            assert [(CHECKS[number].sentence, found) for number, found in cursor.fetchall()] == []
            cursor.execute(WHERE_EVERYTHING_IS)
            rows = cursor.fetchall()
        assert rows == [
            (o.row, o.claim, o.part, o.number, o.amount, o.method, place if place[:4] in ("void", "sett", "in a", "held") else None)
            for o in sorted(self.oracle.owed, key=lambda owed: owed.row)
            for place in [self.oracle.place(o, self.now)]
        ]  # fmt: skip
        told = [(pk, c.status, c.decided_by, c.decided_at, c.choice) for pk, c in sorted(self.oracle.claims.items())]
        kept = Claim.objects.order_by("pk").values_list("pk", "status", "decided_by", "decided_at", "choice")
        assert list(kept) == told
        paid = sorted(
            (self.row_of(run).pk, p.method, p.payee, p.state) for run in self.oracle.runs for p in run.payments
        )
        payments = Payment.objects.values_list("run", "method", "person", "charity", "state")
        assert sorted((run, method, p or c, state) for run, method, p, c, state in payments) == paid
        assert [run.state for run in PaymentRun.objects.order_by("pk")] == [run.state for run in self.oracle.runs]

    def new_rows(self):
        """Which row of the product each new payable of the oracle is: the unvoided one of its claim, part and number."""
        new = [owed for owed in self.oracle.owed if owed.row is None]
        if new:
            known = {owed.row for owed in self.oracle.owed}
            there = {
                (row.claim_id, row.part, row.number): row.pk for row in Payable.objects.exclude(pk__in=known - {None})
            }
            for owed in new:
                owed.row = there.pop((owed.claim, owed.part, owed.number))
            assert there == {}

    def every_run_is_as_it_was_born(self):
        for told in self.oracle.runs:
            row = self.row_of(told)
            born = {field.attname: getattr(row, field.attname) for field in PaymentRun._meta.concrete_fields}
            row.refresh_from_db()
            moved = ("authorised", "sent", "settled", "cancelled")
            now = {name: getattr(row, name) for name in born if not name.startswith(moved)}
            assert now == {name: value for name, value in born.items() if name in now}


def walk(histories: int, steps: int):
    Histories.office = Office()
    one_query_for_all_promises()
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            report_multiple_bugs=False,
            # The short run is the same every time and stops where it fails; --long looks further and shrinks.
            derandomize=steps < 60,
            database=None if steps < 60 else settings.default.database,
            phases=[Phase.generate] if steps < 60 else list(Phase),
        ),
    )


@pytest.mark.timeout(600)  # seconds when all is well; when it is not, finding the shortest history takes minutes
def test_Q1_fifty_histories_keep_every_promise():
    walk(50, 30)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_Q1_ten_thousand_histories_keep_every_promise():
    walk(10_000, 60)

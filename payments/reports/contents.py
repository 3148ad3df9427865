"""Everything a run report tells, gathered once, so that all its formats have the same figures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from activities.framework import Policy
from activities.models import FrameworkVersion
from eligibility.models import EventSeal, Person
from payments.models import Payment, PaymentFile, PaymentRun
from payments.reports.figures import METHODS
from payments.reports.lines import Line, lines_of

NOTHING = Decimal("0.00")
DEEDS = ("prepared", "authorised", "sent", "settled")


@dataclass(frozen=True)
class Sums:
    """What some lines come to. Time and costs stay apart; they are never one figure."""

    payments: int
    claims: int
    hours: Decimal
    time: Decimal
    costs: Decimal


@dataclass(frozen=True)
class Group:
    """A method, a framework or a band, with what its lines come to."""

    slug: str
    title: str
    sums: Sums
    framework: str = ""


@dataclass(frozen=True)
class Cards:
    """Thank-you cards: due when the run was prepared; made, waiting or in need of a person now."""

    due: int
    made: int
    waiting: int
    problems: int


@dataclass(frozen=True)
class Promise:
    """Claims paid within the days their framework promises, later, or under a framework that promises none."""

    within: int
    late: int
    without_target: int

    @property
    def counted(self) -> int:
        return self.within + self.late


@dataclass(frozen=True)
class Signature:
    deed: str
    by: Person | None
    at: datetime


@dataclass(frozen=True)
class Report:
    """A run report, whole."""

    run: PaymentRun
    policies: dict[int, Policy]
    lines: list[Line]
    sums: Sums
    methods: list[Group]
    frameworks: list[Group]
    bands: list[Group]
    cards: Cards
    promise: Promise
    signatures: list[Signature]
    files: list[PaymentFile]
    audit_head: EventSeal | None

    @property
    def paid(self) -> list[Line]:
        return paid_of(self.lines)

    @property
    def blocked(self) -> list[Line]:
        return [line for line in self.lines if line.status == "blocked"]

    @property
    def held(self) -> list[Line]:
        return [line for line in self.lines if line.status == "held"]

    @property
    def card_problems(self) -> list[Line]:
        return [line for line in self.lines if line.status == "card" and line.code == "problem"]

    def framework_of(self, line: Line) -> str:
        return self.policies[line.version].slug

    def band_title(self, line: Line) -> str:
        return band_title(self.policies[line.version], line.band)


def report_of(run: PaymentRun) -> Report:
    """The report of a prepared or later run. The number of queries does not depend on the number of lines."""
    run = PaymentRun.objects.select_related("prepared_by", "authorised_by", "sent_by").get(pk=run.pk)
    lines = lines_of(run)
    policies = policies_of(lines)
    paid = paid_of(lines)
    return Report(
        run=run,
        policies=policies,
        lines=lines,
        sums=sums_of(paid),
        methods=groups_by_method(paid),
        frameworks=groups_by_framework(paid, policies),
        bands=groups_by_band(paid, policies),
        cards=cards_of(run, lines),
        promise=promise_of(run, paid, policies),
        signatures=signatures_of(run),
        files=list(run.files.order_by("layout")),
        audit_head=EventSeal.objects.order_by("-seq").first(),
    )


def policies_of(lines: list[Line]) -> dict[int, Policy]:
    versions = FrameworkVersion.objects.in_bulk({line.version for line in lines})
    return {key: version.policy for key, version in versions.items()}


def band_title(policy: Policy, slug: str) -> str:
    band = policy.band(slug)
    return band.title if band else slug


def paid_of(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.status in Payment.State.values]


# Sums -------------------------------------------------------------------------------------------------


def sums_of(lines: list[Line]) -> Sums:
    return Sums(
        payments=len({line.payment for line in lines}),
        claims=len({line.claim for line in lines}),
        hours=sum((line.hours for line in lines if line.hours), NOTHING),
        time=sum((line.amount for line in lines if line.part == "time"), NOTHING),
        costs=sum((line.amount for line in lines if line.part == "costs"), NOTHING),
    )


def sums_by(lines: list[Line], key: Callable[[Line], tuple | str]) -> dict:
    grouped = {}
    for line in lines:
        grouped.setdefault(key(line), []).append(line)
    return {found: sums_of(grouped[found]) for found in sorted(grouped)}


def groups_by_method(paid: list[Line]) -> list[Group]:
    sums = sums_by(paid, lambda line: line.method)
    titles = {"bank": "Bank payments", "voucher": "Vouchers", "charity": "Donations"}
    return [Group(method, titles[method], sums[method]) for method in METHODS if method in sums]


def groups_by_framework(paid: list[Line], policies: dict[int, Policy]) -> list[Group]:
    names = {policy.slug: policy.name for policy in policies.values()}
    sums = sums_by(paid, lambda line: policies[line.version].slug)
    return [Group(slug, names[slug], found) for slug, found in sums.items()]


def groups_by_band(paid: list[Line], policies: dict[int, Policy]) -> list[Group]:
    titles = {(policies[line.version].slug, line.band): band_title(policies[line.version], line.band) for line in paid}
    sums = sums_by(paid, lambda line: (policies[line.version].slug, line.band))
    return [Group(band, titles[framework, band], found, framework) for (framework, band), found in sums.items()]


# Promises and proofs ----------------------------------------------------------------------------------


def cards_of(run: PaymentRun, lines: list[Line]) -> Cards:
    stages = [line.code for line in lines if line.status == "card"]
    return Cards(
        due=run.cards_covered,
        made=stages.count("made"),
        waiting=stages.count("waiting"),
        problems=stages.count("problem"),
    )


def promise_of(run: PaymentRun, paid: list[Line], policies: dict[int, Policy]) -> Promise:
    """Each claim once: days from the activity to the pay day, against its framework's target (S74).

    A claim whose payment came back is counted in the run that pays it.
    """
    arrived = {line.claim: line for line in paid if line.status != Payment.State.FAILED}.values()
    targets = {key: policy.target and policy.target.days for key, policy in policies.items()}
    waits = [((run.pay_on - line.activity_on).days, targets[line.version]) for line in arrived]
    return Promise(
        within=sum(1 for days, target in waits if target is not None and days <= target),
        late=sum(1 for days, target in waits if target is not None and days > target),
        without_target=sum(1 for _, target in waits if target is None),
    )


def signatures_of(run: PaymentRun) -> list[Signature]:
    """Who did what with the run. A run keeps when it settled, not by whom: often it is the clock."""
    return [
        Signature(deed, getattr(run, f"{deed}_by", None), getattr(run, f"{deed}_at"))
        for deed in DEEDS
        if getattr(run, f"{deed}_at")
    ]

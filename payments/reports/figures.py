"""The figures of a run, as prepare_run, authorise_run and mark_sent answer them."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.timezone import localtime

from eligibility.models import Person
from payments.models import Payable, PaymentRun
from payments.reports.lines import lines_not_paid
from payments.rules.calendar import LONDON

METHODS = [method.value for method in Payable.Method]
STATES = {
    "preview": "only looked at, nothing is stored",
    "prepared": "prepared, waiting to be authorised by a second person",
    "authorised": "authorised, not sent yet",
    "sent": "sent",
    "settled": "settled",
    "cancelled": "cancelled",
}


def run_figures(run: PaymentRun) -> dict:
    """A run's figures as it kept them when it was prepared, ready for JSON. Two queries, and one for each person.

    A run that is not stored is a preview.
    """
    not_paid = lines_not_paid(run)
    return {
        "run": run.pk,
        "state": run.state if run.pk else "preview",
        "preview": run.pk is None,
        "kind": run.kind,
        "on": run.nominal_on.isoformat(),
        "pay_on": run.pay_on.isoformat(),
        "cut_off": london(run.cut_off_at),
        "covers_from": london(run.covers_from),
        "claims": run.claims_covered,
        "thank_you_cards": run.cards_covered,
        "blocked_payables": len(run.blocked),
        "payments": {method: count for method, count, _ in kept_totals(run)},
        "totals": {method: f"{total:.2f}" for method, _, total in kept_totals(run)},
        "blocked": [
            {**owed(line), "method": line.method, "reason": line.code, "why": line.why, "fix": line.fix}
            for line in not_paid
            if line.status == "blocked"
        ],
        "held": [{**owed(line), "by": line.code} for line in not_paid if line.status == "held"],
        "digest": run.digest,
        "prepared_by": email(run.prepared_by),
        "prepared_at": london(run.prepared_at),
        "authorised_by": email(run.authorised_by),
        "authorised_at": london(run.authorised_at),
        "sent_by": email(run.sent_by),
        "sent_at": london(run.sent_at),
    }


def kept_totals(run: PaymentRun) -> list[tuple[str, int, Decimal]]:
    """(method, payments, total) of each method that the run pays by."""
    kept = [(method, getattr(run, f"{method}_payments"), getattr(run, f"{method}_total")) for method in METHODS]
    return [(method, payments, total) for method, payments, total in kept if payments]


def owed(line) -> dict:
    return {
        "payable": line.payable,
        "claim": line.claim,
        "person": line.payee,
        "part": line.part,
        "amount": f"{line.amount:.2f}",
    }


def london(at: datetime | None) -> str | None:
    return localtime(at, LONDON).isoformat() if at else None


def email(person: Person | None) -> str | None:
    return person.email if person else None


# In words ---------------------------------------------------------------------------------------------

COUNTED = {
    "bank": ("bank payment", "bank payments"),
    "voucher": ("voucher", "vouchers"),
    "charity": ("donation", "donations"),
}


def figures_in_words(figures: dict) -> str:
    """The same figures as calm, short lines for a person at a terminal."""
    lines = [
        *heading_in_words(figures),
        "",
        *payments_in_words(figures),
        *set_aside_in_words(figures),
        *signed_in_words(figures),
        f"Digest {figures['digest']}",
    ]
    return "\n".join(lines)


def heading_in_words(figures: dict) -> list[str]:
    return [
        f"Run of {long_day(date.fromisoformat(figures['pay_on']))}: {STATES[figures['state']]}.",
        f"Cut-off {moment_in_words(figures['cut_off'])}. {counted(figures['claims'], 'claim', 'claims')}, "
        f"{counted(figures['thank_you_cards'], 'thank-you card', 'thank-you cards')} due.",
    ]


def payments_in_words(figures: dict) -> list[str]:
    if not figures["payments"]:
        return ["Nothing to pay in this run.", ""]
    return [
        f"{counted(count, *COUNTED[method]):>20}  £{Decimal(figures['totals'][method]):,}"
        for method, count in figures["payments"].items()
    ] + [""]


def set_aside_in_words(figures: dict) -> list[str]:
    lines = []
    if figures["blocked"]:
        lines.append(f"{counted(len(figures['blocked']), 'amount', 'amounts')} blocked. Everybody else is paid.")
        for told, entries in alike(figures["blocked"]).items():
            lines += [f"  {told}", *(f"    {entry_in_words(entry)}" for entry in entries)]
        lines.append("")
    if figures["held"]:
        lines.append(f"{counted(len(figures['held']), 'amount', 'amounts')} held.")
        for entry in figures["held"]:
            lines.append(f"  {entry_in_words(entry)}, held by {'staff' if entry['by'] == 'staff' else 'the person'}")
        lines.append("")
    return lines


def alike(blocked: list[dict]) -> dict[str, list[dict]]:
    """What is blocked for the same reason, under that reason and its fix."""
    groups = {}
    for entry in blocked:
        groups.setdefault(f"{entry['why']} {entry['fix']}", []).append(entry)
    return groups


def entry_in_words(entry: dict) -> str:
    return f"{entry['person']}, {entry['part']}, £{Decimal(entry['amount']):,}, claim {entry['claim']}"


def signed_in_words(figures: dict) -> list[str]:
    return [
        f"{deed.capitalize()} by {figures[f'{deed}_by'] or 'the calendar'}, {moment_in_words(figures[f'{deed}_at'])}."
        for deed in ("prepared", "authorised", "sent")
        if figures[f"{deed}_at"]
    ]


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def long_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def moment_in_words(moment: str) -> str:
    at = datetime.fromisoformat(moment)
    return f"{at:%H:%M} on {long_day(at)}"

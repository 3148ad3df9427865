"""The lists that leave the house: what the bank pays, which vouchers to order, which charities to give to.

A list of a run is the same bytes for ever: it is made from what the run, its payments and their version of
the bank details keep, in the order of the payments' references, and its hash is kept when it is first made.
Payments that came back later stay in it. Account numbers are opened one at a time, only here.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models.functions import Collate

from eligibility.models import Event, Person
from eligibility.reasons import Reason, Refused, refuse_if
from payments.models import Payable, Payment, PaymentFile, PaymentRun
from payments.rules import runs as rules
from payments.rules.bank_text import neutralise_cell
from payments.runs import existing_run, lists_taken, locked_run, reasons_against_another_run


@dataclass(frozen=True)
class Entry:
    """One payment as a list may show it. The account is empty unless the bank pays."""

    reference: str
    payee: str
    bank_name: str
    sort_code: str
    account_number: str
    amount: str
    pay_on: str


@dataclass(frozen=True)
class Layout:
    """One list: which payments, and each column's header with what stands in it.

    ``allowed`` names the columns whose content must match a pattern exactly; anything else is refused.
    """

    method: str
    columns: dict[str, Callable[[Entry], str]]
    allowed: dict[str, re.Pattern]
    encoding: str


AMOUNT = re.compile(r"[0-9]{1,10}\.[0-9]{2}")
# Bacs Standard 18 takes these and nothing else; a hyphen in front would be a formula to a spreadsheet.
BANK_TEXT = re.compile(r"[A-Z0-9][A-Z0-9 .&/-]{0,17}")


def reference(entry: Entry) -> str:
    return entry.reference


def amount(entry: Entry) -> str:
    return entry.amount


def pay_on(entry: Entry) -> str:
    return entry.pay_on


def typed_name(entry: Entry) -> str:
    """A name as somebody typed it, so never to be read as a formula."""
    return neutralise_cell(entry.payee)


LAYOUTS = {
    "generic": Layout(
        method=Payable.Method.BANK,
        columns={
            "reference": reference,
            "name": lambda entry: entry.bank_name,
            "sort_code": lambda entry: entry.sort_code,
            "account_number": lambda entry: entry.account_number,
            "amount": amount,
            "pay_on": pay_on,
        },
        allowed={
            "reference": BANK_TEXT,
            "name": BANK_TEXT,
            "sort_code": re.compile(r"[0-9]{6}"),
            "account_number": re.compile(r"[0-9]{8}"),
            "amount": AMOUNT,
        },
        encoding="ascii",
    ),
    "voucher-orders": Layout(
        method=Payable.Method.VOUCHER,
        columns={"reference": reference, "name": typed_name, "amount": amount, "pay_on": pay_on},
        allowed={"reference": BANK_TEXT, "amount": AMOUNT},
        encoding="utf-8",
    ),
    "donations": Layout(
        method=Payable.Method.CHARITY,
        columns={"reference": reference, "charity": typed_name, "amount": amount, "pay_on": pay_on},
        allowed={"reference": BANK_TEXT, "amount": AMOUNT},
        encoding="utf-8",
    ),
}


@transaction.atomic
def make_file(on: date, layout: str, *, by: Person, reason: str, at: datetime, seen: int | None = None) -> bytes:
    """A list of the authorised run of this day. ``by`` says why they take it, each time.

    The first making keeps the hash, the count and the total. Made again it is the same bytes, or refused.
    """
    run = locked_run(existing_run(on).pk)
    refuse_if(reasons_not_to_make(run, layout, reason) + reasons_against_another_run(run, seen))
    content = written(run, LAYOUTS[layout])
    refuse_if(reasons_not_to_give_out(run, LAYOUTS[layout], content))
    kept = kept_file(run, layout, content, by=by, at=at)
    refuse_if(reasons_against_another_content(kept, content))
    Event.objects.record(
        "file downloaded", run, by=by, at=at, text=reason, layout=layout, sha256=kept.sha256, payments=kept.payments
    )
    return content


def reasons_not_to_make(run: PaymentRun, layout: str, reason: str) -> list[Reason]:
    found = rules.reasons_not_to_make_files(run.state)
    if layout not in LAYOUTS:
        found.append(Reason("layout", f"There is no list “{layout}”. There is: {', '.join(LAYOUTS)}."))
    if not reason.strip():
        found.append(Reason("download", "Say why you need this list. It is written down with your name."))
    return found


def last_download(on: date, layout: str) -> Event | None:
    """Who took this list last, so that the next one can be asked not to pay twice."""
    return last_downloads(existing_run(on)).get(layout)


def last_downloads(run: PaymentRun) -> dict[str, Event]:
    """For each list of the run that somebody took, who took it last."""
    return {event.facts["layout"]: event for event in lists_taken([run])}


# Writing ----------------------------------------------------------------------------------------------


def written(run: PaymentRun, layout: Layout) -> bytes:
    """The list as bytes. Refused when an account does not open or a field holds what the list cannot carry."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(layout.columns)
    for entry in entries(run, layout.method):
        row = {header: column(entry) for header, column in layout.columns.items()}
        refuse_if(reasons_against_row(row, layout))
        rows.writerow(row.values())
    return text.getvalue().encode(layout.encoding)


def entries(run: PaymentRun, method: str) -> Iterator[Entry]:
    """The payments of a run by one method, whatever became of them later, by reference in plain byte order."""
    payments = run.payments.filter(method=method).select_related("bank_details")
    for payment in payments.order_by(Collate("reference", "C")).iterator(chunk_size=2000):
        account = account_of(payment)
        yield Entry(
            reference=payment.reference,
            payee=payment.payee_name,
            bank_name=payment.bank_details.bank_name if payment.bank_details else "",
            sort_code=account.get("sort_code", ""),
            account_number=account.get("account_number", ""),
            amount=f"{payment.amount:.2f}",
            pay_on=run.pay_on.isoformat(),
        )


def account_of(payment: Payment) -> dict[str, str]:
    if payment.bank_details is None:
        return {}
    try:
        return payment.bank_details.account()
    except InvalidToken:
        raise Refused(
            Reason(
                "sealed",
                f"The account of payment {payment.reference} does not open with the keys we have "
                "(BANK_DETAILS_KEYS). Nothing was made.",
            )
        ) from None


def reasons_against_row(row: dict[str, str], layout: Layout) -> list[Reason]:
    return [
        Reason("bank-set", f"Payment {row['reference']}: the list cannot carry what stands under {header}.")
        for header, allowed in layout.allowed.items()
        if not allowed.fullmatch(row[header])
    ]


# Proving ----------------------------------------------------------------------------------------------


def read_back(content: bytes, layout: Layout) -> tuple[int, Decimal]:
    """(payments, total) as whoever receives the list would read them from its bytes."""
    rows = csv.DictReader(io.StringIO(content.decode(layout.encoding), newline=""))
    count, total = 0, Decimal(0)
    for row in rows:
        count += 1
        total += Decimal(row["amount"])
    return count, total


def reasons_not_to_give_out(run: PaymentRun, layout: Layout, content: bytes) -> list[Reason]:
    """Promise 4: the list's lines are the run's payments exactly."""
    figures = getattr(run, f"{layout.method}_payments"), getattr(run, f"{layout.method}_total")
    if read_back(content, layout) == figures:
        return []
    return [Reason("promise-4", "This list is not what the run pays. Do not send it; ask for help.")]


def kept_file(run: PaymentRun, layout: str, content: bytes, *, by: Person, at: datetime) -> PaymentFile:
    """What was kept when this list was first made; kept now if this is the first time. Needs the run locked."""
    kept = run.files.filter(layout=layout).first()
    if kept is None:
        count, total = read_back(content, LAYOUTS[layout])
        kept = PaymentFile.objects.create(
            run=run, layout=layout, sha256=sha256(content).hexdigest(), payments=count, total=total
        )
        Event.objects.record(
            "file made", run, by=by, at=at, layout=layout, sha256=kept.sha256, payments=count, total=f"{total:.2f}"
        )
    return kept


def made_again_the_same(kept: PaymentFile) -> bool:
    """Whether a list that was given out once would be the same bytes today."""
    try:
        return not reasons_against_another_content(kept, written(kept.run, LAYOUTS[kept.layout]))
    except Refused:
        return False


def reasons_against_another_content(kept: PaymentFile, content: bytes) -> list[Reason]:
    if sha256(content).hexdigest() == kept.sha256:
        return []
    return [
        Reason(
            "promise-4",
            f"This list would differ from the one made before (SHA-256 {kept.sha256}). Send neither; ask for help.",
        )
    ]

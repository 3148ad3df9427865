"""The tables that carry the money. Their constraints and triggers refuse what must never happen."""

from payments.models.bank import BankDetails, Charity
from payments.models.calendar import ExtraBankHoliday
from payments.models.claims import Claim, Expense, Payable
from payments.models.documents import Document
from payments.models.runs import Payment, PaymentFile, PaymentLine, PaymentRun

__all__ = [
    "BankDetails",
    "Charity",
    "Claim",
    "Document",
    "Expense",
    "ExtraBankHoliday",
    "Payable",
    "Payment",
    "PaymentFile",
    "PaymentLine",
    "PaymentRun",
]

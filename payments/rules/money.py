"""Amounts, hours and miles that people type (promise 6).

`Decimal` throughout, never a float. Stricter than `Decimal()`, which also takes "1e3", "NaN", "-5",
"1_000" and digits of every script.
"""

import re
from decimal import Decimal

PENNY = Decimal("0.01")
QUARTER = Decimal("0.25")
# Seven digits hold any amount we could owe, and keep every sum far inside Decimal's 28.
# Noughts behind the second decimal change nothing: a spreadsheet may show hours as 2.500.
PLAIN_DECIMAL = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2}0{0,6})?")


def to_pennies(text: str) -> Decimal:
    """Pounds with two decimals from "15", "15.5" or "15.50". Raises ValueError with what to do."""
    return _plain_decimal(
        text, "Enter the amount in pounds and pence, using only digits and a full stop, like 15 or 15.50."
    )


def quarter_hours(text: str) -> Decimal:
    """Hours above 0, in quarters, from "2" or "1.75". Raises ValueError with what to do."""
    advice = "Enter the hours as a number, in whole, half or quarter hours, like 2, 2.5 or 1.75."
    hours = _plain_decimal(text, advice)
    if not hours or hours % QUARTER:
        raise ValueError(advice)
    return hours


def miles(text: str) -> Decimal:
    """Miles above 0 from "12" or "12.4". Raises ValueError with what to do."""
    advice = "Enter the miles, more than 0 and with two decimals at most, like 12 or 12.4."
    distance = _plain_decimal(text, advice)
    if not distance:
        raise ValueError(advice)
    return distance


def _plain_decimal(text: str, advice: str) -> Decimal:
    if not PLAIN_DECIMAL.fullmatch(text):
        raise ValueError(advice)
    return Decimal(text).quantize(PENNY)

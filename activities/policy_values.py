"""How amounts, hours, dates and names are written in a policy file. Every message says how to write it right."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints


def _two_places(written: object) -> Decimal:
    """A number of pounds or hours, exactly as written: text like "15.00" or a whole number, never a float."""
    written = str(written) if isinstance(written, Decimal) else written
    if isinstance(written, bool) or not isinstance(written, (str, int)):
        raise ValueError('Write this in quotes with two decimals, like "15.00".')
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,2})?", str(written)):
        raise ValueError(f'"{written}" is not an amount. Write it with digits and at most two decimals, like "15.00".')
    return Decimal(written).quantize(Decimal("0.01"))


def _above_nothing(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise ValueError("This must be more than 0. Where nothing is owed, leave the amount out.")
    return amount


def at_least_one(entries: tuple) -> tuple:
    if not entries:
        raise ValueError("Give at least one.")
    return entries


def two_to_twenty(levels: tuple) -> tuple:
    if not 2 <= len(levels) <= 20:
        raise ValueError("Give at least two levels and at most twenty, the lowest first.")
    return levels


def _day_month_or_year(written: str) -> str:
    first_day(written)
    return written


def first_day(written: str) -> date:
    """The first day that "2021", "2025-07" or "2025-07-01" can mean. Raises ValueError for anything else."""
    try:
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", written):
            raise ValueError
        return date.fromisoformat(written + "-01-01"[: 10 - len(written)])
    except ValueError:
        raise ValueError(f'"{written}" is not a date. Write it like "2025-07-01", "2025-07" or "2025".') from None


def _hour_and_minute(written: object) -> time:
    try:
        if not isinstance(written, str) or len(written) != 5:
            raise ValueError
        return time.fromisoformat(written)
    except ValueError:
        raise ValueError(f'"{written}" is not a time of day. Write it like "12:00".') from None


# One line of words: a control character would break the file's own lines.
Text = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", max_length=1000)
]
Title = Annotated[Text, StringConstraints(max_length=200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)]
Hours = Annotated[Decimal, BeforeValidator(_two_places)]
Amount = Annotated[Decimal, BeforeValidator(_two_places), AfterValidator(_above_nothing)]
LengthOfBlock = Annotated[Decimal, BeforeValidator(_two_places), AfterValidator(_above_nothing)]
InexactDate = Annotated[str, AfterValidator(_day_month_or_year)]
TimeOfDay = Annotated[
    time, BeforeValidator(_hour_and_minute), PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str)
]
Points = Annotated[int, Field(ge=0, le=10_000)]

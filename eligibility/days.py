"""Days typed in three boxes: most people find these easier than a calendar."""

from datetime import date

from django import forms

BOXES = ("day", "month", "year")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class DayWidget(forms.Widget):
    """The boxes are called name_day, name_month and name_year."""

    def value_from_datadict(self, data, files, name):
        return [(data.get(f"{name}_{box}") or "").strip() for box in BOXES]

    def value_omitted_from_data(self, data, files, name):
        return not any(f"{name}_{box}" in data for box in BOXES)

    def decompress(self, value) -> list[str]:
        """What stands in each box: as it was typed, or from a date."""
        if isinstance(value, list):
            return value
        return [str(getattr(value, box)) for box in BOXES] if value else ["", "", ""]


class DayField(forms.DateField):
    """A date typed as day, month and year. Its errors say which box to look at.

    ``called`` begins the sentences about it: "The date of the activity". Without it, "The date".
    """

    widget = DayWidget

    def __init__(self, *, called: str = "The date", **more):
        self.called = called
        super().__init__(**more)
        if "required" not in (more.get("error_messages") or {}):
            self.error_messages["required"] = f"Enter {called[0].lower()}{called[1:]}."

    def to_python(self, value):
        if not isinstance(value, list):
            return super().to_python(value)
        if not any(value):
            return None
        if missing := [box for box, typed in zip(BOXES, value, strict=True) if not typed]:
            raise self._wrong(f"must include a {' and a '.join(missing)}.", *missing)
        day, month, year = _number(value[0]), _month(value[1]), _number(value[2])
        if not 1 <= day <= 31:
            raise self._wrong("needs a day from 1 to 31.", "day")
        if not 1 <= month <= 12:
            raise self._wrong("needs a month from 1 to 12.", "month")
        if len(value[2]) != 4 or year < 1000:
            raise self._wrong("needs a year with 4 numbers, like 2026.", "year")
        try:
            return date(year, month, day)
        except ValueError:
            raise self._wrong("must be a real date. That month is shorter.", "day") from None

    def _wrong(self, told: str, *boxes: str) -> forms.ValidationError:
        return forms.ValidationError(f"{self.called} {told}", code="invalid", params={"boxes": boxes})


def wrong_boxes(bound) -> tuple[str, ...]:
    """The boxes to mark. An error about the date as a whole, such as one in the future, is about all of them."""
    if not bound.errors:
        return ()
    told = [(error.params or {}).get("boxes", BOXES) for error in bound.errors.as_data()]
    return tuple(box for box in BOXES if any(box in boxes for boxes in told))


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 4 else 0


def _month(typed: str) -> int:
    """A month's number, also from its name: some people write November."""
    short = typed[:3].lower()
    return MONTHS.index(short) + 1 if short in MONTHS else _number(typed)

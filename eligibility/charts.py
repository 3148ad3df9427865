"""Bar charts, drawn on the server: where each bar, its words and its target stand.

Widths are shares of whatever width there is and heights are in rem, so that words keep their size on a phone
and grow with the reader's own letters.
"""

from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

LINE, BAR, GAP = 1.6, 1.1, 1.1  # heights in rem: of a line of words, of a bar, of the space below it
LETTERS = 20  # of a label that fit on the narrowest screen beside the value


@dataclass(frozen=True)
class Bar:
    label: str
    value: Decimal | int
    shown: str = ""  # the value as people read it; made from the chart's unit where empty


@dataclass(frozen=True)
class Chart:
    """``about`` says in a sentence what there is to see. ``unit`` is "£", "%" or a word such as "hours"."""

    title: str
    bars: list[Bar]
    about: str = ""
    unit: str = ""
    label_heading: str = "What"
    value_heading: str = "How much"
    target: Decimal | int | None = None
    target_label: str = "Target"

    def in_words(self, value) -> str:
        if self.unit == "£":
            return f"£{value:,.2f}"
        return f"{value:,}%" if self.unit == "%" else f"{value:,} {self.unit}".strip()


@dataclass(frozen=True)
class DrawnBar:
    label: str
    lines: list[tuple[str, str]]  # the label: (baseline, words)
    shown: str
    top: str
    width: str


@dataclass(frozen=True)
class Drawing:
    bars: list[DrawnBar]
    height: str
    bar_height: str
    target: str  # how far along it stands; empty without one
    target_shown: str


def draw(chart: Chart) -> Drawing:
    most = max([bar.value for bar in chart.bars] + [chart.target or 0]) or 1
    drawn, down = [], 0.0
    for bar in chart.bars:
        lines = []
        for words in wrap(bar.label, LETTERS) or [""]:
            lines.append((_rem(down + LINE * 0.7), words))
            down += LINE
        shown = bar.shown or chart.in_words(bar.value)
        drawn.append(DrawnBar(bar.label, lines, shown, _rem(down), _share(bar.value, most)))
        down += BAR + GAP
    has_target = chart.target is not None
    return Drawing(
        bars=drawn,
        height=_rem(down),
        bar_height=_rem(BAR),
        target=_share(chart.target, most) if has_target else "",
        target_shown=f"{chart.target_label}: {chart.in_words(chart.target)}" if has_target else "",
    )


def _share(value, most) -> str:
    """Never less than nothing: a value below zero has no bar, and says so in words."""
    return f"{max(float(value) / float(most), 0) * 100:.2f}%" if most > 0 else "0%"


def _rem(height: float) -> str:
    return f"{height:.3f}".rstrip("0").rstrip(".") + "rem"

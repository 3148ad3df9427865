"""What is wrong with a policy although each key may look right by itself.

These checks read the document as written, not the finished Policy, so that a typo in one place does not hide
a typo in another: whoever edits a policy hears about everything at once. Each check gives (path, reason) pairs.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from itertools import pairwise

Found = Iterator[tuple[tuple, str]]

_UNPAID = ("none", "card")
_PAID_CHOICES = {"payment", "voucher", "lower", "donate"}
_PRICED_BY_AMOUNT = ("voucher", "hourly", "flat", "flat-per-block")


def problems_in(document: dict) -> Found:
    """Every problem of sense in a policy document, as (path, reason)."""
    yield from floats(document)
    yield from repeated_names(document)
    yield from unknown_bands(document)
    yield from unknown_neighbours(document)
    yield from kinds_that_answer_twice(document)
    yield from kinds_badly_scored(document)
    yield from choices_that_do_not_fit(document)
    yield from rates_that_do_not_fit(document)
    yield from dates_that_overlap_or_leave_gaps(document)
    yield from tiers_that_overlap_or_leave_gaps(document)
    yield from scores_that_overlap_or_leave_gaps(document)


# Reading a document that may be wrong anywhere.


def _tables(document, key: str, path: tuple = ()) -> list[tuple[tuple, dict]]:
    """The tables listed under ``key``, each with its path. What is not a table is left to the check of shape."""
    listed = document.get(key) if isinstance(document, dict) else None
    if not isinstance(listed, (list, tuple)):
        return []
    return [((*path, key, place), entry) for place, entry in enumerate(listed) if isinstance(entry, dict)]


def _words(listed) -> list[str]:
    return [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, (list, tuple)) else []


def _names(document, key: str, name: str = "slug") -> list[str]:
    return _words([entry.get(name) for _, entry in _tables(document, key)])


def _day(written) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def _number(written) -> Decimal | None:
    try:
        number = Decimal(written) if isinstance(written, (str, int)) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _whole(written) -> int | None:
    return written if isinstance(written, int) and not isinstance(written, bool) else None


def _did_you_mean(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f'Did you mean "{close[0]}"?' if close else f"Use one of: {', '.join(known) or '(none are given)'}."


# Numbers and names.


def floats(value, path: tuple = ()) -> Found:
    """Decimal numbers without quotes: a computer keeps these inexactly, so no money may be written so."""
    if isinstance(value, float):
        yield (
            path,
            f'{value} is a decimal number without quotes. Put it in quotes, like "15.00", so that no penny is lost.',
        )
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, entry in entries:
        yield from floats(entry, (*path, key))


def repeated_names(document) -> Found:
    """Two entries of one list with the same name."""
    lists = ["organisations", "bands", "criteria", "kinds", "alternatives", "thanks", "values"]
    for key, name in [*((key, "slug") for key in lists), ("costs", "mode")]:
        yield from _repeated(_tables(document, key), name)
    for path, kind in _tables(document, "kinds"):
        yield from _repeated(_tables(kind, "roles", path), "role")


def _repeated(tables: list[tuple[tuple, dict]], name: str) -> Found:
    seen = set()
    for path, entry in tables:
        word = entry.get(name)
        if isinstance(word, str) and word in seen:
            yield (*path, name), f'"{word}" is already used above. Give this one another name, or take it out.'
        elif isinstance(word, str):
            seen.add(word)


def unknown_bands(document) -> Found:
    """A kind, or a role in it, placed in a band that the scale does not have."""
    bands = _names(document, "bands")
    for path, kind in _tables(document, "kinds"):
        for place, placed in [(path, kind), *_tables(kind, "roles", path)]:
            band = placed.get("band")
            if isinstance(band, str) and band not in bands:
                yield (*place, "band"), f'There is no band "{band}". {_did_you_mean(band, bands)}'


def unknown_neighbours(document) -> Found:
    kinds = _names(document, "kinds")
    for path, kind in _tables(document, "kinds"):
        near = kind.get("near")
        for place, neighbour in enumerate(near if isinstance(near, (list, tuple)) else ()):
            if isinstance(neighbour, str) and neighbour not in kinds:
                yield (*path, "near", place), f'There is no kind "{neighbour}". {_did_you_mean(neighbour, kinds)}'


def kinds_that_answer_twice(document) -> Found:
    for path, kind in _tables(document, "kinds"):
        ways = [way for way in ("band", "scores", "roles") if kind.get(way)]
        if len(ways) > 1:
            yield path, f"A kind is placed in one way only, and this one has {' and '.join(ways)}. Keep one of them."


# Scores.


def _highest_level(criterion: dict) -> int:
    levels = criterion.get("levels")
    return max(len(levels) - 1, 0) if isinstance(levels, (list, tuple)) else 0


def kinds_badly_scored(document) -> Found:
    """A kind with scores answers every question of the score sheet, each with a level that exists."""
    criteria = {
        entry["slug"]: entry for _, entry in _tables(document, "criteria") if isinstance(entry.get("slug"), str)
    }
    for path, kind in _tables(document, "kinds"):
        scores = kind.get("scores")
        if not scores or not isinstance(scores, dict):
            continue
        for name, level in scores.items():
            if name not in criteria:
                yield (*path, "scores", name), f'There is no criterion "{name}". {_did_you_mean(name, list(criteria))}'
            elif (_whole(level) or 0) > _highest_level(criteria[name]):
                yield (*path, "scores", name), f"The highest level of {name} is {_highest_level(criteria[name])}."
        missing = [name for name in criteria if name not in scores]
        if missing:
            yield (*path, "scores"), f"Add a level for: {', '.join(missing)}."


def scores_that_overlap_or_leave_gaps(document) -> Found:
    """From no points to all points, each number leads to one band, in the order of the bands, or to a person."""
    criteria = [entry for _, entry in _tables(document, "criteria")]
    scored = [(path, band.get("score")) for path, band in _tables(document, "bands")]
    ranges = [((*path, "score"), score) for path, score in scored if isinstance(score, dict)]
    banded = _ascending(ranges)
    unsettled = _ascending(_tables(document, "unsettled"))
    for path, lowest, highest in banded + unsettled:
        if lowest > highest:
            yield path, f"The range runs backwards, from {lowest} to {highest}. Put the smaller number in lowest."
    if banded != sorted(banded, key=lambda entry: entry[1]):
        yield ("bands",), "More points must never lead to a lower band. Put the score ranges in the order of the bands."
    following = 0
    for path, lowest, highest in sorted(banded + unsettled, key=lambda entry: entry[1]):
        if lowest < following:
            yield (*path, "lowest"), f"Another range already has {lowest} points. Begin this one at {following}."
        elif lowest > following:
            points = _numbers(following, lowest - 1)
            yield (
                (*path, "lowest"),
                f"No band has {points} points. Begin this range at {following}, or add them to unsettled.",
            )
        following = max(following, highest + 1)
    if ranges and not criteria:
        yield (*ranges[0][0],), "There is no score sheet for this range. Add criteria, or take the range out."
    elif criteria and all(_well_weighed(entry) for entry in criteria) and len(banded) == len(ranges):
        most = sum(entry.get("weight", 1) * _highest_level(entry) for entry in criteria)
        if following <= most:
            yield (
                ("bands",),
                f"No band has {_numbers(following, most)} points. Add them to a score range, or to unsettled.",
            )
        elif following > most + 1:
            yield ("bands",), f"The score sheet gives {most} points at most. End the highest score range there."


def _ascending(tables) -> list[tuple[tuple, int, int]]:
    """(path, lowest, highest) of those ranges that have both as whole numbers."""
    ends = [(path, _whole(entry.get("lowest")), _whole(entry.get("highest"))) for path, entry in tables]
    return [(path, lowest, highest) for path, lowest, highest in ends if lowest is not None and highest is not None]


def _well_weighed(criterion: dict) -> bool:
    return 1 <= (_whole(criterion.get("weight", 1)) or 0) <= 100


def _numbers(lowest: int, highest: int) -> str:
    return str(lowest) if lowest == highest else f"{lowest} to {highest}"


# Choices, rates and their dates.


def choices_that_do_not_fit(document) -> Found:
    """Everybody may decline, everywhere (S55); nothing is chosen where nothing is paid."""
    for path, band in _tables(document, "bands"):
        choices = _words(band.get("choices"))
        if choices and "decline" not in choices:
            yield (*path, "choices"), 'Add "decline": a person may always say no.'
        if len(set(choices)) < len(choices):
            yield (*path, "choices"), "A choice is listed twice. Keep it once."
        unpaid = band.get("recognition") in _UNPAID
        if unpaid and _PAID_CHOICES & set(choices):
            yield (
                (*path, "choices"),
                'Nothing is paid in this band, so only "none" and "decline" fit. Take the others out.',
            )
        if band.get("recognition") not in (None, *_UNPAID) and "none" in choices:
            yield (*path, "choices"), 'Something is paid in this band, so take "none" out.'
        for place, choice in enumerate(_words(band.get("proposed_choices"))):
            if choice not in choices:
                yield (
                    (*path, "proposed_choices", place),
                    f'"{choice}" is not among the choices of this band. Add it there too.',
                )


def rates_that_do_not_fit(document) -> Found:
    """A rate says what its band's way of recognising needs: an amount, an amount per block, or tiers."""
    for path, band in _tables(document, "bands"):
        recognition = band.get("recognition")
        rates = _tables(band, "rates", path)
        if rates and recognition in _UNPAID:
            yield (*path, "rates"), "Nothing is paid in this band. Take the rates out, or change recognition."
            continue
        for place, rate in rates:
            yield from _rate_that_does_not_fit(place, rate, recognition)
    for path, cost in _tables(document, "costs"):
        if cost.get("per") == "receipt" and cost.get("rates"):
            yield (*path, "rates"), 'A cost by receipt has no rate. Take the rates out, or write per = "mile".'


def _rate_that_does_not_fit(path: tuple, rate: dict, recognition) -> Found:
    if recognition == "tiers" and not rate.get("tiers"):
        yield (*path, "tiers"), "Add tiers: this band is paid by how long the activity takes."
    if recognition != "tiers" and rate.get("tiers"):
        yield (
            (*path, "tiers"),
            'Only a band with recognition = "tiers" has tiers. Take them out, or change recognition.',
        )
    if recognition in _PRICED_BY_AMOUNT and "amount" not in rate:
        yield (*path, "amount"), 'Add amount, in quotes, like "15.00".'
    if recognition == "tiers" and "amount" in rate:
        yield (*path, "amount"), "Each tier has its own amount. Take this one out."
    if recognition == "flat-per-block" and "block_hours" not in rate:
        yield (*path, "block_hours"), 'Add block_hours: how many hours one block has, like "4.00".'
    if recognition not in ("flat-per-block", None) and "block_hours" in rate:
        yield (*path, "block_hours"), 'Only a band with recognition = "flat-per-block" has blocks. Take this out.'


def dates_that_overlap_or_leave_gaps(document) -> Found:
    """On any day one rate holds. A policy may begin late or end early, but has no hole in the middle."""
    for key in ("bands", "costs"):
        for path, entry in _tables(document, key):
            yield from _dates_out_of_order(_tables(entry, "rates", path))


def _dates_out_of_order(rates: list[tuple[tuple, dict]]) -> Found:
    readable = [
        (path, rate) for path, rate in rates if all(_day(rate[end]) for end in ("starts_on", "ends_on") if end in rate)
    ]
    spans = [(path, _day(rate.get("starts_on")), _day(rate.get("ends_on"))) for path, rate in readable]
    for path, starts_on, ends_on in spans:
        if starts_on and ends_on and ends_on < starts_on:
            yield (
                (*path, "ends_on"),
                f"This ends on {ends_on}, before it starts on {starts_on}. Put one of the dates right.",
            )
    spans.sort(key=lambda span: span[1] or date.min)
    for (_, _, earlier_ends), (path, starts_on, _) in pairwise(spans):
        next_day = earlier_ends and earlier_ends < date.max and earlier_ends + timedelta(days=1)
        if not starts_on or not next_day or starts_on < next_day:
            which = (
                f"Another rate still holds on {starts_on}"
                if starts_on
                else "Another rate already holds from the beginning"
            )
            yield (*path, "starts_on"), f"{which}. End that one the day before this one starts."
        elif starts_on > next_day:
            yield (*path, "starts_on"), f"No rate holds from {next_day} until this one starts. Start it on {next_day}."


def tiers_that_overlap_or_leave_gaps(document) -> Found:
    """Each length of time has one price, and who reads a boundary knows on which side it lies."""
    for path, band in _tables(document, "bands"):
        for rate_path, rate in _tables(band, "rates", path):
            tiers = _tables(rate, "tiers", rate_path)
            for place, tier in tiers:
                yield from _tier_with_two_ends(place, tier)
            for (_, earlier), (place, later) in pairwise(tiers):
                yield from _tiers_that_do_not_meet(earlier, place, later)


def _tier_with_two_ends(path: tuple, tier: dict) -> Found:
    if "at_least" in tier and "more_than" in tier:
        yield path, "Keep one of at_least and more_than: at_least counts the hour itself, more_than does not."
    if "up_to" in tier and "less_than" in tier:
        yield path, "Keep one of up_to and less_than: up_to counts the hour itself, less_than does not."
    lower, upper = _lower_end(tier), _upper_end(tier)
    if lower is not None and upper is not None and upper < lower:
        yield path, f"This tier runs backwards, from {lower} to {upper} hours. Put the ends the other way round."


def _lower_end(tier: dict) -> Decimal | None:
    return _number(tier.get("at_least", tier.get("more_than")))


def _upper_end(tier: dict) -> Decimal | None:
    return _number(tier.get("up_to", tier.get("less_than")))


def _tiers_that_do_not_meet(earlier: dict, path: tuple, later: dict) -> Found:
    ends, begins = _upper_end(earlier), _lower_end(later)
    if ends is None or begins is None:
        yield path, "Say where the tier before this one ends, and where this one begins."
    elif begins < ends or (begins == ends and "up_to" in earlier and "at_least" in later):
        yield path, f"Two tiers hold {begins} hours. Let one end where the other begins."
    elif begins > ends or ("less_than" in earlier and "more_than" in later):
        yield path, f"No tier holds {ends} hours. Let one of the two tiers count it: up_to, or at_least."

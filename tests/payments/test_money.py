"""Promise 6: pounds to the penny, Decimal, half up once per line, and no float anywhere."""

import ast
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from activities.rules import to_the_penny
from payments.rules.money import miles, quarter_hours, to_pennies

ROOT = Path(__file__).parents[2]
PARSERS = [to_pennies, quarter_hours, miles]


@pytest.mark.parametrize(
    ("typed", "pounds"), [("15", "15.00"), ("15.5", "15.50"), ("15.50", "15.50"), ("0", "0.00"), ("0.07", "0.07")]
)
def test_amounts_as_people_type_them(typed, pounds):
    assert str(to_pennies(typed)) == pounds


@pytest.mark.parametrize(
    "typed",
    [
        *["", " ", " 15", "15 ", "15\n", "1 5", "-5", "+5", "£15", "15p", "1,000", "15,50"],
        *["1e3", "1E3", "inf", "Infinity", "NaN", "sNaN", "0x10", "1_000", ".5", "5.", "1.2.3", "15.505", "15.505"],
        *["１５", "١٥", "15²", "½", "十五", "12345678", "9" * 60],
    ],
)
@pytest.mark.parametrize("parse", PARSERS)
def test_anything_but_plain_digits_is_refused_with_what_to_do(parse, typed):
    with pytest.raises(ValueError, match=r"^Enter the .*\.$"):
        parse(typed)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("number", [15, 15.0, Decimal("15"), None])
def test_a_number_instead_of_text_is_a_programming_error(parse, number):
    with pytest.raises(TypeError):
        parse(number)


@given(st.integers(0, 999_999_999))
def test_pennies_survive_typing(pence):
    typed = f"{pence // 100}.{pence % 100:02}"
    assert to_pennies(typed) * 100 == pence
    assert str(to_pennies(typed)) == typed


@given(st.text(max_size=12))
def test_whatever_is_typed_is_an_amount_or_a_sentence(typed):
    try:
        pounds = to_pennies(typed)
    except ValueError as refused:
        assert str(refused).startswith("Enter the amount")
    else:
        assert typed.isascii() and typed.replace(".", "", 1).isdigit()
        assert pounds.as_tuple().exponent == -2


@given(st.integers(0, 4000))
def test_hours_are_counted_in_quarters(quarters):
    typed = f"{quarters // 4}.{quarters % 4 * 25:02}"
    assume(quarters)
    assert quarter_hours(typed) * 4 == quarters


@given(st.integers(0, 99_999))
def test_hours_between_quarters_are_refused(hundredths):
    assume(hundredths % 25 or not hundredths)
    with pytest.raises(ValueError, match="whole, half or quarter hours"):
        quarter_hours(f"{hundredths // 100}.{hundredths % 100:02}")


@pytest.mark.parametrize("typed", ["0", "0.0", "0.00"])
def test_a_journey_is_longer_than_nothing(typed):
    with pytest.raises(ValueError, match="more than 0"):
        miles(typed)


def test_miles_may_have_decimals():
    assert miles("12.4") == Decimal("12.40")


@pytest.mark.parametrize(
    ("exact", "pounds"), [("0.005", "0.01"), ("0.0049", "0.00"), ("2.675", "2.68"), ("1.005", "1.01"), ("15", "15.00")]
)
def test_half_a_penny_rounds_up(exact, pounds):
    assert str(to_the_penny(Decimal(exact))) == pounds


@given(st.integers(0, 10**15), st.integers(0, 8))
def test_rounding_agrees_with_whole_numbers(digits, places):
    exact = Decimal(digits).scaleb(-places)
    pence = (200 * digits + 10**places) // (2 * 10**places)
    assert to_the_penny(exact) * 100 == pence


def test_only_a_finite_decimal_is_money():
    for strange in ("NaN", "Infinity", "-Infinity"):
        with pytest.raises(ValueError, match="finite"):
            to_the_penny(Decimal(strange))
    with pytest.raises(TypeError):
        to_the_penny(15.0)


def calls_to_float_or_round(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [
        f"{path.relative_to(ROOT)}:{call.lineno} {call.func.id}()"
        for call in calls
        if call.func.id in ("float", "round")
    ]


@pytest.mark.parametrize("floor", ["payments", "activities"])
def test_no_code_that_touches_money_calls_float_or_round(floor):
    assert [found for path in sorted((ROOT / floor).rglob("*.py")) for found in calls_to_float_or_round(path)] == []

"""Lists that become cards, summaries and charts: what a page puts in is what everybody gets out."""

from decimal import Decimal

import pytest
from django.template import engines

from eligibility.charts import Bar, Chart
from eligibility.tables import link
from tests.markup import every, one, read


def drawn(source, **context):
    return read(engines["django"].from_string(source).render(context))


def claims(rows, numeric="Amount"):
    source = '{% table "Claims to decide" head rows numeric=numeric %}'
    return drawn(source, head=["Claim", "Person", "Amount"], rows=rows, numeric=numeric)


def test_each_cell_says_its_heading_and_the_table_stays_a_table_when_it_is_shown_as_cards():
    table = every(claims([[link("/c/1/", "C-1", about="by Ada"), "Ada <3", "£60.00"]]), "table")[0]
    assert table.get("role") == "table"
    assert every(table, "caption")[0].text_content() == "Claims to decide"
    heads_row, person, amount = every(table, "tbody tr > *")
    assert (heads_row.tag, heads_row.get("scope"), heads_row.get("role")) == ("th", "row", "rowheader")
    assert every(heads_row, "a")[0].text_content() == "C-1 by Ada"
    assert (person.get("role"), person.get("data-label"), person.text_content()) == ("cell", "Person", "Ada <3")
    assert "govuk-table__cell--numeric" in amount.get("class")


def test_an_empty_list_says_so_instead_of_showing_an_empty_table():
    page = claims([])
    assert every(page, "table") == []
    assert page.text_content().split() == "Claims to decide There is nothing here yet.".split()


def test_a_row_of_another_length_and_a_column_that_is_not_there_are_refused():
    with pytest.raises(ValueError):
        claims([["C-1", "Ada"]])
    with pytest.raises(ValueError, match="No column is called Hours"):
        claims([], numeric="Hours")


def test_a_summary_s_link_says_what_it_changes():
    rows = [("Hours", "2.5", "/hours/"), ("Costs", None)]
    page = drawn("{% summary rows %}", rows=rows)
    change = one(page, "a")
    assert change.text_content().split() == ["Change", "hours"]
    assert [key.text_content().strip() for key in every(page, "dt")] == ["Hours", "Costs"]


CHART = Chart(
    title="Paid within 14 days",
    bars=[Bar("September", Decimal("71")), Bar("Interview panels and recruitment", Decimal("100")), Bar("May", 0)],
    about="More each month.",
    unit="%",
    target=Decimal(95),
)


def test_a_chart_is_named_and_described_in_words_and_its_numbers_stand_in_a_table():
    page = drawn("{% bars chart %}", chart=CHART)
    picture = one(page, "svg[role=img]")
    name, description = (page.get_element_by_id(each).text_content() for each in picture.get("aria-labelledby").split())
    assert name == "Paid within 14 days"
    assert "More each month." in description and "September: 71%" in description and "Target: 95%" in description
    rows = [[cell.text_content() for cell in row] for row in every(page, "details tbody tr")]
    assert rows == [["September", "71%"], ["Interview panels and recruitment", "100%"], ["May", "0%"]]


def test_bars_are_as_long_as_their_values_and_long_labels_take_two_lines():
    page = drawn("{% bars chart %}", chart=CHART)
    assert [bar.get("width") for bar in every(page, ".coprod-chart__bar")] == ["71.00%", "100.00%", "0.00%"]
    assert "Interview panels and" in [text.text for text in every(page, "text")]


def test_a_chart_has_no_style_of_its_own_that_the_security_policy_would_drop():
    page = drawn("{% bars chart %}", chart=CHART)
    assert page.xpath("//@style") == [] and every(page, "style") == []


@pytest.mark.parametrize("bars", [[], [Bar("May", 0)], [Bar("May", Decimal(-3))]], ids=["none", "nothing", "below"])
def test_a_chart_of_nothing_is_still_a_page(bars):
    assert every(drawn("{% bars chart %}", chart=Chart(title="Paid", bars=bars, unit="£")), "figure")


def test_money_is_written_as_money():
    assert Chart(title="", bars=[], unit="£").in_words(Decimal("12040.5")) == "£12,040.50"
    assert Chart(title="", bars=[], unit="hours").in_words(3) == "3 hours"

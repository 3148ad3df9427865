"""Components are govuk-frontend's own, to the letter; and what we put into its place is ours."""

import json
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from eligibility.govuk import component

ROOT = Path(__file__).parents[2]
EXAMPLES = json.loads((ROOT / "tests/vendor/govuk-frontend-fixtures.json").read_text(encoding="utf-8"))
VENDORED = sorted((ROOT / "static/vendor/govuk").glob("*.min.*"))


def plain(html: str) -> str:
    """HTML without the white space that no browser shows, and with one spelling of quotation marks."""
    return re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"\s+", " ", html)).strip().replace("&quot;", "&#34;")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each['component']}: {each['name']}")
def test_a_component_is_drawn_as_govuk_frontend_draws_it(example):
    assert plain(component(example["component"], **example["options"])) == plain(example["html"])


def test_all_examples_of_the_release_are_tried():
    assert len(EXAMPLES) == 657


def test_words_are_escaped_unless_they_were_marked_safe():
    assert "&lt;b&gt;" in component("tag", text="<b>Paid</b>")


@pytest.mark.parametrize("path", VENDORED, ids=lambda path: path.name)
def test_nothing_that_only_gov_uk_may_use_is_served(path):
    """The crest, the crown and GDS Transport. A source map that is not there would stop collectstatic."""
    found = re.findall(r"GDS Transport|crown|crest|sourceMappingURL", path.read_text(encoding="utf-8"), re.IGNORECASE)
    assert found == []


def test_the_vendored_files_are_two():
    assert [path.name for path in VENDORED] == ["govuk-frontend.min.css", "govuk-frontend.min.js"]


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_a_page_about_our_own_mistake_needs_nothing_from_us(name):
    html = render_to_string(name)
    assert "<h1" in html and "Need help" in html
    assert "<script" not in html

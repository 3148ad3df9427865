"""Components are govuk-frontend's own, to the letter; and form fields become the right ones."""

import json
import re
from pathlib import Path

import pytest

from eligibility.govuk import component

EXAMPLES = json.loads((Path(__file__).parents[1] / "vendor/govuk-frontend-fixtures.json").read_text(encoding="utf-8"))


def plain(html: str) -> str:
    """HTML without the white space that no browser shows, and with one spelling of quotation marks."""
    return re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"\s+", " ", html)).strip().replace("&quot;", "&#34;")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each['component']}: {each['name']}")
def test_a_component_is_drawn_as_govuk_frontend_draws_it(example):
    assert plain(component(example["component"], **example["options"])) == plain(example["html"])

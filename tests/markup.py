"""Reads HTML back by CSS selectors."""

from cssselect2 import ElementWrapper
from lxml import html


def read(source: str):
    """The root of a piece of HTML, or of a whole page."""
    return html.fromstring(source if "<html" in source else f"<div>{source}</div>")


def every(tree, selector: str) -> list:
    """What a selector finds below an element, in the order of the page."""
    return [found.etree_element for found in ElementWrapper.from_html_root(tree).query_all(selector)]


def one(tree, selector: str):
    found = every(tree, selector)
    assert len(found) == 1, f"{selector} finds {len(found)}"
    return found[0]

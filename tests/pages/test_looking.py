"""The harness itself: what is wrong with a page is found, and a page that is right passes."""

import pytest

from tests.pages.looking import faults, look_at

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STYLE = "a, input { font-size: 20px; line-height: 2 } :focus { outline: 3px solid black }"
GOOD = {
    "head": f"<title>A page – Coprod</title><style>{STYLE}</style>",
    "main": "<h1>A page</h1><p><a href='/elsewhere/'>Somewhere else</a></p>",
    "after": "",
}
SUMMARY = (
    "<div class='govuk-error-summary'><h2>There is a problem</h2><a href='#{}'>Enter the hours</a></div>"
    "<h1>Hours</h1><label for='hours'>Hours</label> <input id='hours'>"
)
WRONG = {
    "Error: A page": (
        {"head": f"<title>Error: A page – Coprod</title><style>{STYLE}</style>"},
        "but there is no error",
    ),
    "no name": ({"head": f"<title>A page</title><style>{STYLE}</style>"}, "does not end with “– Coprod”"),
    "error without title": ({"main": SUMMARY.format("hours")}, "does not begin with “Error:”"),
    "two headings": ({"main": "<h1>One</h1><h1>Two</h1>"}, "2 headings of the first level"),
    "a template that shows": ({"main": "<h1>Hello {{ name }}</h1>"}, "something unfinished"),
    "too wide": ({"main": "<h1>Wide</h1><div style='width: 400px'>wide</div>"}, "408 pixels wide"),
    "no focus": ({"main": "<h1>Dark</h1><a href='/' style='outline: none'>Home</a>"}, "cannot be seen on <a> Home"),
    "no label": ({"main": "<h1>A page</h1><input id='hours'>"}, "axe label"),
    "small targets": (
        {"main": "<h1>A page</h1>" + "<button style='font-size: 6px; padding: 0; border: 0'>x</button>" * 2},
        "axe target-size",
    ),
    "a link that misses": (
        {"head": f"<title>Error: A page – Coprod</title><style>{STYLE}</style>", "main": SUMMARY.format("minutes")},
        "#minutes leads nowhere",
    ),
    "a broken script": ({"after": "<script>nobody()</script>"}, "script error"),
    "a forbidden picture": ({"after": "<img alt='' src='https://elsewhere.example/x.png'>"}, "CSP"),
    "a missing picture": ({"after": "<img alt='' src='/static/missing.png'>"}, "404 for"),
}


def html(head, main, after):
    help_block = "<section class='coprod-help' aria-label='Help'>Telephone us</section>"
    page = f"<body><header></header><main>{main}</main>{help_block}{after}</body></html>"
    return f"<!doctype html><html lang='en-GB'><head><meta name='viewport' content='width=device-width'>{head}</head>{page}"


def show(page, wrong):
    headers = {"Content-Security-Policy": "img-src 'self'"}
    answer = {"body": html(**{**GOOD, **wrong}), "content_type": "text/html; charset=utf-8", "headers": headers}
    page.route("**/a-page/", lambda route: route.fulfill(**answer))
    page.goto("/a-page/")


def test_a_page_that_is_right_passes(browse_as):
    for javascript in (True, False):
        page = browse_as(None, javascript=javascript)
        show(page, {})
        look_at(page, "")


def test_each_fault_is_found_by_what_looks_for_it(browse_as):
    missed = {}
    for name, (wrong, sentence) in WRONG.items():
        page = browse_as(None)
        show(page, wrong)
        found = faults(page, "")
        if not any(sentence in fault for fault in found):
            missed[name] = found
        page.close()
    assert missed == {}


def test_without_javascript_a_page_is_still_looked_at(browse_as):
    page = browse_as(None, javascript=False)
    show(page, WRONG["too wide"][0])
    [fault, *_] = faults(page, "")
    assert "408 pixels wide" in fault

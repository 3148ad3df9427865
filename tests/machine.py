"""What a test may need of the machine: Chromium, Pango, and patience (--long)."""

import os
import shutil
from functools import cache

import pytest

CHROMIUM_MISSING = (
    "Browser tests need Chromium, which was not found: install it (Debian: apt-get install chromium; "
    "macOS: brew install --cask chromium), or name a Chrome you have with CHROMIUM=/path/to/it."
)
PANGO_MISSING = (
    "Tests of PDFs need Pango, which was not found: install it (Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango)."
)


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@cache
def pango() -> bool:
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also the tests marked long, as far as they go")


def pytest_collection_modifyitems(config, items):
    long = [item for item in items if item.get_closest_marker("long")]
    if long and not config.getoption("--long"):
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_runtest_setup(item):
    if item.get_closest_marker("needs_chromium") or "browser" in item.fixturenames:
        if not chromium():
            _lacks(CHROMIUM_MISSING)
    if item.get_closest_marker("needs_pango") and not pango():
        _lacks(PANGO_MISSING)


def _lacks(sentence):
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def pytest_terminal_summary(terminalreporter):
    skipped = {report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])}
    for sentence in sorted(skipped & {CHROMIUM_MISSING, PANGO_MISSING}):
        terminalreporter.write_line(sentence, yellow=True)

"""What a test may need of the machine: Chromium, Pango, patience (--long), a place for pictures (--pictures)."""

import os
import shutil
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

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
    parser.addoption(
        "--pictures",
        nargs="?",
        const=str(ROOT / "var" / "pictures"),
        metavar="DIR",
        help="keep a picture of every page that is looked at, below DIR (var/pictures unless told)",
    )


def pytest_configure(config):
    if wanted := config.getoption("--pictures"):
        pictures = Path(wanted).resolve()
        if pictures.is_relative_to(ROOT) and not pictures.is_relative_to(ROOT / "var"):
            raise pytest.UsageError("Pictures stay out of the repository: name a folder below var/, or one elsewhere.")
        pictures.mkdir(parents=True, exist_ok=True)
        config.option.pictures = str(pictures)


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
    _tell_of_pages(terminalreporter)


def _tell_of_pages(terminalreporter):
    """Which pages, in which states, were walked in a browser: tests/pages/looking.py hands their names on."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    walked = sorted({name for report in reports for what, name in report.user_properties if what == "looked at"})
    if walked:
        terminalreporter.write_sep("-", f"Pages walked: {len(walked)}")
        for name in walked:
            terminalreporter.write_line(f"  {name}")

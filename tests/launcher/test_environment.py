"""When packages are installed, and when not."""

import re

import pytest

from launcher import ROOT, environment
from launcher.environment import DEVELOPMENT, EMBEDDED, PRODUCT


def pins(name: str) -> set[str]:
    return set(re.findall(r"^[\w.\[\],-]+==\S+", (ROOT / name).read_text(), re.MULTILINE))


@pytest.fixture
def installed(tmp_path, monkeypatch) -> list[str]:
    """What would be installed, in an environment of our own."""
    (tmp_path / "python").touch()
    names = []
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(environment, "_make_venv", lambda: None)
    monkeypatch.setattr(environment, "_install", names.append)
    return names


def test_the_development_lock_holds_the_other_two():
    assert pins(PRODUCT) | pins(EMBEDDED) <= pins(DEVELOPMENT)


def test_nothing_is_installed_twice(installed):
    environment.make()
    environment.make()
    assert installed == [PRODUCT, EMBEDDED]


def test_the_environment_of_the_suite_serves_the_product_as_it_is(installed):
    environment.make(development=True)
    environment.make()
    assert installed == [DEVELOPMENT]


def test_a_changed_lock_is_installed(installed, monkeypatch):
    environment.make()
    installed.clear()
    as_it_is = environment._digest
    monkeypatch.setattr(environment, "_digest", lambda name: as_it_is(name) + ("changed" if name == PRODUCT else ""))
    environment.make()
    assert installed == [PRODUCT]


def test_with_both_servers_elsewhere_none_are_installed(installed):
    environment.make(embedded=False)
    assert installed == [PRODUCT]

"""Which database belongs to a data folder."""

from pathlib import Path

import pytest

from launcher.place import Account, Place
from launcher.processes import Refusal


class Outsider(Account):
    """An account that cannot see into the data folder."""

    def can_enter(self, folder):
        return False


@pytest.fixture(autouse=True)
def var_lib(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "lib"
    folder.mkdir()
    monkeypatch.setattr("launcher.place.ELSEWHERE", folder)
    return folder


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "var/postgres").mkdir(parents=True)
    return tmp_path / "var"


def make(words: str):
    return lambda data: (data / "made").write_text(words)


def found(home: Path, words: str = "anew", account=Account(), said=None) -> str:  # noqa: B008
    place = Place(home, account, (said if said is not None else []).append)
    return (place.find_or_make(make(words)) / "made").read_text()


def test_the_database_lies_in_the_data_folder_and_is_kept(home):
    assert found(home, "first") == "first"
    assert found(home, "second") == "first"
    assert (home / "postgres/cluster/data/made").exists()


def test_where_the_data_folder_is_closed_it_lies_elsewhere_and_that_is_said(home, var_lib):
    said = []
    assert found(home, "first", Outsider(), said) == "first"
    assert [str(home) in sentence for sentence in said] == [True]
    assert found(home, "second", Outsider(), said) == "first"
    assert len(said) == 1
    assert [folder.name[:7] for folder in var_lib.iterdir()] == ["coprod-"]


def test_a_data_folder_made_anew_gets_a_new_database_and_the_old_one_is_put_aside(home, var_lib):
    said = []
    found(home, "first", Outsider())
    (home / "identifier").unlink()
    assert found(home, "second", Outsider(), said) == "second"
    assert "is new" in said[0]
    assert {path.read_text() for path in var_lib.glob("*/data/made")} == {"first", "second"}


def test_a_data_folder_whose_database_is_gone_is_refused_not_emptied(home, var_lib):
    found(home, "first", Outsider())
    next(var_lib.iterdir()).rename(var_lib / "moved")
    with pytest.raises(Refusal, match="moved or deleted"):
        found(home, "second", Outsider())


def test_a_making_that_was_interrupted_is_done_again(home):
    def fails(data):
        (data / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Place(home, Account(), print).find_or_make(fails)
    assert found(home, "whole") == "whole"
    assert [path.name for path in (home / "postgres/cluster").glob("unfinished-*")] == []

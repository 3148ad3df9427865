"""The address in the links that ./run and its commands print."""

from pathlib import Path
from types import SimpleNamespace

from launcher.run import _address_of_last_start


def at(folder: Path):
    return SimpleNamespace(folder=SimpleNamespace(path=folder))


def test_a_command_gives_links_to_where_the_product_answers(tmp_path: Path):
    (tmp_path / "serving").write_text("http://127.0.0.1:8071/")
    assert _address_of_last_start(at(tmp_path)) == "http://127.0.0.1:8071"


def test_where_it_never_was_started_links_lead_to_the_usual_port(tmp_path: Path):
    assert _address_of_last_start(at(tmp_path)) == "http://127.0.0.1:8000"
    (tmp_path / "serving").write_text("")
    assert _address_of_last_start(at(tmp_path)) == "http://127.0.0.1:8000"

"""What the launcher cannot do, it says in a sentence that names the remedy."""

import socket

import pytest

from launcher import binaries, environment, run
from launcher.datafolder import DataFolder
from launcher.place import Account
from launcher.processes import Refusal


def test_a_taken_port_names_the_option():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(Refusal, match=r"\./run --port"):
            run._refuse_taken(other.getsockname()[1])


def test_missing_servers_name_what_to_install(monkeypatch):
    monkeypatch.setattr(binaries, "_packages", lambda: [])
    monkeypatch.setattr(binaries, "_postgres_on_machine", lambda: None)
    monkeypatch.setattr(binaries.shutil, "which", lambda name: None)
    with pytest.raises(Refusal, match="apt-get install postgresql.*DATABASE_URL"):
        binaries.postgres_programs(Account())
    with pytest.raises(Refusal, match="apt-get install redis-server.*CELERY_BROKER_URL"):
        binaries.valkey_program()


def test_a_python_without_ensurepip_names_the_package(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "none")
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else True)
    with pytest.raises(Refusal, match="apt-get install python3-venv"):
        environment._make_venv()


def test_a_data_folder_that_cannot_be_made_names_the_variable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="COPROD_VAR=DIR"):
        DataFolder(tmp_path / "file" / "var").make()

"""./run manage, as a person or a script meets it."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from launcher import ROOT
from launcher.datafolder import DataFolder
from launcher.product import Product
from launcher.servers import SERVERS
from launcher.sharing import Share

pytestmark = pytest.mark.slow
OURS = ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "BANK_DETAILS_KEYS", "DJANGO_SETTINGS_MODULE")
TELLS = (
    "import os, json; from django.conf import settings; print(json.dumps([os.getcwd(), settings.DATABASES['default']]))"
)


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="coprod-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def manage(home: Path, *arguments: str, **options) -> subprocess.Popen:
    settings = {name: value for name, value in os.environ.items() if name not in OURS} | {"COPROD_VAR": str(home)}
    return subprocess.Popen(
        [ROOT / "run", "manage", *arguments],
        env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_the_exit_code_of_a_command_is_passed_on(home):
    product = Product(DataFolder(home), ROOT / ".venv/bin/python", dict(os.environ))
    assert product.manage("shell", "-v", "0", "-c", "raise SystemExit(7)") == 7


def test_two_commands_at_once_on_a_new_data_folder_share_its_servers_and_leave_none(home, tmp_path):
    both = [manage(home, "shell", "-v", "0", "-c", TELLS, cwd=tmp_path) for _ in range(2)]
    printed, told = zip(*(command.communicate(timeout=100) for command in both), strict=True)
    assert [command.returncode for command in both] == [0, 0], told
    folders, databases = zip(*map(json.loads, printed), strict=True)
    assert set(folders) == {str(tmp_path)}
    assert databases[0]["OPTIONS"]["host"] == databases[1]["OPTIONS"]["host"]
    assert "".join(told).count("Migrating") == 1
    assert [Share(kind, home)._kept() for kind in SERVERS] == [False, False]
    assert not Path(databases[0]["OPTIONS"]["host"]).exists()


def test_a_command_that_is_asked_to_end_leaves_no_server(home):
    command = manage(home, "shell", "-v", "0", "-c", "import time; print('at work', flush=True); time.sleep(60)")
    assert command.stdout.readline() == "at work\n"
    command.terminate()
    command.communicate(timeout=60)
    assert command.returncode == 143
    assert [Share(kind, home)._kept() for kind in SERVERS] == [False, False]

"""./test: the suite on real servers."""

import os

from launcher import ROOT, environment
from launcher.processes import Interrupted, Refusal, listen_for_interruptions, say

HELP = """\
./test                   Run the whole suite, in two processes: real PostgreSQL, Valkey, Celery worker and Chromium.
./test PATH -k WORDS …   Everything else goes to pytest. Paths are seen from the folder of this script.
./test --long            Also the tests that take minutes. Without it, the suite ends within twenty.
./test --pictures=DIR    Also keep a picture of every page the browser tests look at (var/pictures, without =DIR).
./test -n 0 --pdb        In one process, stopping where a test fails.

The first time makes .venv. DATABASE_URL and CELERY_BROKER_URL, where set, name the servers to use; the tests make a
database of their own (test_…) there. Without Chromium (or CHROMIUM=/path/to/it) browser tests are skipped, without
Pango those of PDFs; with CI=true they fail instead.
"""


def main(arguments: list[str]) -> int:
    if arguments in (["-h"], ["--help"]):
        print(HELP, end="")
        return 0
    listen_for_interruptions()
    try:
        python = environment.make(development=True)
    except Refusal as refusal:
        say(str(refusal))
        return 1
    except Interrupted as interrupted:
        return 128 + interrupted.number
    # From here on we are pytest: signals and exit code are its own.
    os.chdir(ROOT)
    limit = [] if "--long" in arguments else ["--session-timeout", "1200"]
    os.execv(python, [str(python), "-m", "pytest", "-n", "2", *limit, *arguments])

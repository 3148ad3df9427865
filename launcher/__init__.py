"""What stands behind ./run and ./test: from a bare Python 3.11 to a running product. Standard library only.

run.py          ./run: the whole product, or one command of it
test.py         ./test: the suite
environment.py  .venv, made and filled from the locked requirements
datafolder.py   var/: secrets, documents, logs, what has been migrated
sharing.py      one server for every launcher at work in a data folder; the last out stops it
keeper.py       the process that holds that server
guard.py        what ends the worker and the web server, should the launcher be killed
servers.py      PostgreSQL and Valkey themselves
place.py        where PostgreSQL's files lie, and who it runs as
binaries.py     where the two servers' programs are found
processes.py    children, signals, and words for the person at the keyboard
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

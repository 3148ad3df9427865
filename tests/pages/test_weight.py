"""What a first visit costs somebody who pays for each megabyte: through gunicorn, with hashed and compressed files."""

import os
import re
import socket
import subprocess
import sys
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import connection

from launcher.processes import start, stop
from tests.machine import ROOT
from tests.servers import with_path

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOST = 80_000  # bytes, of everything that one first visit loads


@pytest.fixture
def gunicorn(tmp_path):
    """The address of the service as it is served, with static files collected into a folder of its own."""
    database = with_path(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    environment = {**os.environ, "COPROD_VAR": str(tmp_path), "DATABASE_URL": database}
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = tmp_path / "gunicorn.log"
    with words.open("wb") as log:
        server = start(
            [sys.executable, "-m", "gunicorn", "coprod.wsgi", "-b", f"127.0.0.1:{port}", "--no-control-socket"],
            cwd=ROOT, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, server, words)
        yield url
    finally:
        stop(server, patience=5)


def wait_for(url, server, words):
    deadline = time.monotonic() + 60
    while True:
        try:
            return urlopen(f"{url}/sign-in/", timeout=10).close()
        except HTTPError as error:
            pytest.fail(f"The first page answers {error.code}:\n{words.read_text()[-2000:]}")
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"gunicorn did not answer:\n{words.read_text()[-2000:]}")
            time.sleep(0.1)


def visit(browser, url) -> tuple[dict[str, int], dict[str, object]]:
    """A first visit with an empty cache: bytes on the wire by address, and the answers."""
    context = browser.new_context()
    page = context.new_page()
    wire, addresses, answers = {}, {}, {}
    watched = context.new_cdp_session(page)
    watched.send("Network.enable")
    watched.on("Network.responseReceived", lambda told: addresses.update({told["requestId"]: told["response"]["url"]}))
    watched.on("Network.loadingFinished", lambda told: wire.update({told["requestId"]: told["encodedDataLength"]}))
    page.on("response", lambda response: answers.update({response.url: response}))
    page.goto(url, wait_until="networkidle")
    links = page.eval_on_selector_all("link[href], script[src], img[src]", "all => all.map(one => one.href || one.src)")
    for link in links:
        if link.startswith("http") and link not in answers:
            answers[link] = context.request.get(link)
    told = {address: (answer.status, answer.headers) for address, answer in answers.items()}
    weights = {addresses.get(request, request): int(size) for request, size in wire.items()}
    context.close()
    return weights, told


def test_a_first_visit_is_light_and_its_files_are_kept_for_good(browser, gunicorn):
    for address in ("/", "/sign-in/"):
        weights, answers = visit(browser, gunicorn + address)
        listed = "\n".join(f"{size:>8} {name}" for name, size in sorted(weights.items(), key=lambda one: -one[1]))
        assert sum(weights.values()) <= MOST, f"{address} weighs {sum(weights.values())} bytes:\n{listed}"
        files = {name: told for name, told in answers.items() if "/static/" in name}
        assert len(files) >= 3, listed
        for name, (status, _) in answers.items():
            assert status == 200, f"{status} for {name}"
            assert name.startswith(gunicorn), f"{name} comes from elsewhere"
        for name, (_, headers) in files.items():
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", name), f"{name} has no hash in its name"
            assert {"public", "immutable"} <= set(headers["cache-control"].split(", ")), name
            assert int(re.search(r"max-age=(\d+)", headers["cache-control"])[1]) >= 31_536_000, name
            if name.endswith((".css", ".js")):
                assert headers.get("content-encoding") in ("br", "gzip"), f"{name} is not compressed"

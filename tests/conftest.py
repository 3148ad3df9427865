"""Fixtures that replace a plugin's own."""

import pytest

from tests.machine import chromium


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The machine's own Chromium, silent: it asks nothing of the network."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip
    return {**browser_type_launch_args, "executable_path": chromium(), "args": quiet}

"""Fixtures that replace a plugin's own, and what holds for every test."""

import pytest

from tests.machine import chromium


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The machine's own Chromium, silent: it asks nothing of the network."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip
    return {**browser_type_launch_args, "executable_path": chromium(), "args": quiet}


@pytest.fixture(scope="session", autouse=True)
def plain_static_files():
    """The live server serves static files as they lie; their hashed names are tried with gunicorn."""
    from django.conf import settings
    from django.test import override_settings

    settings.STATIC_ROOT.mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture
def signed_in(db):
    """signed_in(person): a Client who signed in with their second factor."""
    from tests.doors import client_for

    return client_for

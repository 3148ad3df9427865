"""Pages for when something went wrong: what happened in plain words, what to do next, and how to reach a person."""

from django.http import HttpRequest
from django.shortcuts import render

from coprod.every_page import every_page


def bad_request(request, exception=None):
    return _plain("400.html", 400)


def server_error(request):
    return _plain("500.html", 500)


def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)


def _plain(template: str, status: int):
    """A page that asks neither the session nor the database, which may be what went wrong: as a stranger sees it."""
    return render(None, template, every_page(HttpRequest()), status=status)

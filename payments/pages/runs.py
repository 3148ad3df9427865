"""Payment runs: the calendar, and one run from its preview to the bank."""

from django.http import HttpResponse
from django.urls import path

from eligibility.doors import door
from eligibility.roles import Deed


@door(Deed.READ_RUNS)
def soon(request, **which):
    return HttpResponse("soon")


urls = [
    path("staff/runs/", soon, name="runs"),
    path("staff/runs/<on>/", soon, name="run"),
]

"""A claim as the person who makes it sees it: three questions, check, send, and what happens then."""

from django.http import HttpResponse
from django.urls import path

from eligibility.doors import door
from eligibility.roles import Deed


@door(Deed.LOOK_AFTER_MY_OWN)
def soon(request, **which):
    return HttpResponse("soon")


urls = [
    path("claims/<slug:reference>/", soon, name="claim"),
]

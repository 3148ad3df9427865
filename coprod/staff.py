"""The staff's home, and looking people up."""

from django.http import HttpResponse
from django.urls import path

from eligibility.doors import door
from eligibility.roles import Deed


@door(Deed.SEE_STAFF_HOME)
def soon(request, **which):
    return HttpResponse("soon")


urls = [
    path("staff/", soon, name="staff-home"),
    path("staff/people/", soon, name="people"),
]

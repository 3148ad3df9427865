"""Claims as the staff see them: the queue, and one claim with its decision."""

from django.http import HttpResponse
from django.urls import path

from eligibility.doors import door
from eligibility.roles import Deed


@door(Deed.READ_CLAIMS)
def soon(request, **which):
    return HttpResponse("soon")


urls = [
    path("staff/claims/", soon, name="staff-claims"),
    path("staff/claims/<slug:reference>/", soon, name="staff-claim"),
]

"""A co-producer's own pages: what comes next, payments, cards."""

from django.http import HttpResponse
from django.urls import path

from eligibility.doors import door
from eligibility.roles import Deed


@door(Deed.LOOK_AFTER_MY_OWN)
def soon(request, **which):
    return HttpResponse("soon")


urls = [
    path("me/", soon, name="me"),
    path("me/payments/", soon, name="my-payments"),
    path("me/cards/", soon, name="my-cards"),
]

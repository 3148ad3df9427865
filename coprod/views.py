"""The front page, which shows nothing about anybody, and the way home for whoever signed in."""

from datetime import timedelta

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from eligibility.doors import door
from eligibility.roles import Deed, may
from payments.rules.calendar import next_run_after
from payments.runs import office_calendar


@door(Deed.READ_PUBLIC_PAGES)
@require_safe
def front_page(request):
    now = timezone.localtime()
    year_ahead = now.date() + timedelta(days=365)
    next_run = next_run_after(now, office_calendar())
    return render(request, "coprod/front-page.html", {"today": now, "year_ahead": year_ahead, "next_run": next_run})


@door(Deed.LOOK_AFTER_MY_OWN)
@require_safe
def home(request):
    """Staff begin with what needs doing, everybody else with their own."""
    return redirect("staff-home" if may(request.roles, Deed.SEE_STAFF_HOME) else "me")

"""The front page, which shows nothing about anybody, and the way home for whoever signed in."""

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
    next_run = next_run_after(now, office_calendar(now.date()))
    return render(request, "coprod/front-page.html", {"next_run": next_run})


@door(Deed.LOOK_AFTER_MY_OWN)
@require_safe
def home(request):
    """Staff begin with what needs doing, everybody else with their own."""
    return redirect("staff-home" if may(request.roles, Deed.SEE_STAFF_HOME) else "me")

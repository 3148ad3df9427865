"""The front page: what this is, when the next pay day is, and what to try. It shows nothing about anybody."""

from datetime import timedelta

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from payments.rules.calendar import next_run_after
from payments.runs import office_calendar


@require_safe
def front_page(request):
    now = timezone.localtime()
    year_ahead = now.date() + timedelta(days=365)
    next_run = next_run_after(now, office_calendar())
    return render(request, "coprod/front-page.html", {"today": now, "year_ahead": year_ahead, "next_run": next_run})

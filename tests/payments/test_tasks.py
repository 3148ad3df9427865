"""What the clock does: beat only ticks, the database says what is due."""

import pytest
from celery import current_app

from eligibility.models import Event, EventSeal
from payments import tasks
from payments.models import PaymentRun
from tests.payments.office import AFTER_CUT_OFF, CUT_OFF, approved, person

pytestmark = pytest.mark.django_db


def tick(monkeypatch, at, times=1):
    monkeypatch.setattr(tasks.timezone, "now", lambda: at)
    for _ in range(times):
        for entry in current_app.conf.beat_schedule.values():
            if entry["options"]["queue"] == "money":
                current_app.tasks[entry["task"]]()


def test_R4_beat_prepares_the_due_run_as_a_proposal_once_however_often_it_fires(monkeypatch):
    approved(person("Ada"))
    tick(monkeypatch, CUT_OFF)
    assert not PaymentRun.objects.exists()
    tick(monkeypatch, AFTER_CUT_OFF, times=4)
    run = PaymentRun.objects.get()
    assert (run.state, run.prepared_by, run.bank_payments) == ("prepared", None, 1)
    assert Event.objects.filter(what="run prepared", by=None).count() == 1


def test_a_tick_seals_what_happened(monkeypatch):
    approved(person("Ada"))
    tick(monkeypatch, CUT_OFF)
    assert EventSeal.objects.count() == Event.objects.count()


def test_beat_knows_no_pay_day():
    assert all(isinstance(entry["schedule"], float) for entry in current_app.conf.beat_schedule.values())

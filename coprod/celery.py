"""The Celery app. Redis carries hints; the rows are the to-do list, so a lost message costs minutes."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coprod.settings")
app = Celery("coprod")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def catch_up(sender, **kwargs):
    """A worker that starts looks at once for what was left waiting, instead of at the next tick."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], **entry["options"])

"""TOP: settings, addresses, the Celery app and the front page. Nothing below imports it."""

from coprod.celery import app as celery_app

__all__ = ["celery_app"]

"""What the clock does for signing in."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from eligibility.models import SignInLink


@shared_task
def forget_old_sign_ins():
    """Sessions that ended, and links that no longer sign anybody in: that they were made and used, the events tell."""
    call_command("clearsessions")
    SignInLink.objects.filter(expires_at__lt=timezone.now()).delete()

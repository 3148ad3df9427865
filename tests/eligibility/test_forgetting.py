"""What nobody needs any more is not kept."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from eligibility.models import Event, SignInLink
from eligibility.sign_in_links import make_sign_in_link
from eligibility.tasks import forget_old_sign_ins
from tests.doors import client_for
from tests.payments import office

pytestmark = pytest.mark.django_db


def test_old_links_and_ended_sessions_are_forgotten_and_the_rest_stays():
    who, now = office.person(), timezone.now()
    client_for(who)
    client_for(who)
    Session.objects.filter(pk=Session.objects.first().pk).update(expire_date=now - timedelta(days=1))
    make_sign_in_link(who, at=now - timedelta(hours=1))
    make_sign_in_link(who, at=now)
    forget_old_sign_ins()
    assert SignInLink.objects.count() == 1
    assert Session.objects.count() == 1
    assert Event.objects.filter(what="sign-in link made").count() == 2

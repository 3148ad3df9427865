"""The second factor of staff: six digits that an app makes, and recovery codes for the day the telephone is gone.

allauth makes and checks the codes. The secrets lie sealed (eligibility/adapter.py).
"""

from datetime import datetime

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, validate_totp_code
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from eligibility.models import Event, Person
from eligibility.reasons import Reason, Refused

APP = Authenticator.Type.TOTP
RECOVERY = Authenticator.Type.RECOVERY_CODES
WRONG = Reason(
    "second-factor",
    "That code is not right, or it was used before. Wait for the next code in your app, and enter that one.",
)


def has_one(person: Person) -> bool:
    return Authenticator.objects.filter(user=person, type=APP).exists()


def secret_of(person: Person) -> str | None:
    held = Authenticator.objects.filter(user=person, type=APP).first()
    return get_adapter().decrypt(held.data["secret"]) if held else None


@transaction.atomic
def set_up(person: Person, secret: str, *, at: datetime, by: Person | None) -> Authenticator:
    """Make ``secret`` the person's second factor, with new recovery codes, in place of any they had."""
    Person.objects.select_for_update().get(pk=person.pk)
    replaced, _ = Authenticator.objects.filter(user=person).delete()
    factor = TOTP.activate(person, secret).instance
    RecoveryCodes.activate(person)
    what = "second factor replaced" if replaced else "second factor set up"
    Event.objects.record(what, person, by=by, at=at)
    return factor


def set_up_with_code(person: Person, secret: str, code: str, *, at: datetime) -> Authenticator:
    """Set the second factor up, if the code shows that the person's app has the secret. Raises Refused."""
    if not (validate_totp_code(secret, code) and first_use(person, code)):
        raise Refused(WRONG)
    return set_up(person, secret, at=at, by=person)


@transaction.atomic
def new_recovery_codes(person: Person, *, at: datetime) -> None:
    """Ten new codes; the old ones no longer work."""
    Person.objects.select_for_update().get(pk=person.pk)
    Authenticator.objects.filter(user=person, type=RECOVERY).delete()
    RecoveryCodes.activate(person)
    Event.objects.record("recovery codes made", person, by=person, at=at)


def unused_recovery_codes(person: Person) -> list[str]:
    held = Authenticator.objects.filter(user=person, type=RECOVERY).first()
    return held.wrap().get_unused_codes() if held else []


def proof(person: Person, code: str, *, at: datetime) -> Authenticator:
    """The factor that ``code`` proves: six digits of the app, or a recovery code, each used once. Raises Refused."""
    for factor in Authenticator.objects.filter(user=person, type__in=(APP, RECOVERY)).order_by("-type"):
        if not factor.wrap().validate_code(code):
            continue
        if factor.type == RECOVERY:
            Event.objects.record("recovery code used", person, by=person, at=at)
            return factor
        if first_use(person, code):
            return factor
    raise Refused(WRONG)


def confirm(person: Person, code: str) -> list[Reason]:
    """Why these six digits do not show that it is ``person``, at this moment. A recovery code never does.

    Called before the transaction of the deed it is for: digits are used up also when the deed is refused.
    """
    app = Authenticator.objects.filter(user=person, type=APP).first()
    if app is None:
        return [Reason("second-factor", "You have no authenticator app here yet. Set one up, then come back.")]
    return [] if app.wrap().validate_code(code) and first_use(person, code) else [WRONG]


def first_use(person: Person, code: str) -> bool:
    """Whether these digits are new, for as long as they could be right. (allauth forgets them half a minute early.)"""
    seconds = settings.MFA_TOTP_PERIOD * (2 * settings.MFA_TOTP_TOLERANCE + 1)
    return cache.add(f"second-factor-used-{person.pk}-{code}", "yes", timeout=seconds)


@transaction.atomic
def forget(person: Person, *, at: datetime) -> None:
    """Take the second factor away, for somebody who lost their telephone and their codes: they set up a new one.

    Whoever is signed in as them is signed in no longer: a lost telephone may be somebody else's now.
    """
    if not has_one(person):
        raise Refused(Reason("second-factor", f"{person.name} has no second factor. There is nothing to take away."))
    Authenticator.objects.filter(user=person).delete()
    person.set_unusable_password()  # another one: sessions are sealed with it, and there is no other use for it
    person.save(update_fields=["password"])
    Event.objects.record("second factor taken away", person, by=None, at=at)


def digits_now(secret: str, at: datetime) -> str:
    """The six digits that an app with this secret shows."""
    return format_hotp_value(hotp_value(secret, int(at.timestamp()) // settings.MFA_TOTP_PERIOD))

"""Signing in with a code that was sent: whom it is for, what they are told, and the tries it has.

Somebody the service does not know goes the same way with the same answers; only nothing they type can be right.
"""

import re
import secrets
import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac

from eligibility.channels import EMAIL, send
from eligibility.identity import normal_email, only_digits, uk_mobile
from eligibility.models import LAST_DIGITS, Person

MINUTES = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60
STRANGER, SEVERAL, KNOWN = "stranger", "several", "code"


def whose(channel: str, address: str) -> tuple[str, Person | None]:
    """Who signs in with this address, and why nobody does: it is unknown, or more than one person has it."""
    if channel == EMAIL:
        found = list(Person.objects.filter(email=normal_email(address)))
    else:
        found = holders_of(address)
    if len(found) > 1:
        return SEVERAL, None
    usable = found and (channel == EMAIL or uk_mobile(found[0].phone) == address)
    return (KNOWN, found[0]) if usable else (STRANGER, None)


def holders_of(mobile: str) -> list[Person]:
    """Everybody with this number, however it was written down. Two are as good as many."""
    return list(Person.objects.alias(last_digits=LAST_DIGITS).filter(last_digits=mobile[-10:])[:2])


class SignInCode(LoginCodeVerificationProcess):
    """One code and its tries, kept in the session of who asked for it, the code itself only as a keyed digest."""

    @classmethod
    def begin(cls, request, channel: str, address: str, go_on_to: str | None) -> "SignInCode":
        outcome, person = whose(channel, address)
        login = Login(user=person)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=person), initiated_by_user=True)
        stage.state.update(
            channel=channel, address=address, outcome=outcome, go_on_to=go_on_to, number=secrets.token_hex(8)
        )
        begun = cls(stage)
        begun.send()
        begun.persist()
        return begun

    @classmethod
    def under_way(cls, request) -> "SignInCode | None":
        """The code this session waits for, unless it is too old."""
        stage = LoginStageController.enter(request, LoginByCodeStage.key)
        return cls(stage).abort_if_invalid() if stage and "number" in stage.state else None

    @property
    def channel(self) -> str:
        return self.state["channel"]

    @property
    def address(self) -> str:
        return self.state["address"]

    @property
    def address_as_written(self) -> str:
        """A mobile number as people here write it: 07700 900123."""
        return re.sub(r"^\+44(\d{4})(\d{6})$", r"0\1 \2", self.address)

    @property
    def number(self) -> str:
        """By which its tries are counted, from however many tabs or machines they come."""
        return self.state["number"]

    @property
    def tries_left(self) -> int:
        return self.max_attempts - self.state["failed_attempts"]

    def send(self, skip_enumeration_mails: bool = False) -> None:
        # Made for everybody, so that it takes the same time; kept only for somebody it can sign in.
        code = get_adapter().generate_login_code()
        self.state["code"] = digest(self.number, code) if self.user else ""
        tell(self.channel, self.address, self.state["outcome"], code)

    def resend(self) -> None:
        self.send()
        self.state["at"] = time.time()
        self.record_resend()
        self.persist()

    def is_right(self, typed: str) -> bool:
        expected = self.state["code"] or digest("", "nobody's")
        return constant_time_compare(expected, digest(self.number, only_digits(typed)))


def digest(number: str, code: str) -> str:
    return salted_hmac("sign-in code " + number, code, algorithm="sha256").hexdigest()


def tell(channel: str, address: str, outcome: str, code: str) -> None:
    """Send the code, or kindly say that there is none. Raises NotSent."""
    words = {
        "code": f"{code[:3]} {code[3:]}",
        "minutes": MINUTES,
        "phone": settings.HELP_PHONE,
        "text": settings.HELP_TEXT,
        "email": settings.HELP_EMAIL,
    }
    subject = "Your sign-in code" if outcome == KNOWN else "Signing in"
    send(channel, address, subject, render_to_string(f"account/{channel}/{outcome}.txt", words).strip() + "\n")

"""What allauth asks of the house: nobody signs up, addresses are our own, secrets are sealed."""

from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.http import url_has_allowed_host_and_scheme

from eligibility.roles import STAFF
from eligibility.sealing import seal, unseal

CO_PRODUCER_SESSION = timedelta(days=14)
STAFF_SESSION = timedelta(hours=8)
SECRET = "second factor"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        """Only addresses of this service, without its name: a name could be somebody else's."""
        local = bool(url) and url.startswith("/") and len(url) < 2000
        return local and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_login_stages(self):
        return ["allauth.account.stages.LoginByCodeStage", "allauth.mfa.stages.AuthenticateStage"]

    def login(self, request, user):
        super().login(request, user)
        limit_session(request, user)


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text):
        return seal({"text": text}, place=SECRET)

    def decrypt(self, encrypted_text):
        return unseal(encrypted_text, place=SECRET)["text"]

    def get_totp_label(self, user):
        return user.email or user.name


def limit_session(request, person) -> None:
    """Staff sign in once a working day, everybody else once in two weeks."""
    request.session.set_expiry(CO_PRODUCER_SESSION if person.roles().isdisjoint(STAFF) else STAFF_SESSION)

"""The doors of the house: every page names its deed, and one that names none is closed.

    @door(Deed.DECIDE_CLAIMS)
    def approve(request, reference): ...

Who stands outside is sent to sign in; who may not come in is told so; staff need their second factor.
"""

from functools import wraps
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from eligibility.roles import Deed, Role, for_staff_only, may

# Where somebody was going when they were asked for their second factor; kept in their session.
WAY_ON = "way-on"


def door(deed: Deed):
    """Mark a page with the deed it is for. The mark is all there is: the one who looks at it is Doors."""

    def mark(view):
        @wraps(view)
        def marked(request, *args, **kwargs):
            return view(request, *args, **kwargs)

        marked.deed = deed
        return marked

    return mark


def has_second_factor(request) -> bool:
    """Whether this session was opened, or made sure of, with a second factor: six digits or a recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


class Doors:
    """Middleware that lets through whom the table of deeds lets through. `request.roles` says who that is."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.roles = SimpleLazyObject(lambda: roles_of(request.user))
        response = self.get_response(request)
        if request.user.is_authenticated:
            # The next person at a shared computer must not find it with the back button.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request, view, args, kwargs):
        deed = getattr(view, "deed", None)
        if may([Role.VISITOR], deed):
            return None
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': way_back(request)})}")
        if not may(request.roles, deed):
            raise PermissionDenied
        if for_staff_only(deed) and not has_second_factor(request):
            # The page that asks for it, or, from somebody who has none yet, that sets it up.
            request.session[WAY_ON] = way_back(request)
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return None


def way_back(request) -> str:
    """Where to go after signing in: this page, or, from something that was being sent, home."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else "/"


def roles_of(user) -> frozenset[Role]:
    return user.roles() if user.is_authenticated else frozenset([Role.VISITOR])

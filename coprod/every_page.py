"""What stands on every page: where one can go, what one may do, and how to reach a person."""

from django.conf import settings
from django.urls import reverse

from eligibility.roles import Deed, Role, may

# The name of a page, the words for it, and the deed it is for.
FOR_CO_PRODUCERS = [
    ("me", "Home", Deed.LOOK_AFTER_MY_OWN),
    ("my-payments", "Payments", Deed.LOOK_AFTER_MY_OWN),
    ("my-cards", "Thank-you cards", Deed.LOOK_AFTER_MY_OWN),
]
FOR_STAFF = [
    ("staff-home", "What needs doing", Deed.SEE_STAFF_HOME),
    ("staff-claims", "Claims", Deed.READ_CLAIMS),
    ("runs", "Payment runs", Deed.READ_RUNS),
    ("people", "People", Deed.READ_PEOPLE),
    ("me", "My own", Deed.LOOK_AFTER_MY_OWN),
]


def every_page(request):
    roles = getattr(request, "roles", frozenset([Role.VISITOR]))
    return {
        "navigation": navigation(request.path, roles),
        "may": {deed.name.lower() for deed in Deed if may(roles, deed)},
        "help": {"phone": settings.HELP_PHONE, "text": settings.HELP_TEXT, "email": settings.HELP_EMAIL},
    }


def navigation(path: str, roles) -> list[dict]:
    """The pages somebody with these roles can go to. The one that leads furthest towards ``path`` is where they are."""
    if Role.CO_PRODUCER not in roles:
        return []
    pages = FOR_STAFF if may(roles, Deed.SEE_STAFF_HOME) else FOR_CO_PRODUCERS
    items = [{"href": reverse(name), "text": words} for name, words, deed in pages if may(roles, deed)]
    here = max((item["href"] for item in items if path.startswith(item["href"])), key=len, default=None)
    return [{**item, "active": item["href"] == here} for item in items]

"""Who may use which address: what a reviewer would say, written by hand beside eligibility/roles.py and not from it."""

from dataclasses import dataclass

from eligibility.roles import Role

VISITOR, CO_PRODUCER, LEAD, OFFICER, AUTHORISER, AUDITOR = Role

EVERYBODY = set(Role)
SIGNED_IN = EVERYBODY - {VISITOR}
STAFF = {LEAD, OFFICER, AUTHORISER, AUDITOR}
MONEY = {OFFICER, AUTHORISER, AUDITOR}

READ, SEND, BOTH = ("GET",), ("POST",), ("GET", "POST")


@dataclass(frozen=True)
class Address:
    """``whose`` names what the address is about (tests/pages/world.py), for those that are about something."""

    who: set[Role]
    takes: tuple[str, ...]
    whose: str = ""
    also: tuple[int, ...] = ()  # what it may answer beside 200, 302 and 422


# name of the address: who may use it, what it takes, whose or which thing it is about
ADDRESSES = {
    "front-page": Address(EVERYBODY, READ),
    "home": Address(SIGNED_IN, READ),
    # Signing in. A link that is used up or unknown is gone (410), whoever asks.
    "account_login": Address(EVERYBODY, BOTH),
    "account_confirm_login_code": Address(EVERYBODY, BOTH),
    "sign-in-send-again": Address(EVERYBODY, SEND),
    "sign-in-by-link": Address(EVERYBODY, SEND, also=(410,)),
    "sign-in-link": Address(EVERYBODY, READ, "sign-in link", also=(410,)),
    "mfa_authenticate": Address(EVERYBODY, BOTH),
    "account_logout": Address(EVERYBODY, BOTH),
    # One's own second factor
    "mfa_activate_totp": Address(SIGNED_IN, BOTH),
    "mfa_reauthenticate": Address(SIGNED_IN, BOTH),
    "mfa_view_recovery_codes": Address(SIGNED_IN, BOTH),
    "mfa_generate_recovery_codes": Address(SIGNED_IN, SEND),
    "second-factor-new-telephone": Address(SIGNED_IN, BOTH),
    # One's own
    "me": Address(SIGNED_IN, READ),
    "my-claims": Address(SIGNED_IN, READ),
    "my-payments": Address(SIGNED_IN, READ),
    "my-cards": Address(SIGNED_IN, READ),
    "my-card": Address(SIGNED_IN, READ, "my card"),
    # One's own claim. The pages of its questions are for one that is not sent yet.
    "claim-start": Address(SIGNED_IN, SEND, "my part"),
    "claim": Address(SIGNED_IN, READ, "my sent claim"),
    "claim-hours": Address(SIGNED_IN, BOTH, "my claim"),
    "claim-choice": Address(SIGNED_IN, BOTH, "my claim"),
    "claim-costs": Address(SIGNED_IN, BOTH, "my claim"),
    "claim-cost-new": Address(SIGNED_IN, READ, "my claim"),
    "claim-cost-other": Address(SIGNED_IN, READ, "my claim"),
    "claim-cost-kind": Address(SIGNED_IN, BOTH, "my cost"),
    "claim-cost": Address(SIGNED_IN, BOTH, "my train fare"),
    "claim-cost-remove": Address(SIGNED_IN, BOTH, "my cost"),
    "claim-bank": Address(SIGNED_IN, BOTH, "my claim"),
    "claim-check": Address(SIGNED_IN, BOTH, "my claim"),
    "claim-sent": Address(SIGNED_IN, READ, "my sent claim"),
    "claim-withdraw": Address(SIGNED_IN, BOTH, "my sent claim"),
    # The office
    "staff-home": Address(STAFF, READ),
    "people": Address({OFFICER, AUDITOR}, READ),
    "staff-person": Address({OFFICER, AUDITOR}, READ, "person"),
    "staff-person-card": Address({OFFICER, AUDITOR}, READ, "card"),
    "staff-claims": Address(STAFF, READ),
    "staff-claim": Address(STAFF, READ, "claim"),
    # A claim that changed since it was opened is not decided (409).
    "approve-claim": Address({OFFICER}, BOTH, "claim", also=(409,)),
    "approve-claim-part": Address({OFFICER}, BOTH, "claim", also=(409,)),
    "return-claim": Address({OFFICER}, BOTH, "claim", also=(409,)),
    "refuse-claim": Address({OFFICER}, BOTH, "claim", also=(409,)),
    "state-claim-amount": Address({OFFICER}, BOTH, "claim without amount", also=(409,)),
    "undo-approval": Address({OFFICER}, BOTH, "approved claim", also=(409,)),
    # Payment runs
    "runs": Address(MONEY, READ),
    "run": Address(MONEY, READ, "run"),
    "run-lines": Address(MONEY, READ, "run"),
    "run-blocked": Address(MONEY, READ, "run"),
    "run-held": Address(MONEY, READ, "run"),
    "run-report": Address(MONEY, READ, "run report"),
    "run-prepare": Address({OFFICER}, BOTH, "run"),
    "run-cancel": Address({OFFICER}, BOTH, "unsent run"),
    "run-authorise": Address({AUTHORISER}, BOTH, "unsent run"),
    "run-list": Address({OFFICER, AUTHORISER}, BOTH, "run list"),
    "run-send": Address({OFFICER, AUTHORISER}, BOTH, "unsent run"),
    "run-came-back": Address({OFFICER, AUTHORISER}, BOTH, "run"),
}

# Addresses that answer a GET with a file, or send on, and so have no page to look at: why.
NO_PAGE = {
    "home": "It sends everybody on to their own home.",
    "run-prepare": "Its button is on the run's own page, and it sends there.",
    "approve-claim": "Its button is on the claim's own page, and it sends there.",
    "run-authorise": "The question is on the run's own page, and it sends there.",
    "claim-cost-new": "It sends on to the questions of a new cost.",
    "claim-bank": "There is a page only for who gave no account yet: the main job walks it.",
    "my-card": "It is a file to keep.",
    "staff-person-card": "It is a file to keep.",
    "run-report": "It is a file to keep.",
    "account_confirm_login_code": "There is a page only while a code is on its way: the main job walks it.",
    "mfa_authenticate": "There is a page only while somebody signs in: the main job walks it.",
    "mfa_view_recovery_codes": "The codes are shown only when they are new: the main job walks it.",
}

# Whom a page is looked at as, where the first who may come in finds something else there.
LOOKED_AT_BY = {
    "account_logout": CO_PRODUCER,
    "mfa_reauthenticate": OFFICER,
    "second-factor-new-telephone": OFFICER,
}

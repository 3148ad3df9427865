"""A co-producer's own pages: what comes next, payments, cards."""

from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.models import Participation
from eligibility.doors import door
from eligibility.models import Person
from eligibility.roles import Deed
from eligibility.tables import link
from payments.documents import card_reference
from payments.models import Claim, Document
from payments.pages import claiming_words as words
from payments.rules.claiming import CAN_BE_ANSWERED
from payments.rules.progress import Stage, long_day, pounds
from payments.tracking import Tracked, claims_of, finished, still_going, tax_years_of, told_last, tracked

A_PAGE = 50
A_FEW = 5
LATEST = 3
ON_THE_WAY = (Claim.Status.SUBMITTED, Claim.Status.APPROVED)
LOOKING = "We are looking at it"


@door(Deed.LOOK_AFTER_MY_OWN)
@require_safe
def home(request):
    """What to do next, what is on its way, what could still be claimed, and the latest that is finished."""
    now = timezone.now()
    newest = list(finished(request.user)[: LATEST + 1])
    going = list(still_going(request.user)[:A_PAGE])
    followed = {each.claim.pk: each for each in tracked([*going, *newest], at=now)}
    open_now = [followed[claim.pk] for claim in going]
    way = [on_the_way(each) for each in open_now if each.claim.status in ON_THE_WAY]
    attended = attended_without_claim(request.user)
    mine_now = [claim for claim in going if claim.status in CAN_BE_ANSWERED]
    asked = told_last(mine_now, "claim returned")
    todo = [next_step(claim, asked.get(claim.pk, "")) for claim in mine_now]
    page = {
        "todo": sorted(todo, key=lambda step: step["claim"].status == Claim.Status.DRAFT),
        "ring": told_once(open_now),
        "way": way[:A_FEW],
        "taken_back": [part for part in attended if part.was_taken_back],
        "costs": [part for part in attended if not part.was_taken_back],
        "claims": claim_rows([followed[claim.pk] for claim in newest[:LATEST]]),
        "claims_head": ["Activity", "Date", "Where it is"],
        "more": len(newest) > LATEST or len(way) > A_FEW,
    }
    return render(request, "coprod/me/home.html", page)


def next_step(claim: Claim, asked: str) -> dict:
    """A claim to finish, with what staff asked for when it came back."""
    returned = claim.status == Claim.Status.RETURNED
    return {
        "claim": claim,
        "activity": claim.participation.activity,
        "asked": asked if returned else "",
        "address": reverse("claim", args=[claim.reference]),
        "button": "See what we need" if returned else "Go on with your claim" if claim.answered else "Make your claim",
    }


def told_once(open_now: list[Tracked]) -> dict[str, list[Claim]]:
    """What we need to hear before we can pay, said once, with the claims that wait for it."""
    found = {}
    for followed in open_now:
        if any(part.stage in (Stage.CAME_BACK, Stage.NEEDS_BANK_DETAILS) for part in followed.parts):
            found.setdefault(followed.sentence, []).append(followed.claim)
    return found


def on_the_way(followed: Tracked) -> dict:
    """A claim that was sent, with each amount asked for or owed and not paid yet: never time and costs in one."""
    claim = followed.claim
    rows = [
        (words.PARTS[part.part], words.amount_and_when(pounds(part.amount), words.when(part)))
        for part in followed.parts
        if part.stage is not Stage.PAID
    ]
    if claim.status == Claim.Status.SUBMITTED:
        rows = [(what, words.amount_and_when(amount, LOOKING)) for what, amount in words.asked(claim)]
    return {"claim": claim, "activity": claim.participation.activity, "rows": rows or [("Your claim", LOOKING)]}


def claim_rows(claims: list[Tracked]) -> list[list]:
    return [
        [
            link(reverse("claim", args=[followed.claim.reference]), followed.claim.participation.activity.title,
                 about=f"claim {followed.claim.reference}"),
            long_day(followed.claim.participation.activity.on),
            words.tag(followed),
        ]
        for followed in claims
    ]  # fmt: skip


def attended_without_claim(person: Person) -> list[Participation]:
    """What somebody took part in and has no claim for, or took theirs back: it may have cost them something."""
    theirs = Claim.objects.filter(participation=OuterRef("pk"))
    standing = theirs.exclude(status=Claim.Status.WITHDRAWN)
    attended = Participation.objects.filter(person=person, attended_at__isnull=False).filter(~Exists(standing))
    attended = attended.annotate(was_taken_back=Exists(theirs))
    return list(attended.select_related("activity").order_by("-activity__on", "-pk")[:A_FEW])


@door(Deed.LOOK_AFTER_MY_OWN)
@require_safe
def all_claims(request):
    """Every claim, that of the newest activity first, fifty at a time."""
    before = request.GET.get("before", "")
    found = list(claims_of(request.user).filter(older_than(before))[: A_PAGE + 1])
    here = tracked(found[:A_PAGE], at=timezone.now())
    page = {
        "rows": claim_rows(here),
        "head": ["Activity", "Date", "Where it is"],
        "older": place_of(here[-1].claim) if len(found) > A_PAGE else None,
        "is_first": not before,
    }
    return render(request, "coprod/me/claims.html", page)


def place_of(claim: Claim) -> str:
    """Where a claim stands in the list: by its activity's day and, of one day, by its number."""
    return f"{claim.participation.activity.on}.{claim.pk}"


def older_than(place: str) -> Q:
    """What follows a place in the list; everything, where it is no place."""
    on, _, number = place.partition(".")
    try:
        day, number = date.fromisoformat(on), int(number[:18])
    except ValueError:
        return Q()
    return Q(participation__activity__on__lt=day) | Q(participation__activity__on=day, pk__lt=number)


@door(Deed.LOOK_AFTER_MY_OWN)
@require_safe
def payments(request):
    """Payments by tax year: for time and for costs, never added to each other."""
    years = [
        {
            "year": year,
            "time": [words.paid_row(line) for line in year.lines if line.kind != "costs"],
            "costs": [words.paid_row(line) for line in year.lines if line.kind == "costs"],
            "sums": words.sums_of(year),
        }
        for year in tax_years_of(request.user)
    ]
    page = {"years": years, "head": ["For", "Pay day", "How", "Amount"], "declined": declined_by(request.user)}
    return render(request, "coprod/me/payments.html", page)


def declined_by(person: Person) -> int:
    """How many claims were agreed for which they wanted nothing for their time."""
    return Claim.objects.filter(person=person, status=Claim.Status.APPROVED, choice="decline").count()


def cards_of(person: Person):
    due = Document.objects.filter(
        kind=Document.Kind.THANK_YOU_CARD, participation__person=person, cancelled_at__isnull=True
    )
    return due.select_related("participation__activity").order_by("-pk")


@door(Deed.LOOK_AFTER_MY_OWN)
@require_safe
def cards(request):
    before = request.GET.get("before", "")
    mine = cards_of(request.user)
    if before.isdecimal():
        mine = mine.filter(pk__lt=int(before[:18]))
    found = list(mine[: A_PAGE + 1])
    rows = [
        [document.participation.activity.title, long_day(document.participation.activity.on), words.card_cell(document)]
        for document in found[:A_PAGE]
    ]
    page = {
        "rows": rows,
        "head": ["To thank you for", "Date", "Card"],
        "older": found[A_PAGE - 1].pk if len(found) > A_PAGE else None,
        "waits": any(not document.made_at for document in found),
    }
    return render(request, "coprod/me/cards.html", page)


@door(Deed.LOOK_AFTER_MY_OWN)
@require_safe
def card(request, pk):
    """The card itself, as a file to keep."""
    document = get_object_or_404(cards_of(request.user).filter(made_at__isnull=False), pk=pk)
    path = settings.OUT_DIR / document.path
    if not path.is_file():
        raise Http404
    name = f"thank-you-card-{card_reference(document)}.pdf"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")


urls = [
    path("me/", home, name="me"),
    path("me/claims/", all_claims, name="my-claims"),
    path("me/payments/", payments, name="my-payments"),
    path("me/cards/", cards, name="my-cards"),
    path("me/cards/<int:pk>/", card, name="my-card"),
]

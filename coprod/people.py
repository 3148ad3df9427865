"""Looking people up, and what there is about one: claims, payments, thank-you cards."""

from django.db.models import Q, Sum
from django.http import FileResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from eligibility.doors import door
from eligibility.models import Person
from eligibility.people import enough_to_look_for, people_called
from eligibility.roles import Deed, may
from eligibility.tables import link
from payments.documents import open_document
from payments.in_tray import NEVER_SENT
from payments.models import BankDetails, Claim, Document, Payable, Payment
from payments.pages.deciding_words import claim_address, status_tag, tag
from payments.pages.runs_words import ONE, pounds, short_day
from payments.reports.figures import long_day

A_PAGE = 50
HEADS = {
    "claims": ["Claim", "Activity", "Day", "State"],
    "payments": ["Pay day", "How", "For the time", "Costs", "State"],
    "cards": ["Activity", "Day", "Card"],
}


def knows_contact(roles) -> bool:
    """Who deals with people has their contact; who reads the books has their names."""
    return may(roles, Deed.DECIDE_CLAIMS)


@door(Deed.READ_PEOPLE)
@require_safe
def people_page(request):
    looked_for = request.GET.get("q", "").replace("\0", "").strip()[:100]
    contact = knows_contact(request.roles)
    found = []
    if looked_for and enough_to_look_for(looked_for):
        found = list(people_called(looked_for, by_email=contact).order_by("name", "pk")[: A_PAGE + 1])
    facts = {
        "looked_for": looked_for,
        "too_short": bool(looked_for) and not enough_to_look_for(looked_for),
        "contact": contact,
        "head": ["Name", "E-mail", "Telephone"] if contact else ["Name"],
        "rows": [person_row(person, contact) for person in found[:A_PAGE]],
        "more": len(found) > A_PAGE,
    }
    return render(request, "coprod/staff/people.html", facts)


def person_row(person: Person, contact: bool) -> list:
    name = link(reverse("staff-person", args=[person.pk]), person.name)
    return [name, person.email, person.phone] if contact else [name]


@door(Deed.READ_PEOPLE)
@require_safe
def person_page(request, pk):
    person = get_object_or_404(Person, pk=pk)
    sent_or_begun = person.claims.exclude(NEVER_SENT).select_related("participation__activity")
    claims = list(sent_or_begun.order_by("-pk")[: A_PAGE + 1])
    facts = {
        "person": person,
        "heads": HEADS,
        "about": contact_rows(person) if knows_contact(request.roles) else [],
        "claim_rows": [claim_row(claim) for claim in claims[:A_PAGE]],
        "more_claims": len(claims) > A_PAGE,
        "payment_rows": [payment_row(payment) for payment in payments_of(person)],
        "card_rows": [card_row(document, person) for document in cards_of(person)],
    }
    return render(request, "coprod/staff/person.html", facts)


def contact_rows(person: Person) -> list[tuple]:
    details = BankDetails.objects.newest_of([person.pk]).defer("sealed").first()
    account = "None yet. They cannot be paid by bank."
    if details:
        account = (
            f"Account ending in {details.last_four}, entered on {long_day(timezone.localdate(details.entered_at))}"
        )
    return [
        ("E-mail", person.email or "None given"),
        ("Telephone", person.phone or "None given"),
        ("Bank details", account),
    ]


def claim_row(claim: Claim) -> list:
    activity = claim.participation.activity
    # What nobody sent yet is theirs alone.
    name = claim.reference if claim.status == Claim.Status.DRAFT else link(claim_address(claim), claim.reference)
    return [name, activity.title, short_day(activity.on), status_tag(claim)]


PAYMENT_TAGS = {
    "pending": ("In the run", "govuk-tag--blue"),
    "settled": ("Paid", "govuk-tag--green"),
    "failed": ("Came back", "govuk-tag--orange"),
    "cancelled": ("Cancelled", "govuk-tag--grey"),
}


def payments_of(person: Person):
    """The newest payments of what this person's claims owed, with their own time and costs in each, never added."""
    part = "lines__payable__part"
    theirs = Payment.objects.filter(lines__payable__claim__person=person).annotate(
        time=Sum("lines__payable__amount", filter=Q(**{part: Payable.Part.RECOGNITION})),
        costs=Sum("lines__payable__amount", filter=Q(**{part: Payable.Part.EXPENSES})),
    )
    return theirs.select_related("run", "charity").order_by("-pk")[:A_PAGE]


def payment_row(payment: Payment) -> list:
    day = link(reverse("run", args=[payment.run.pay_on.isoformat()]), short_day(payment.run.pay_on))
    how = f"Donation to {payment.charity}" if payment.charity else ONE[payment.method]
    return [day, how, pounds(payment.time), pounds(payment.costs), tag(*PAYMENT_TAGS[payment.state])]


def cards_of(person: Person) -> list[Document]:
    cards = Document.objects.filter(
        kind=Document.Kind.THANK_YOU_CARD, participation__person=person, cancelled_at__isnull=True
    )
    return list(cards.select_related("participation__activity").order_by("-due_at", "-pk")[:A_PAGE])


def card_row(document: Document, person: Person) -> list:
    activity = document.participation.activity
    if document.made_at:
        address = reverse("staff-person-card", args=[person.pk, document.pk])
        state = link(address, "Download (PDF)", about=f"the card for {activity.title}")
    elif document.problem:
        state = format_html("Cannot be made: {}", document.problem)
    else:
        state = "Being made"
    return [activity.title, short_day(activity.on), state]


@door(Deed.READ_PEOPLE)
@require_safe
def card(request, pk, document):
    made = get_object_or_404(
        Document,
        pk=document,
        kind=Document.Kind.THANK_YOU_CARD,
        participation__person=pk,
        cancelled_at__isnull=True,
        made_at__isnull=False,
    )
    return FileResponse(open_document(made), filename=f"thank-you-card-{made.pk}.pdf", as_attachment=True)


urls = [
    path("staff/people/", people_page, name="people"),
    path("staff/people/<int:pk>/", person_page, name="staff-person"),
    path("staff/people/<int:pk>/cards/<int:document>/", card, name="staff-person-card"),
]

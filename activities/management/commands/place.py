from django.utils import timezone

from activities.operations import policy_called
from activities.rules import place, rate_on
from eligibility.commands import OfficeCommand
from eligibility.reasons import Reason, Refused

ASK_A_PERSON = 3


class Command(OfficeCommand):
    help = "Say where a policy places an activity on its scale, and why. Exit code 3: a person must decide."

    def add_arguments(self, parser):
        parser.add_argument("--framework", required=True, metavar="SLUG")
        parser.add_argument("--kind", metavar="SLUG")
        parser.add_argument("--role", metavar="ROLE")
        parser.add_argument("--score", action="append", default=[], metavar="NAME=POINTS")
        self.add_format(parser)

    def answer(self, *, framework, kind, role, score, **options):
        policy = policy_called(framework)
        placing = place(policy, kind=kind, role=role, scores=dict(map(self.points, score)))
        band = placing.band
        rate = rate_on(policy, band, timezone.localdate()) if band else None
        return {
            "framework": framework,
            "kind": kind,
            "role": role,
            "band": band and band.slug,
            "title": band and band.title,
            "recognition": band and band.recognition,
            "choices": list(band.choices) if band else [],
            "rate": rate and str(rate),
            "why": placing.why,
            "source": placing.source,
            "proposal": placing.proposal,
        }

    def points(self, written: str) -> tuple[str, int]:
        name, _, points = written.partition("=")
        if not (points.isascii() and points.isdigit()):
            raise Refused(Reason("score", f'Write a score like --score name=2, not "{written}".'))
        return name, int(points)

    def show(self, answer, options):
        super().show(answer, options)
        if answer["band"] is None:
            raise SystemExit(ASK_A_PERSON)

    def in_words(self, answer):
        place = answer["title"] or "No band: a person must decide."
        return f"{place}\n{answer['why']} ({answer['source']}{', our own proposal' if answer['proposal'] else ''})"

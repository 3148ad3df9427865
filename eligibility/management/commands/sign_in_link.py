from django.utils import timezone

from eligibility.commands import OfficeCommand
from eligibility.operations import person_called
from eligibility.sign_in_links import make_sign_in_link


class Command(OfficeCommand):
    help = "Print a link that signs one person in: it works once, for 15 minutes, and leaves an event."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")
        self.add_format(parser)

    def answer(self, *, email, **options):
        return {"link": make_sign_in_link(person_called(email), at=timezone.now())}

    def in_words(self, answer):
        return answer["link"]

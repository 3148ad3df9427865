from django.utils import timezone

from coprod.demo_sign_in import demo_digits, refuse_others
from eligibility.commands import OfficeCommand
from eligibility.operations import person_called


class Command(OfficeCommand):
    help = "Print the six digits that the authenticator app of somebody of the demonstration would show now."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")
        self.add_format(parser)

    def answer(self, *, email, **options):
        refuse_others(email)
        return {"digits": demo_digits(person_called(email), at=timezone.now())}

    def in_words(self, answer):
        return answer["digits"]

from django.utils import timezone

from eligibility.commands import OfficeCommand
from eligibility.operations import person_called
from eligibility.second_factor import forget


class Command(OfficeCommand):
    help = "Take away the second factor of somebody who lost their phone and their codes. They set up a new one."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")

    def answer(self, *, email, **options):
        person = person_called(email)
        forget(person, at=timezone.now())
        self.note(f"{person.name} sets up a new second factor at the next sign-in. Make sure that it is really them.")

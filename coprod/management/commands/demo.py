import shlex

from django.conf import settings
from django.utils import timezone

from activities.operations import framework_called
from coprod.demo import make_demo
from eligibility.commands import OfficeCommand
from eligibility.models import Person
from eligibility.reasons import Reason, refuse_if

WHAT_TO_TRY = """\
Coprod has {people} imaginary people and {claims} claims. Two runs were paid; the run of {due} is due. Try:

  ./run manage prepare_run --on {due} --by officer@demo.example --preview
  ./run manage prepare_run --on {due} --by officer@demo.example --at {due}
  ./run manage authorise_run --on {due} --by authoriser@demo.example --at {due}
  ./run manage bank_file {due} --layout generic --by officer@demo.example --reason "to the bank"
  ./run manage run_report {due} --format html --output report.html
  ./run manage audit_money"""


class Command(OfficeCommand):
    help = "Fill an empty Coprod with a believable organisation of imaginary people, and a run that is due."

    def add_arguments(self, parser):
        parser.add_argument("--people", type=int, default=60)
        parser.add_argument("--claims", type=int, default=240)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are people already")
        self.add_format(parser)

    def answer(self, *, people, claims, seed, if_empty, **options):
        there = Person.objects.exists()
        if there and if_empty:
            return None
        reasons = []
        if there:
            reasons.append(Reason("demo", "There are people here already. A demonstration needs a new data folder."))
        if people < 1 or claims < 0:
            reasons.append(Reason("demo", "Ask for one person at least, and for no fewer claims than none."))
        refuse_if(reasons)
        framework_called("surrey-asc-2025")
        return make_demo(people=people, claims=claims, seed=seed, now=timezone.now())

    def in_words(self, answer):
        words = WHAT_TO_TRY.format(**answer)
        if settings.DATA_DIR == settings.BASE_DIR / "var":
            return words
        return words.replace("./run manage", f"COPROD_VAR={shlex.quote(str(settings.DATA_DIR))} ./run manage")

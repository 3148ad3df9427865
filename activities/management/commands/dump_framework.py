from activities.operations import framework_called, version_for
from eligibility.commands import OfficeCommand


class Command(OfficeCommand):
    help = "Print a policy as the file it can be loaded from."

    def add_arguments(self, parser):
        parser.add_argument("slug")

    def answer(self, *, slug, **options):
        return version_for(framework_called(slug)).policy.to_toml()

    def show(self, answer, options):
        self.stdout.write(answer, ending="")

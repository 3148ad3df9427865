import shlex

from django.conf import settings
from django.utils import timezone

from coprod.demo_sign_in import demo_secret, give_demo_second_factor, one_of_each_role
from eligibility.commands import OfficeCommand
from eligibility.roles import STAFF
from eligibility.sign_in_links import WORKS_FOR, make_sign_in_link

WORDS = """\
Sign in with a link. Each works once, for {minutes} minutes:

{links}

Staff are then asked for six digits, the same for all: {run} demo_code {staff}
(or put this key into an authenticator app, once for all of them: {secret})
A new link: {run} sign_in_link {staff}"""


class Command(OfficeCommand):
    help = "Print a link for each role of the demonstration, and what gives their second factor."

    def add_arguments(self, parser):
        self.add_format(parser)

    def answer(self, **options):
        now = timezone.now()
        people = one_of_each_role()
        for role, person in people:
            if role in STAFF:
                give_demo_second_factor(person, at=now)
        links = [
            {"role": role.label, "name": person.name, "email": person.email, "link": make_sign_in_link(person, at=now)}
            for role, person in people
        ]
        return {"links": links, "secret": demo_secret()} if links else None

    def in_words(self, answer):
        links, secret = answer["links"], answer["secret"]
        # One link to a line, at its end, so that a terminal makes it one to click on.
        width = max(len(f"{each['role']}, {each['name']}") for each in links)
        lines = [f"    {each['role'] + ', ' + each['name']:<{width}}  {each['link']}" for each in links]
        return WORDS.format(
            minutes=int(WORKS_FOR.total_seconds() // 60),
            links="\n".join(lines),
            run=run_manage(),
            staff=links[-1]["email"],
            secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        )


def run_manage() -> str:
    """How a person in the folder of the product runs a command on this data folder."""
    if settings.DATA_DIR == settings.BASE_DIR / "var":
        return "./run manage"
    return f"COPROD_VAR={shlex.quote(str(settings.DATA_DIR))} ./run manage"

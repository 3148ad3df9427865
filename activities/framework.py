"""A payment policy as data: what its file may say, reading one, and writing it back. No database, no clock.

Everything in which two organisations may differ stands in one TOML file (S25, S73). What a policy does not say
is left out of its file, and the service then asks a person. What is our own suggestion, because the source is
silent or missing, carries ``proposal = true``.
"""

import json
import tomllib
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

import tomlkit
from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from activities.file_lines import find_lines, line_of, syntax_error_line
from activities.plain_words import in_plain_words
from activities.policy_parts import (
    ActivityKind,
    Band,
    Calendar,
    Choice,
    ClaimAge,
    Cost,
    Criterion,
    Eligibility,
    HoursRules,
    Organisation,
    Part,
    Promises,
    Recognition,
    Role,
    Signpost,
    SourceDocument,
    Statement,
    Target,
    UnsettledScores,
)
from activities.policy_values import InexactDate, Slug, Text, Title, at_least_one, first_day
from activities.proofreading import problems_in
from eligibility.rules import RuleSet

__all__ = ["ActivityKind", "Band", "Choice", "Policy", "PolicyErrors", "Problem", "Recognition", "Role", "read_policy"]


class Policy(Part):
    """One version of one organisation's payment policy, whole."""

    slug: Slug
    name: Title
    version: Annotated[Text, StringConstraints(max_length=40)]
    status: Literal["draft", "consultation", "adopted", "retired"]
    effective_from: InexactDate
    review_by: date | None = None
    review_after_months: Annotated[int, Field(ge=1, le=120)] | None = None  # S114

    document: SourceDocument
    organisations: Annotated[tuple[Organisation, ...], AfterValidator(at_least_one)]
    eligibility: Eligibility | None = None
    bands: Annotated[tuple[Band, ...], AfterValidator(at_least_one)]
    criteria: tuple[Criterion, ...] = ()
    unsettled: tuple[UnsettledScores, ...] = ()
    kinds: tuple[ActivityKind, ...] = ()
    costs: tuple[Cost, ...] = ()
    hours: HoursRules | None = None
    calendar: Calendar | None = None
    target: Target | None = None
    claim_age: ClaimAge | None = None
    promises: Promises | None = None
    alternatives: tuple[Statement, ...] = ()  # S57
    thanks: tuple[Statement, ...] = ()  # S102 to S107
    values: tuple[Statement, ...] = ()  # S115
    signposting: tuple[Signpost, ...] = ()

    @property
    def starts_on(self) -> date:
        """The first day that ``effective_from`` can mean."""
        return first_day(self.effective_from)

    @property
    def rule_set(self) -> RuleSet | None:
        return self.eligibility and self.eligibility.rule_set

    def band(self, slug: str) -> Band | None:
        return next((band for band in self.bands if band.slug == slug), None)

    def kind(self, slug: str) -> ActivityKind | None:
        return next((kind for kind in self.kinds if kind.slug == slug), None)

    def cost(self, mode: str) -> Cost | None:
        return next((cost for cost in self.costs if cost.mode == mode), None)

    def to_document(self) -> dict:
        """The whole policy as JSON can hold it: dates as ISO text, amounts as text, nothing that is absent."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @classmethod
    def from_document(cls, document: dict) -> "Policy":
        """The policy in ``document``, where null means absent. Raises PolicyErrors with every problem."""
        return _judge(_without_nulls(document), lines={}, source="")

    def to_toml(self) -> str:
        """The one canonical file of this policy: the same policy gives the same bytes."""
        return tomlkit.dumps(_as_table(self, tomlkit.document())).strip() + "\n"


@dataclass(frozen=True)
class Problem:
    """One thing to put right in a policy file. ``line`` is None when there is no file."""

    path: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.path}: {self.reason}" if self.line else f"{self.path}: {self.reason}"


class PolicyErrors(Exception):
    """A policy was not accepted. ``problems`` holds all of them, in the order of the file."""

    def __init__(self, problems: list[Problem], source: str = ""):
        self.problems = problems
        self.source = source
        super().__init__("\n".join(f"{source} {problem}".strip() for problem in problems))


def read_policy(text: str, *, source: str = "") -> Policy:
    """The policy written in ``text`` (TOML). Raises PolicyErrors with every problem; ``source`` names the file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = f"This is not TOML: {error}. Put this line right first."
        raise PolicyErrors([Problem("(file)", syntax_error_line(text, error), reason)], source) from None
    return _judge(document, lines=find_lines(text), source=source)


def _judge(document: dict, *, lines: dict[tuple, int], source: str) -> Policy:
    """The policy in a document, or PolicyErrors with the problems of shape and of sense together."""
    found = list(problems_in(document))
    told = {path for path, _ in found}
    policy = None
    try:
        policy = Policy.model_validate_json(json.dumps(document, default=str))
    except ValidationError as errors:
        found += [(error["loc"], in_plain_words(error)) for error in errors.errors() if error["loc"] not in told]
    if found:
        problems = [Problem(_written(path), line_of(path, lines), reason) for path, reason in found]
        raise PolicyErrors(sorted(problems, key=lambda problem: problem.line or 0), source)
    return policy


def _without_nulls(value):
    if isinstance(value, dict):
        return {key: _without_nulls(entry) for key, entry in value.items() if entry is not None}
    return [_without_nulls(entry) for entry in value] if isinstance(value, list) else value


def _written(path: tuple) -> str:
    """("bands", 2, "rates") as bands[2].rates: counted from 0, as in every programming language."""
    written = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return written.lstrip(".") or "(file)"


_LAST_AMONG_ITS_KEYS = ("starts_on", "ends_on", "source", "proposal", "note")


def _as_table(part: Part, table):
    """Fill a TOML table with a part's facts: its own keys, then when and whence, then its sub-tables."""
    facts = {name: getattr(part, name) for name in type(part).model_fields}
    stated = {name: fact for name, fact in facts.items() if fact != type(part).model_fields[name].default}
    own = [name for name in stated if name not in _LAST_AMONG_ITS_KEYS and not _holds_parts(stated[name])]
    for name in own + [name for name in _LAST_AMONG_ITS_KEYS if name in stated]:
        table.add(name, _as_value(stated[name]))
    for name, fact in stated.items():
        if isinstance(fact, Part):
            table.add(tomlkit.nl())
            table.add(name, _as_table(fact, tomlkit.table()))
        elif _holds_parts(fact):
            entries = tomlkit.aot()
            for entry in fact:
                entries.append(_as_table(entry, tomlkit.table()))
            table.add(tomlkit.nl())
            table.add(name, entries)
    return table


def _holds_parts(fact) -> bool:
    return isinstance(fact, Part) or isinstance(fact, tuple) and isinstance(fact[0], Part)


def _as_value(fact):
    if isinstance(fact, tuple):
        listed = tomlkit.array()
        listed.extend(_as_value(entry) for entry in fact)
        return listed.multiline(len(fact) > 6 or sum(len(entry) for entry in fact) > 80)
    if isinstance(fact, time):
        return f"{fact:%H:%M}"
    if isinstance(fact, Decimal):
        return str(fact)
    if isinstance(fact, StrEnum):
        return fact.value
    return fact

"""Deeds on policies: load one from its file, give it back as a file."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from activities.framework import Policy, read_policy
from activities.models import Framework, FrameworkVersion
from eligibility.models import Event, Person
from eligibility.reasons import Reason, Refused, refuse_if

SHIPPED = Path(__file__).parent / "frameworks"


@transaction.atomic
def load_framework(text: str, *, source: str, by: Person | None, at: datetime) -> tuple[FrameworkVersion, bool]:
    """Load a policy file as a version of its framework: (the version, whether anything changed).

    Loading the same policy again changes nothing. A draft may be loaded anew; what is published never
    changes, so another policy needs another version. Raises PolicyErrors with every problem of the file.
    """
    policy = read_policy(text, source=source)
    framework, _ = Framework.objects.get_or_create(slug=policy.slug, defaults={"name": policy.name})
    version = FrameworkVersion.objects.select_for_update().filter(framework=framework, version=policy.version).first()
    document = policy.to_document()
    if version and version.document == document:
        return version, False
    refuse_if(reasons_not_to_replace(version))
    version = version or FrameworkVersion(framework=framework, version=policy.version)
    version.status = policy.status
    version.effective_from, version.review_by = policy.starts_on, policy.review_by
    version.document, version.loaded_at = document, at
    version.save()
    Event.objects.record("framework loaded", version, by=by, at=at)
    return version, True


def reasons_not_to_replace(version: FrameworkVersion | None) -> list[Reason]:
    if version is None or version.status == FrameworkVersion.Status.DRAFT:
        return []
    return [
        Reason(
            "S114",
            f"{version} is published and never changes. Give the changed policy another version in its file.",
        )
    ]


def framework_called(slug: str) -> Framework:
    framework = Framework.objects.filter(slug=slug).first()
    if framework is None:
        known = ", ".join(Framework.objects.order_by("slug").values_list("slug", flat=True)) or "none loaded yet"
        raise Refused(Reason("framework", f'There is no framework "{slug}" here. There is: {known}.'))
    return framework


def version_for(framework: Framework, on: date | None = None) -> FrameworkVersion:
    """The version of a framework that is in force on a day."""
    return in_force(framework.versions.order_by("effective_from", "pk"), on)


def in_force(versions: Iterable[FrameworkVersion], on: date | None = None) -> FrameworkVersion:
    """Of a framework's versions, oldest first: the newest that was adopted and had started, else the first there is.

    Without a day, the newest. A framework of which nothing was adopted yet is taken as it is consulted on, and
    only then as it is drafted.
    """
    versions = list(versions)
    for standing in (("adopted", "retired"), ("consultation",)):
        if found := [version for version in versions if version.status in standing]:
            versions = found
            break
    started = [version for version in versions if on is None or version.effective_from <= on]
    return started[-1] if started else versions[0]


def policy_called(slug: str) -> Policy:
    return version_for(framework_called(slug)).policy

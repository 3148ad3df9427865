"""The commands about policies, as a script calls them."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from activities.models import FrameworkVersion
from activities.operations import SHIPPED, version_for
from eligibility.models import Event

pytestmark = pytest.mark.django_db
SURREY = SHIPPED / "surrey-asc-2025.toml"


@pytest.fixture(autouse=True)
def loaded(db):
    call_command("load_framework", stdout=open("/dev/null", "w"))


def answer(capsys, *command, code=0):
    """What a command prints as JSON, and that it ends with ``code``."""
    if code:
        with pytest.raises(SystemExit) as ended:
            call_command(*command, "--format", "json")
        assert ended.value.code == code
    else:
        call_command(*command, "--format", "json")
    return json.loads(capsys.readouterr().out)


def reworded(tmp_path: Path, before: str, after: str) -> Path:
    text = SURREY.read_text(encoding="utf-8")
    assert before in text
    changed = tmp_path / "policy.toml"
    changed.write_text(text.replace(before, after, 1), encoding="utf-8")
    return changed


def test_loading_again_changes_nothing(capsys):
    assert [one["changed"] for one in answer(capsys, "load_framework")] == [False, False]
    assert FrameworkVersion.objects.count() == 2
    assert Event.objects.filter(what="framework loaded").count() == 2


def test_a_published_version_is_not_replaced_and_a_new_version_is_added(tmp_path, capsys):
    changed = reworded(tmp_path, 'amount = "15.00"', 'amount = "16.00"')
    refused = answer(capsys, "load_framework", str(changed), code=1)
    assert "another version" in refused["refused"][0]["text"]
    newer = reworded(tmp_path, 'version = "July 2025"', 'version = "July 2026"')
    newer.write_text(newer.read_text().replace('effective_from = "2025-07"', 'effective_from = "2026-07"'))
    assert answer(capsys, "load_framework", str(newer))[0]["changed"] is True
    surrey = FrameworkVersion.objects.get(version="July 2025").framework
    assert version_for(surrey, date(2026, 6, 30)).version == "July 2025"
    assert version_for(surrey, date(2026, 7, 1)).version == "July 2026"
    assert version_for(surrey, date(2020, 1, 1)).version == "July 2025"


def test_a_draft_may_be_loaded_anew(tmp_path, capsys):
    draft = reworded(tmp_path, 'status = "adopted"', 'status = "draft"')
    draft.write_text(draft.read_text().replace('version = "July 2025"', 'version = "next"'))
    assert answer(capsys, "load_framework", str(draft))[0]["changed"] is True
    draft.write_text(draft.read_text().replace('amount = "15.00"', 'amount = "16.00"', 1))
    assert answer(capsys, "load_framework", str(draft))[0]["changed"] is True
    assert FrameworkVersion.objects.filter(version="next").count() == 1


def test_every_problem_of_a_file_is_told_with_its_path_line_and_reason(tmp_path, capsys):
    broken = reworded(tmp_path, 'recognition = "hourly"', 'recognition = "hurly"')
    broken.write_text(broken.read_text().replace('choices = ["none", "decline"]', 'choices = ["none", "declined"]', 1))
    told = [reason["text"] for reason in answer(capsys, "load_framework", str(broken), code=1)["refused"]]
    assert len(told) >= 2
    lines = broken.read_text().splitlines()
    for word, path in (("hurly", "bands[3].recognition"), ("declined", "bands[0].choices")):
        reason = next(text for text in told if path in text and word in text)
        line = next(number for number, text in enumerate(lines, 1) if word in text)
        assert f"line {line}" in reason


def test_a_file_that_is_not_there_is_a_sentence(capsys):
    [reason] = answer(capsys, "load_framework", "no-such-file.toml", code=1)["refused"]
    assert "no-such-file.toml cannot be read" in reason["text"]


@pytest.mark.parametrize("slug", ["surrey-asc-2025", "co-production-collective-2021"])
def test_what_is_dumped_loads_as_the_same_policy_and_dumps_as_the_same_bytes(slug, tmp_path, capsys):
    call_command("dump_framework", slug)
    first = capsys.readouterr().out
    (tmp_path / "again.toml").write_text(first, encoding="utf-8")
    assert answer(capsys, "load_framework", str(tmp_path / "again.toml"))[0]["changed"] is False
    call_command("dump_framework", slug)
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("framework", "kind", "band"),
    [
        ("surrey-asc-2025", "interview-panel", "hourly"),
        ("surrey-asc-2025", "web-content", "thank-you-card"),
        ("co-production-collective-2021", "blog", "work"),
        ("co-production-collective-2021", "intro-meeting", "not-work"),
    ],
)
def test_placing(framework, kind, band, capsys):
    placed = answer(capsys, "place", "--framework", framework, "--kind", kind)
    assert placed["band"] == band and placed["why"] and placed["source"]
    assert placed["rate"] == ("15.00" if band == "hourly" else None)


def test_S34_where_no_band_follows_a_person_is_asked(capsys):
    placed = answer(capsys, "place", "--framework", "surrey-asc-2025", "--kind", "co-facilitate-presentation", code=3)
    assert placed["band"] is None and "person" in placed["why"]


def test_S20_a_cuppa_needs_the_role(capsys):
    cuppa = ["place", "--framework", "co-production-collective-2021", "--kind", "cuppa"]
    assert answer(capsys, *cuppa, code=3)["band"] is None
    assert answer(capsys, *cuppa, "--role", "attend")["band"] == "not-work"
    assert answer(capsys, *cuppa, "--role", "facilitate")["band"] == "work"


def test_scores_place_an_activity_of_no_kind_and_wrong_ones_are_refused(capsys):
    scale = ["place", "--framework", "co-production-collective-2021"]
    policy = FrameworkVersion.objects.get(framework__slug="co-production-collective-2021").policy
    scores = [part for criterion in policy.criteria for part in ("--score", f"{criterion.slug}=1")]
    assert answer(capsys, *scale, *scores)["band"] == "work"
    assert answer(capsys, *scale, "--score", "no-such=1", code=1)["refused"]
    assert answer(capsys, *scale, "--score", "x", code=1)["refused"]
    assert answer(capsys, "place", "--framework", "nobody", code=1)["refused"]
    assert answer(capsys, "place", "--framework", "surrey-asc-2025", "--kind", "nothing", code=1)["refused"]

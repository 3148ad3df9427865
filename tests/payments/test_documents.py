"""Cards are made by the sweep: each once, none lost, by a real worker too."""

import hashlib
import json
import time
from threading import Thread

import pikepdf
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction

from payments import documents, tasks
from payments.models import Document
from payments.out import write_whole
from payments.runs import authorise_run, mark_sent, prepare_run
from tests.payments.office import AFTER_CUT_OFF, PAY_DAY, approved, authoriser, officer, person

pytestmark = [pytest.mark.needs_pango, pytest.mark.django_db(transaction=True)]


def due(name: str) -> Document:
    approved(person(name), kind="web-content", choice="none")
    return Document.objects.get(participation__person__name=name)


def sweep() -> int:
    return documents.make_due_documents(at=AFTER_CUT_OFF)


def content(document: Document) -> bytes:
    return (settings.OUT_DIR / document.path).read_bytes()


def test_a_card_that_is_due_is_made_once_and_kept_with_its_hash():
    card = due("Łucja Święcicka")
    assert (sweep(), sweep()) == (1, 0)
    card.refresh_from_db()
    assert card.made_at == AFTER_CUT_OFF
    assert hashlib.sha256(content(card)).hexdigest() == card.sha256
    with pikepdf.open(settings.OUT_DIR / card.path) as pdf:
        assert "Łucja Święcicka" in str(pdf.docinfo["/Title"])
        assert pdf.Root.MarkInfo.Marked


def test_a_character_that_no_font_has_is_a_task_and_the_others_are_made():
    unwritable, fine = due("Ada 🌻"), due("Ben")
    sweep()
    unwritable.refresh_from_db(), fine.refresh_from_db()
    assert "U+1F33B" in unwritable.problem and unwritable.made_at is None
    assert fine.made_at
    assert sweep() == 0


def test_two_sweeps_at_once_make_each_card_once(monkeypatch):
    cards = [due(f"Person {number}") for number in range(6)]
    made = []
    keep = documents.keep

    def counted(document, result, at):
        made.append(document.pk)
        keep(document, result, at)

    monkeypatch.setattr(documents, "keep", counted)

    def sweep_until_done():
        while sweep():
            pass
        connection.close()

    sweeps = [Thread(target=sweep_until_done, daemon=True) for _ in range(3)]
    for one in sweeps:
        one.start()
    for one in sweeps:
        one.join(timeout=60)
    assert sorted(made) == [card.pk for card in cards]


def test_R6_a_sweep_that_dies_leaves_the_row_and_the_next_one_makes_the_same_file(monkeypatch):
    card = due("Ada")

    def die(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(documents, "keep", die)
        sweep()
    card.refresh_from_db()
    assert card.made_at is None and card.attempts == 1
    assert sweep() == 1
    card.refresh_from_db()
    assert card.made_at


def test_a_row_that_kills_its_worker_every_time_ends_in_front_of_a_person_and_holds_nobody_up(monkeypatch):
    poison, make = due("Poison"), documents.make_cards

    def choke(facts):
        if any(card.person == "Poison" for card in facts):
            raise MemoryError
        return make(facts)

    monkeypatch.setattr(documents, "make_cards", choke)
    for _ in range(documents.MOST_ATTEMPTS):
        with pytest.raises(MemoryError):
            sweep()
    fine = due("Fine")
    while sweep():
        pass
    poison.refresh_from_db(), fine.refresh_from_db()
    assert "5 attempts" in poison.problem and fine.made_at


def test_without_pango_everything_waits_and_no_attempt_is_counted(monkeypatch):
    card = due("Ada")
    monkeypatch.setattr(documents, "engine_problem", lambda: "no Pango")
    with pytest.raises(documents.PdfEngineMissing):
        sweep()
    card.refresh_from_db()
    assert (card.attempts, card.problem, card.made_at) == (0, "", None)


@pytest.mark.slow
def test_a_real_worker_makes_the_cards_and_prepares_nothing_twice(celery_worker_process):
    cards = [due(f"Person {number}") for number in range(documents.BATCH + 3)]
    current_app.send_task("payments.tasks.make_documents", queue="documents")
    until = time.monotonic() + 60
    while Document.objects.filter(made_at__isnull=True).exists() and time.monotonic() < until:
        time.sleep(0.2)
    made = Document.objects.filter(pk__in=[card.pk for card in cards], made_at__isnull=False)
    assert made.count() == len(cards)
    assert all(content(card).startswith(b"%PDF") for card in made)


def test_R57_a_task_carries_no_argument_at_all():
    for task in (tasks.prepare_due_run, tasks.seal_events, tasks.make_documents):
        assert task.run.__code__.co_argcount == 0
    assert all("args" not in entry for entry in current_app.conf.beat_schedule.values())
    assert {entry["task"] for entry in current_app.conf.beat_schedule.values()} <= set(current_app.tasks)


def test_half_a_file_is_never_seen(tmp_path):
    write_whole(tmp_path / "a" / "card.pdf", b"whole")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["card.pdf"]


def test_what_is_rolled_back_owes_no_card():
    with transaction.atomic():
        due("Ada")
        transaction.set_rollback(True)
    assert sweep() == 0


def test_every_deed_on_a_run_makes_its_report_due_and_one_report_serves_them_all():
    approved(person("Ada"))
    run = prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    sweep()
    folder = settings.OUT_DIR / "reports" / "2026-11-27"
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".html", ".json", ".pdf"]
    assert json.loads((folder / "run-report.json").read_text())["state"] == "prepared"
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    assert (sweep(), sweep()) == (1, 0)
    assert json.loads((folder / "run-report.json").read_text())["state"] == "sent"
    made = run.documents.order_by("pk").last()
    assert hashlib.sha256(content(made)).hexdigest() == made.sha256


def test_two_sweeps_at_work_on_one_runs_reports_do_not_wait_for_each_other():
    approved(person("Ada"))
    run = prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    went_wrong = []

    def sweep_until_done():
        try:
            while sweep():
                pass
        except Exception as error:
            went_wrong.append(error)
        finally:
            connection.close()

    sweeps = [Thread(target=sweep_until_done, daemon=True) for _ in range(3)]
    for one in sweeps:
        one.start()
    for one in sweeps:
        one.join(timeout=60)
    assert went_wrong == []
    assert not run.documents.filter(made_at__isnull=True).exists()

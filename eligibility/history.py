"""The chain over the audit trail: sealing what happened, and finding where history was changed or removed."""

import hashlib
import json

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from eligibility.models import Event, EventSeal, EventText

SEALING_LOCK = 7_301  # any number that no other advisory lock uses

# The columns of an event that its seal holds fast.
SEALED_COLUMNS = ("pk", "what", "about", "about_id", "by_id", "at", "recorded_at", "facts")


def event_digest(previous: str, event: tuple, text_hash: str) -> str:
    """The hash of one event (its SEALED_COLUMNS), chained to the one before it."""
    pk, what, about, about_id, by_id, at, recorded_at, facts = event
    told = [
        previous,
        pk,
        what,
        about,
        about_id,
        by_id,
        at.timestamp().hex(),
        recorded_at.timestamp().hex(),
        facts,
        text_hash,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def text_digest(salt, text: str) -> str:
    """The salted hash of an event's words, which the chain holds in their place."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def words_of(texts) -> dict[int, tuple]:
    """(salt, text) by event, for those that have words."""
    return {event: (salt, text) for event, salt, text in texts.values_list("event", "salt", "text")}


@transaction.atomic
def seal_events() -> str:
    """Chain every event not yet sealed, in order, and return the head of the chain.

    Events are inserted plainly and sealed by a sweep, because a chain written by each deed would make every
    approval wait for the one before it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING_LOCK])
    last = EventSeal.objects.order_by("-seq").first()
    seq, previous = (last.seq, last.hash) if last else (0, "")
    unsealed = Event.objects.filter(~Exists(EventSeal.objects.filter(event_id=OuterRef("pk")))).order_by("pk")
    words = words_of(EventText.objects.filter(~Exists(EventSeal.objects.filter(event_id=OuterRef("event")))))
    seals = []
    for event in unsealed.values_list(*SEALED_COLUMNS).iterator(chunk_size=5000):
        text_hash = text_digest(*words[event[0]]) if event[0] in words else ""
        digest = event_digest(previous, event, text_hash)
        seq += 1
        seals.append(EventSeal(seq=seq, event_id=event[0], text_hash=text_hash, previous=previous, hash=digest))
        previous = digest
    EventSeal.objects.bulk_create(seals, batch_size=5000)
    return previous


def broken_seals() -> list[str]:
    """Where the history was changed or removed since it was sealed: one sentence for each place found."""
    found, expected_seq, expected_previous = [], 0, ""
    events = {event[0]: event for event in Event.objects.values_list(*SEALED_COLUMNS).iterator(chunk_size=5000)}
    words = words_of(EventText.objects.all())
    chain = EventSeal.objects.order_by("seq").values_list("seq", "event_id", "text_hash", "previous", "hash")
    for seq, event_id, text_hash, previous, digest in chain.iterator(chunk_size=5000):
        expected_seq += 1
        if seq != expected_seq or previous != expected_previous:
            found.append(f"the chain is cut before seal {seq}")
            expected_seq = seq
        found += broken_seal(events.get(event_id), words.get(event_id), event_id, text_hash, previous, digest)
        expected_previous = digest
    return found


def broken_seal(event, words, event_id: int, text_hash: str, previous: str, digest: str) -> list[str]:
    if event is None:
        return [f"event {event_id} was removed"]
    if event_digest(previous, event, text_hash) != digest:
        return [f"event {event_id} was changed"]
    if text_hash and words is None:
        return [f"the words of event {event_id} were removed"]
    # Blank words were erased with the person, which the chain allows.
    if words and words[1] and text_digest(*words) != text_hash:
        return [f"the words of event {event_id} were changed"]
    return []

"""All meanings of a word."""

from __future__ import annotations

from erstwhile.domain.vocabulary.storable_text import is_storable
from erstwhile.projections.finding.calls_found import access_keys, addresses, sessions
from erstwhile.projections.finding.entities_found import entities
from erstwhile.projections.finding.events_found import events
from erstwhile.projections.finding.found import Found
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index.index import TrailIndex


def find(connection: Connection, words: str, known_at: int, index: TrailIndex | None = None) -> list[Found]:
    """What a word means, as known at a log position: entities first, then keys, sessions, addresses, records and
    events. Empty where nothing here has it. `index`: tells which events are worth a look."""
    if not is_storable(words):
        return []
    return [
        *entities(connection, words, known_at),
        *access_keys(connection, words, known_at),
        *sessions(connection, words, known_at, index),
        *addresses(connection, words, known_at, index),
        *events(connection, words, known_at, index),
    ]

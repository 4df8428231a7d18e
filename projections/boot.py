"""Builds the replay engine from history at its checkpoint, which is faster than a replay of all events: its Directory
goes on from history's columns, and loads what is asked and changed alone.

If history cannot be read, the engine replays the log, so that no start depends on a read model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from datetime import datetime

import psycopg

from erstwhile.domain.directory.writable_view import WritableView
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import TYPE_NAMES, Event
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.principals import GroupRenamed, UserRenamed
from erstwhile.domain.events.slots import new_name_slot
from erstwhile.domain.replay import Loader, Replayer
from erstwhile.domain.replay.absence import is_complete_listing
from erstwhile.domain.replay.merely_named import Around
from erstwhile.domain.replay.slot_states import SlotStates
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.current_facts import CurrentFacts
from erstwhile.projections.columns.earlier_slots import EarlierColumns
from erstwhile.projections.history import NAME
from erstwhile.projections.set_apart import noted
from erstwhile.projections.sql import Connection, with_infinity

log = logging.getLogger("erstwhile")

Columns = Callable[[int], ColumnHistory]
"""History as known at a log position that it has reached."""

_RENAMES = [TYPE_NAMES[UserRenamed], TYPE_NAMES[GroupRenamed]]
_LISTINGS = [TYPE_NAMES[SnapshotTaken]]


def checkpoint(connection: Connection, projection: str = NAME) -> int:
    """The log position up to which a read model is complete."""
    row = connection.execute("SELECT position FROM checkpoint WHERE projection = %s", (projection,)).fetchone()
    return 0 if row is None else int(row[0])


def _loader(connection: Connection, apart: dict[int, str]) -> Loader:
    """Returns a function that reads the events of slots which must be replayed; events that cannot be read are set
    apart."""

    def load(slots: frozenset[str], upto: int) -> Iterable[Event]:
        return EventLog.within(connection).read_tagged(slots, upto, apart.__setitem__)

    return load


def around(lend: Callable[[], Connection], apart: dict[int, str]) -> Around:
    """Returns a function that reads a few of the events of slots. `lend`: a connection that is open."""

    def read(
        slots: frozenset[str], instants: Collection[datetime], positions: Collection[int], upto: int
    ) -> Iterable[Event]:
        log = EventLog.within(lend())
        return log.read_around(slots, instants, positions, upto, apart.__setitem__)

    return read


def empty_engine(connection: Connection) -> Replayer:
    """An engine at position 0; it keeps `connection`."""
    apart: dict[int, str] = {}
    return Replayer(_loader(connection, apart), apart=apart)


def boot_engine(
    connection: Connection,
    columns: Columns,
    loading: AbstractContextManager[object] | None = None,
    lend: Callable[[], Connection] | None = None,
) -> tuple[Replayer, int]:
    """Returns the engine in the state after a replay of all events up to history's checkpoint, and that position.

    The engine keeps `connection` to read events of slots that must be replayed. `loading`: the lock under which its
    Directory loads an entity, where several threads may read it; `lend`: a connection that is open, in place of
    `connection`.
    """
    apart: dict[int, str] = {}
    position = checkpoint(connection)
    history = columns(position)
    directory = WritableView(CurrentFacts(history), position, loading=loading)
    earlier = EarlierColumns(history, lend or (lambda: connection))
    known = SlotStates(earlier)
    for slots in earlier.renamed_by_listing():
        for slot in slots:
            known.join(slot, slots[-1])
    log = EventLog.within(connection)
    for event in log.read_types(_RENAMES, position, apart.__setitem__):
        other = new_name_slot(event.account, event.body)
        if other is not None:
            known.join(type(event.body).slot(event.account, event.body), other)
    apart.update(noted(connection))
    for event in log.read_types(_LISTINGS, position, apart.__setitem__):
        is_applied = event.position not in apart and directory.mode(event.account) != "governed"
        if is_applied and is_complete_listing(event):
            known.listings.note(event)
    nearby = around(lend or (lambda: connection), apart)
    return Replayer(_loader(connection, apart), directory, known, apart, nearby), position


def boot_or_fold(
    connection: Connection,
    columns: Columns,
    loading: AbstractContextManager[object] | None = None,
    lend: Callable[[], Connection] | None = None,
) -> tuple[Replayer, int]:
    """`boot_engine`, or an engine at position 0 where history cannot be read."""
    try:
        return boot_engine(connection, columns, loading, lend)
    except psycopg.OperationalError:
        raise
    except Exception:
        if connection.closed:
            raise
        log.exception("history cannot be used; the log is folded from its beginning")
        return empty_engine(with_infinity(connection)), 0

"""Writes a bundle: events with their proof, to be verified offline, by whoever has the public keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from erstwhile.api.ledger.archive import ArchiveWriter
from erstwhile.api.ledger.bundle_text import (
    CHECKPOINT,
    DETAILS,
    EVENTS,
    EVIDENCE,
    FORMAT,
    PUBLIC_KEYS,
    README,
    README_TEXT,
    TREE,
)
from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.notes import Note
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.ledger.keeper import signed_with
from erstwhile.projections.ledger.proving import NotProven, checkpoint_at_least
from erstwhile.projections.ledger.selected import (
    Selection,
    detail_lines,
    event_lines,
    evidence_lines,
    tree_lines,
)
from erstwhile.projections.sql import Connection


class Written(msgspec.Struct, frozen=True):
    """What a bundle has; `head`: of the tree that proves it."""

    events: int
    records: int
    head: TreeHead


def write_bundle(
    connection: Connection,
    archive: ArchiveWriter,
    selection: Selection,
    question: Mapping[str, Any],
    more: Mapping[str, Iterable[bytes]] | None = None,
) -> Written:
    """`question`: what was selected, as it was asked; `more`: further files. The checkpoint is the first that was
    signed of all that the selection may have: so the same question gives the same bytes later. Raises NotProven."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        archive.add(README, [README_TEXT.encode()])
        for name, parts in (more or {}).items():
            archive.add(name, parts)
        written = add_proof(connection, archive, selection)
        records = archive.add_lines(EVIDENCE, evidence_lines(connection, selection))
        archive.finish({
            "format": FORMAT, "question": dict(question), "known_at": selection.known_at, "events": written.events,
            "log": written.head.origin, "tree_size": written.head.size,
        })  # fmt: skip
    return msgspec.structs.replace(written, records=records)


def add_proof(connection: Connection, archive: ArchiveWriter, selection: Selection, folder: str = "") -> Written:
    """Adds the events and what proves them, in a transaction of the caller's. Raises NotProven."""
    note = require_checkpoint(connection, selection.known_at)
    head = parse_head(note.text)
    use_utc(connection)
    archive.add(folder + CHECKPOINT, [str(note).encode()])
    keys = signed_with(connection)
    archive.add(folder + PUBLIC_KEYS, [f"{key}\n".encode() for key in keys])
    events = archive.add_lines(folder + EVENTS, event_lines(connection, selection))
    archive.add_lines(folder + TREE, tree_lines(connection, selection, head.size))
    archive.add_lines(folder + DETAILS, detail_lines(connection, selection))
    return Written(events, 0, head)


def require_checkpoint(connection: Connection, size: int) -> Note:
    """The first signed checkpoint with the events up to `size`. Raises NotProven."""
    note = checkpoint_at_least(connection, size)
    if note is None:
        raise NotProven(f"no checkpoint with {size:,} events was signed yet: `erstwhile ledger checkpoint` signs")
    return note

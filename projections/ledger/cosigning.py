"""Cosignatures of witnesses, beside the checkpoints, and how each witness gets on."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.notes import Note, Signature, VerifierKey, parse_note
from erstwhile.domain.ledger.signing import BadSignature, verified
from erstwhile.projections.ledger.keeper import LOCK
from erstwhile.projections.sql import Connection


class WitnessState(msgspec.Struct, frozen=True):
    """`cosigned`: the size of the last checkpoint that it cosigned; `failures`: requests in a row that failed, and
    `failure` why the last one did."""

    url: str
    name: str
    cosigned: int
    failures: int
    failure: str


def add_signatures(connection: Connection, size: int, signatures: Sequence[Signature]) -> None:
    """Adds them to the checkpoint of this size, each once. The caller has verified them."""
    with connection.transaction():
        connection.execute(LOCK)
        row = connection.execute("SELECT note FROM ledger_checkpoint WHERE size = %s", (size,)).fetchone()
        if row is None:
            return
        note = parse_note(row[0].encode())
        there = {(each.name, each.key_id) for each in note.signatures}
        added = tuple(each for each in signatures if (each.name, each.key_id) not in there)
        if added:
            connection.execute(
                "UPDATE ledger_checkpoint SET note = %s WHERE size = %s",
                (str(Note(note.text, (*note.signatures, *added))), size),
            )


def note_success(connection: Connection, url: str, name: str, size: int) -> None:
    connection.execute(
        "INSERT INTO ledger_witness (url, name, cosigned) VALUES (%s, %s, %s) ON CONFLICT (url) DO UPDATE "
        "SET name = excluded.name, cosigned = excluded.cosigned, failures = 0, failure = '', "
        "seen_at = clock_timestamp()",
        (url, name, size),
    )


def note_failure(connection: Connection, url: str, name: str, why: str) -> None:
    connection.execute(
        "INSERT INTO ledger_witness (url, name, failures, failure) VALUES (%s, %s, 1, %s) ON CONFLICT (url) DO UPDATE "
        "SET name = excluded.name, failures = ledger_witness.failures + 1, failure = excluded.failure",
        (url, name, why[:300]),
    )


def witness_states(connection: Connection) -> list[WitnessState]:
    rows = connection.execute("SELECT url, name, cosigned, failures, failure FROM ledger_witness ORDER BY name, url")
    return [WitnessState(*row) for row in rows]


def witnessed(
    connection: Connection, witnesses: Sequence[VerifierKey], quorum: int, upto: int
) -> tuple[int, tuple[str, ...]]:
    """The size of the largest checkpoint up to a size that so many of the witnesses have cosigned, and who these are;
    0 where there is none."""
    for size, text in connection.execute(
        "SELECT size, note FROM ledger_checkpoint WHERE size <= %s ORDER BY size DESC", (upto,)
    ):
        names = cosigners(parse_note(text.encode()), witnesses)
        if len(names) >= quorum:
            return size, names
    return 0, ()


def cosigners(note: Note, witnesses: Sequence[VerifierKey]) -> tuple[str, ...]:
    """The names of the witnesses whose cosignatures verify; a wrong one is none."""
    parse_head(note.text)
    found = set()
    for key in witnesses:
        try:
            found |= {each.name for each in verified(note, [key])}
        except BadSignature:
            continue
    return tuple(sorted(found))

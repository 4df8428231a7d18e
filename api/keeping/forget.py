"""Forgets a subject: the details of its events, what its records say, and who is behind its recorded calls and its
decisions. The log stays whole: an event has the salted hash of its details, and the ledger covers that."""

from __future__ import annotations

from typing import Any, LiteralString

import msgspec

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.keeping.holds import Held, Hold, holds
from erstwhile.api.keeping.own_settings import one_at_a_time, put, require_text
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.vocabulary.number_ranges import ranges_text
from erstwhile.projections.activity import ERASED
from erstwhile.projections.evidence_blocks import inflate, pack
from erstwhile.projections.ledger import decisions_taken_in
from erstwhile.projections.ledger.decision_proofs import ERASED_QUESTION, leaves_about
from erstwhile.projections.sql import Connection

CATEGORY = "forgotten"
_EVENTS: LiteralString = """
SELECT e.position, e.account, e.occurred_at, coalesce(e.data->'actor'->>'arn', '') FROM event e
JOIN event_details d USING (position)
WHERE %(subject)s IN (d.details::jsonb->>'session', d.details::jsonb->>'source_ip', e.data->'actor'->>'arn',
                      e.data->'actor'->>'id', e.data->'actor'->>'access_key')
"""
_CALLS: LiteralString = """
SELECT r.block_id, r.line, r.account, r.occurred_at, r.principal FROM activity r
WHERE %(subject)s IN (r.principal, r.session, r.access_key, r.source_ip)
"""
_DECISIONS: LiteralString = """
SELECT day, id, '', decided_at, subject FROM decision WHERE %(subject)s IN (subject, asked_by)
"""
_HELD: LiteralString = """
SELECT count(*) FROM ({}) AS f (a, b, account, at, principal)
WHERE (%(held)s = '' OR %(held)s IN (f.principal, %(subject)s)) AND (%(account)s IN ('', f.account))
  AND (%(since)s = '' OR f.at >= %(since)s::timestamptz) AND (%(until)s = '' OR f.at < %(until)s::timestamptz)
"""
_ERASE_CALLS: LiteralString = f"""
UPDATE activity SET principal = '{ERASED}', session = '{ERASED}', access_key = '{ERASED}', source_ip = '{ERASED}',
                    user_agent = '{ERASED}'
WHERE %(subject)s IN (principal, session, access_key, source_ip)
"""
_ERASE_DECISIONS: LiteralString = f"""
UPDATE decision SET subject = '{ERASED}', asked_by = CASE asked_by WHEN %(subject)s THEN '{ERASED}' ELSE asked_by END,
                    question = '{ERASED_QUESTION}', answer = '{ERASED_QUESTION}', masked = true
WHERE %(subject)s IN (subject, asked_by)
"""
_REST: tuple[LiteralString, ...] = (
    "DELETE FROM key_use WHERE %(subject)s IN (principal, access_key)",
    "DELETE FROM issued_key WHERE %(subject)s IN (principal, session, issued_to, access_key)",
    "DELETE FROM call_use WHERE principal = %(subject)s",
    "DELETE FROM key_last_use WHERE %(subject)s IN (principal, access_key)",
    "DELETE FROM used WHERE principal = %(subject)s",
    "DELETE FROM report WHERE strpos(content::text, %(subject)s) > 0",
)
_BLOCKS = 200
"""Blocks that are packed anew at a time."""


class Forgotten(msgspec.Struct, frozen=True):
    """How many events lose their details, recorded calls their record and caller, and decisions their question."""

    events: int
    calls: int
    decisions: int
    position: int = 0
    """Of the event that says so; 0: nothing was done."""


def forget(connection: Connection, subject: str, reason: str, caller: Provenance, dry_run: bool = False) -> Forgotten:
    """With the owner's rights, in autocommit mode; all or nothing, in one transaction. `subject`: an ARN, a unique id,
    a session's name, an access key or an address, as the records have it. Raises MalformedWords; Held where a hold
    keeps any of it."""
    subject = require_text("the subject", subject)
    if not dry_run:
        reason = require_text("--reason", reason)
    connection.execute("SET statement_timeout = 0")
    about = {"subject": subject}
    with connection.transaction():
        one_at_a_time(connection)
        for hold in holds(connection):
            _require_free(connection, hold, about)
        calls = connection.execute(_CALLS, about).fetchall()
        positions = [row[0] for row in connection.execute(_EVENTS, about).fetchall()]
        [(decisions,)] = connection.execute(f"SELECT count(*) FROM ({_DECISIONS}) AS found", about).fetchall()
        found = Forgotten(len(positions), len(calls), decisions)
        if dry_run or not (positions or calls or decisions):
            return found
        connection.execute("DELETE FROM event_details WHERE position = ANY (%s)", (positions,))
        _erase_records(connection, [(row[0], row[1]) for row in calls])
        # Nothing is taken into the tree in between: an erased decision has its leaf on record, or none yet.
        connection.execute(decisions_taken_in.LOCK)
        leaves = ranges_text(leaves_about(connection, subject))
        for statement in (_ERASE_CALLS, _ERASE_DECISIONS, *_REST):
            connection.execute(statement, about)
        # An ARN is in the log already, and stays; any other name of the subject is not written into it.
        said = {"subject": subject} if subject.startswith("arn:") else {}
        counts = {"events": str(found.events), "calls": str(found.calls), "decisions": str(found.decisions)}
        if leaves:
            counts["decision_leaves"] = leaves
        position = put(connection, CATEGORY, new_event_id(), {**said, "reason": reason, **counts}, caller)
    return msgspec.structs.replace(found, position=position)


def _require_free(connection: Connection, hold: Hold, about: dict[str, str]) -> None:
    parameters: dict[str, Any] = {
        **about, "held": hold.principal, "account": hold.account, "since": hold.since, "until": hold.until,
    }  # fmt: skip
    events = _EVENTS.replace("SELECT e.position,", "SELECT e.position, 0,")
    for what, rows in (("events", events), ("recorded calls", _CALLS), ("decisions", _DECISIONS)):
        [(count,)] = connection.execute(_HELD.format(rows), parameters).fetchall()
        if count:
            raise Held(
                f"the hold {hold.name} keeps {count:,} {what} of this subject ({hold.reason}): nothing is forgotten. "
                f"`erstwhile hold release {hold.name}` ends it"
            )


def _erase_records(connection: Connection, places: list[tuple[int, int]]) -> None:
    """Leaves an empty line where a record was: the other records of a block keep their places."""
    lines: dict[int, set[int]] = {}
    for block, line in places:
        lines.setdefault(block, set()).add(line)
    blocks = sorted(lines)
    for at in range(0, len(blocks), _BLOCKS):
        rows = connection.execute(
            "SELECT block_id, packed FROM evidence_block WHERE block_id = ANY (%s)", (blocks[at : at + _BLOCKS],)
        ).fetchall()
        for block, packed in rows:
            records = [b"" if n in lines[block] else record for n, record in enumerate(inflate(bytes(packed)))]
            connection.execute("UPDATE evidence_block SET packed = %s WHERE block_id = %s", (pack(records), block))

"""What the tree over the decision log proves: that a decision was served, and that none was altered since.

A decision whose retention period is over, or whose day was dropped by `erstwhile decisions prune`, is deleted; one that
was about a forgotten subject is erased. The log of events has both on record: how many were deleted of which time, and
which leaves were erased. Then the leaf stands for the decision. Without that record it is tampering.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import LiteralString

import msgspec

from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.leaves import entry_of
from erstwhile.domain.ledger.notes import Note, VerifierKey
from erstwhile.domain.ledger.proofs import inclusion_proof
from erstwhile.domain.ledger.ranges import inclusion_ranges
from erstwhile.domain.ledger.receipts import Receipt
from erstwhile.domain.ledger.tampering import Kind, Tampering
from erstwhile.domain.ledger.tiles import Tile
from erstwhile.domain.vocabulary.number_ranges import parse_ranges
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.ledger.decisions_taken_in import COLUMNS, TOGETHER, canonical_row, size
from erstwhile.projections.ledger.proving import NotProven
from erstwhile.projections.ledger.signing import latest
from erstwhile.projections.ledger.verifying import Progress, Verdict, verify_source
from erstwhile.projections.sql import Connection

ERASED_QUESTION = '{"erased":true}'
"""Question and answer of a decision that was erased."""
_LEAVES: LiteralString = f"""
SELECT l.number, l.day, l.entry, d.id IS NOT NULL, {COLUMNS} FROM decision_leaf l
LEFT JOIN LATERAL (SELECT * FROM decision WHERE decision.day = l.day AND decision.id = l.id OFFSET 0) d ON true
WHERE {{}} ORDER BY l.number
"""
_OWN: LiteralString = """
SELECT data->'body'->'attributes'->>%s, data->'body'->'attributes'->>%s FROM event
WHERE type = 'iam.SettingPut' AND account = 'erstwhile' AND data->'body'->>'category' = %s
  AND (%s = '' OR data->'body'->>'name' = %s)
"""
_MISSING: LiteralString = """
SELECT count(*), min(number), max(number) FROM decision_leaf l
WHERE NOT EXISTS (SELECT FROM decision d WHERE d.day = l.day AND d.id = l.id)
"""
_WITHOUT_LEAF: LiteralString = """
SELECT d.id, (SELECT coalesce(min(number), %(after)s) FROM decision_leaf l WHERE l.id > d.id) FROM decision d
WHERE (d.id <= (SELECT max(id) FROM decision_leaf) OR d.id > (SELECT pg_sequence_last_value('decision_id')))
  AND NOT EXISTS (SELECT FROM decision_leaf l WHERE l.day = d.day AND l.id = d.id)
ORDER BY d.id LIMIT 1
"""


class DecisionVerdict(msgspec.Struct, frozen=True):
    """`tree`: positions are numbers of leaves; `pruned`, `erased`: decisions whose leaf stands for them, as the log of
    events says."""

    tree: Verdict
    pruned: int
    erased: int


class _Decisions:
    """The decision log as what the tree is verified from (sources.Source)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._size = size(connection)
        deleted = connection.execute(_OWN, ("before", "deleted", "retention-applied", "decisions", "decisions"))
        told = [(datetime.fromisoformat(before).date(), int(count)) for before, count in deleted.fetchall()]
        self._gone_before = max((day for day, _ in told), default=date.min)
        self.deleted = sum(count for _, count in told)
        erased = connection.execute(_OWN, ("decision_leaves", "decisions", "forgotten", "", ""))
        self._may_be_erased = {number for text, _ in erased.fetchall() for number in parse_ranges(text or "")}
        self.erased: set[int] = set()

    def head(self) -> int:
        return self._size

    def tree_size(self) -> int:
        return self._size

    def notes(self) -> Iterable[tuple[int, str]]:
        return self._connection.execute("SELECT size, note FROM decision_checkpoint ORDER BY size")

    def entries(self, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        """A decision that is gone without a record is left out."""
        for start in range(after, upto, TOGETHER):
            rows = self._connection.execute(
                _LEAVES.format("l.number > %s AND l.number <= %s"), (start, min(upto, start + TOGETHER))
            ).fetchall()
            for number, day, entry, is_there, *row in rows:
                if not is_there:
                    if day < self._gone_before:
                        yield number, entry
                    continue
                found = entry_of(canonical_row(row))
                is_erased = row[8] == row[9] == ERASED_QUESTION
                if found != entry and is_erased and number in self._may_be_erased:
                    self.erased.add(number)
                    found = entry
                yield number, found

    def tiles(self, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        return tiles.read(self._connection, wanted, tiles.DECISIONS)

    def altered_details(self) -> int | None:
        return None


def verify_decisions(
    connection: Connection, keys: Sequence[VerifierKey], kept: Sequence[Note] = (), progress: Progress | None = None
) -> DecisionVerdict:
    """Every kept row is hashed anew and held against its leaf, the tree against its signed checkpoints; `keys` and
    `kept` as `verifying.verify` has them. It trusts what the log of events says of deletions and erasures, which
    `verifying.verify` verifies. All is read in one transaction, which changes nothing."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return verify_within(connection, keys, kept, progress)


def verify_within(
    connection: Connection, keys: Sequence[VerifierKey], kept: Sequence[Note] = (), progress: Progress | None = None
) -> DecisionVerdict:
    """As `verify_decisions`, in a transaction of the caller's."""
    use_utc(connection)
    source = _Decisions(connection)
    verdict = verify_source(source, keys, kept, progress)
    [(missing, first, last)] = connection.execute(_MISSING).fetchall()
    found = _earliest(verdict.tampering, _inserted(connection, source.head()))
    if found is None and missing > source.deleted:
        explanation = f"{missing:,} of these decisions are gone, and the log has {source.deleted:,} deletions on record"
        found = Tampering(Kind.DELETED, first, last, explanation)
    return DecisionVerdict(
        msgspec.structs.replace(verdict, tampering=_in_words_of_decisions(found)), missing, len(source.erased)
    )


def _inserted(connection: Connection, upto: int) -> Tampering | None:
    """The first decision that no server recorded: the tree went by, and has no leaf for it."""
    row = connection.execute(_WITHOUT_LEAF, {"after": upto + 1}).fetchone()
    if row is None:
        return None
    return Tampering(Kind.INSERTED, row[1], row[1], f"the tree has no leaf for the decision with the id {row[0]}")


def _earliest(*found: Tampering | None) -> Tampering | None:
    return min((each for each in found if each is not None), key=lambda each: each.position, default=None)


def _in_words_of_decisions(found: Tampering | None) -> Tampering | None:
    if found is None:
        return None
    words = found.explanation.replace("events", "decisions").replace("event", "decision")
    return msgspec.structs.replace(found, explanation=words)


def receipt(connection: Connection, decision: int) -> Receipt:
    """That the decision with this id is in the tree of the latest signed checkpoint; its extra data is the decision.
    Raises NotProven."""
    with connection.transaction():
        use_utc(connection)
        row = connection.execute(_LEAVES.format("l.id = %s"), (decision,)).fetchone()
    note = latest(connection, tiles.DECISIONS)
    signed = 0 if note is None else parse_head(note.text).size
    if row is None or note is None or row[0] > signed:
        raise NotProven(f"no signed checkpoint has a decision with the id {decision}")
    number, _, entry, is_there, *recorded = row
    if not is_there:
        raise NotProven(f"the decision {decision} was deleted: its hash stays, as leaf {number:,} of the tree")
    canonical = canonical_row(recorded)
    if entry_of(canonical) != entry:
        raise NotProven(
            f"the decision {decision} is not as it was recorded: it was erased or altered; "
            "`erstwhile verify --decisions` says more"
        )
    ranges = inclusion_ranges(number - 1, signed)
    proof = inclusion_proof(number - 1, signed, tiles.nodes(connection, ranges, tiles.DECISIONS))
    return Receipt(number - 1, tuple(proof), note, canonical)


def leaves_about(connection: Connection, subject: str) -> list[int]:
    """The numbers of the decisions that are about a subject, or asked by it, in order."""
    rows = connection.execute(
        "SELECT l.number FROM decision d JOIN decision_leaf l USING (day, id) WHERE %s IN (d.subject, d.asked_by) "
        "ORDER BY l.number",
        (subject,),
    )
    return [number for (number,) in rows]

"""Proofs from the tiles that they need, and what is served as C2SP tlog-tiles says."""

from __future__ import annotations

from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.hashing import SIZE
from erstwhile.domain.ledger.notes import Note, parse_note
from erstwhile.domain.ledger.proofs import consistency_proof, inclusion_proof
from erstwhile.domain.ledger.ranges import consistency_ranges, inclusion_ranges
from erstwhile.domain.ledger.receipts import Receipt
from erstwhile.domain.ledger.tiles import WIDTH, Tile
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.committed import canonical_events, entries, use_utc
from erstwhile.projections.ledger.keeper import latest
from erstwhile.projections.sql import Connection


class NotProven(LookupError):
    """there is no such proof

    The message is for people.
    """


def checkpoint_at_least(connection: Connection, size: int) -> Note | None:
    """The smallest signed checkpoint of at least this size."""
    row = connection.execute(
        "SELECT note FROM ledger_checkpoint WHERE size >= %s ORDER BY size LIMIT 1", (size,)
    ).fetchone()
    return parse_note(row[0].encode()) if row is not None else None


def receipt(connection: Connection, position: int) -> Receipt:
    """That the event at this position is in the tree of the latest signed checkpoint; its extra data is the event.
    Raises NotProven."""
    note = latest(connection)
    if note is None:
        raise NotProven("no checkpoint was signed yet")
    size = parse_head(note.text).size
    if not 1 <= position <= size:
        raise NotProven(f"the signed checkpoint has the events 1 to {size:,}, not {position:,}")
    ranges = inclusion_ranges(position - 1, size)
    proof = inclusion_proof(position - 1, size, tiles.nodes(connection, ranges))
    with connection.transaction():
        use_utc(connection)
        found = list(canonical_events(connection, position - 1, position))
    if not found:
        raise NotProven(f"the log has no event at position {position:,}: `erstwhile verify` says more")
    return Receipt(position - 1, tuple(proof), note, found[0][1])


def consistency(connection: Connection, old: int, new: int) -> list[bytes]:
    """That the tree of `old` events is a beginning of the one of `new` events. Raises NotProven."""
    size = tiles.size(connection)
    if not 0 <= old <= new <= size:
        raise NotProven(f"old and new are sizes of the tree, 0 ≤ old ≤ new ≤ {size:,}")
    return consistency_proof(old, new, tiles.nodes(connection, consistency_ranges(old, new)))


def tile(connection: Connection, level: int, number: int, width: int, tree: tiles.Tree = tiles.LOG) -> bytes | None:
    """The first `width` hashes of a tile; None where it has fewer."""
    held = tiles.read(connection, [Tile(level, number)], tree).get(Tile(level, number), b"")
    return held[: width * SIZE] if len(held) >= width * SIZE else None


def entry_bundle(connection: Connection, number: int, width: int) -> bytes | None:
    """The entries of a tile, each with its length in two bytes before it, made from the events as they are now; None
    where there are fewer."""
    first = number * WIDTH
    if first + width > tiles.size(connection):
        return None
    with connection.transaction():
        use_utc(connection)
        found = [entry for _, entry in entries(connection, first, first + width)]
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in found) if len(found) == width else None

"""Compares the log with its ledger: every leaf is made anew from the stored event, the tree from the leaves, and the
roots are those of the signed checkpoints. Nothing that is stored is trusted but what was signed with a given key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.hashing import leaf_hash, perfect_root
from erstwhile.domain.ledger.notes import MalformedNote, Note, VerifierKey, parse_note
from erstwhile.domain.ledger.remade_tree import Checkpoint, RemadeTree
from erstwhile.domain.ledger.signing import BadSignature, verified
from erstwhile.domain.ledger.tampering import LOOK_AHEAD, Kind, Tampering, first_difference, missing, tampering_at
from erstwhile.domain.ledger.tiles import WIDTH, Tile, hashes_of
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.ledger.hashing_ahead import reading_ahead
from erstwhile.projections.ledger.sources import DatabaseSource, Source
from erstwhile.projections.sql import Connection

TOGETHER = 64
"""Tiles that are read together."""
Progress = Callable[[int, int], None]
"""(events done, events in all)"""


class Verdict(msgspec.Struct, frozen=True):
    """`tampering`: None where all fits. `signed`: how many events the largest good checkpoint has; those after it are
    vouched for by nothing yet. `signers`: names of the keys that signed it."""

    events: int
    tree: int
    checkpoints: int
    signed: int
    signers: tuple[str, ...]
    tampering: Tampering | None


def verify(
    connection: Connection,
    keys: Sequence[VerifierKey],
    kept: Sequence[Note] = (),
    progress: Progress | None = None,
    dsn: str = "",
) -> Verdict:
    """`keys`: those that are trusted; `kept`: checkpoints that were kept elsewhere, against which the log is held too.
    Of several alterations the first one is told. All is read in one transaction, which changes nothing; `dsn`: where
    processes connect to that help with a long log. Raises MalformedNote for a kept checkpoint that is none."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if not dsn:
            return verify_within(connection, keys, kept, progress)
        use_utc(connection)
        with reading_ahead(connection, dsn) as source:
            return verify_source(source, keys, kept, progress)


def verify_within(
    connection: Connection, keys: Sequence[VerifierKey], kept: Sequence[Note] = (), progress: Progress | None = None
) -> Verdict:
    """As `verify`, in a transaction of the caller's."""
    use_utc(connection)
    return verify_source(DatabaseSource(connection), keys, kept, progress)


def verify_source(
    source: Source, keys: Sequence[VerifierKey], kept: Sequence[Note] = (), progress: Progress | None = None
) -> Verdict:
    """As `verify`, wherever log and ledger are."""
    head, size = source.head(), source.tree_size()
    checkpoints, unread = _stored(source, keys)
    checkpoints = sorted([*checkpoints, *(_checkpoint(note, keys) for note in kept)], key=lambda each: each.head.size)
    remade = RemadeTree(checkpoints)
    found = unread or _walk(source, remade, max([size, *(each.head.size for each in checkpoints)]), head, progress)
    found = found or remade.unsigned() or _upper_tiles(source, remade) or _details(source)
    return Verdict(head, size, len(checkpoints), remade.good, remade.signers, found)


def _stored(source: Source, keys: Sequence[VerifierKey]) -> tuple[list[Checkpoint], Tampering | None]:
    """The checkpoints of the database; the first one that is none."""
    found: list[Checkpoint] = []
    for size, text in source.notes():
        try:
            checkpoint = _checkpoint(parse_note(text.encode()), keys)
        except MalformedNote as error:
            return found, Tampering(Kind.RE_SIGNED, size, size, f"the checkpoint of {size:,} events is none: {error}")
        if checkpoint.head.size != size:
            explanation = f"the checkpoint of {size:,} events says that it is of {checkpoint.head.size:,}"
            return found, Tampering(Kind.RE_SIGNED, size, size, explanation)
        found.append(checkpoint)
    return found, None


def _checkpoint(note: Note, keys: Sequence[VerifierKey]) -> Checkpoint:
    head = parse_head(note.text)
    try:
        return Checkpoint(head, tuple(key.name for key in verified(note, keys)))
    except BadSignature as error:
        return Checkpoint(head, (), str(error))


def _walk(source: Source, remade: RemadeTree, upto: int, head: int, progress: Progress | None) -> Tampering | None:
    """Through all that the ledger has, and what was signed."""
    while remade.size < upto:
        after = remade.size
        until = min(upto, after + TOGETHER * WIDTH)
        committed = _committed(source, after, until)
        leaves: list[bytes] = []
        gap: tuple[int, int] | None = None
        for position, entry in source.entries(after, until):
            if position != after + len(leaves) + 1 and gap is None:
                gap = (after + len(leaves) + 1, position - 1)
            if gap is None:
                leaves.append(leaf_hash(entry))
        if gap is None and len(leaves) < until - after and head > until:
            gap = (after + len(leaves) + 1, until)
        differs = first_difference(committed, leaves)
        if gap is not None and (differs is None or after + differs + 1 >= gap[0]):
            return missing(*gap)
        if differs is not None:
            return _diagnosed(source, remade, after + differs + 1)
        for at in range(0, len(leaves), WIDTH):
            found = remade.add(leaves[at : at + WIDTH])
            if found is not None:
                return found
        if progress is not None:
            progress(remade.size, upto)
        if len(leaves) < until - after:
            return tampering_at(after + len(leaves) + 1, [b""], [])
    return None


def _committed(source: Source, after: int, upto: int) -> list[bytes]:
    """The leaves of the stored tiles, for positions after < p ≤ upto; `after` is a multiple of a tile's width. They end
    where a tile lacks hashes."""
    numbers = range(after // WIDTH, (upto + WIDTH - 1) // WIDTH)
    held = source.tiles([Tile(0, number) for number in numbers])
    found: list[bytes] = []
    for number in numbers:
        hashes = hashes_of(held.get(Tile(0, number), b""))
        found += hashes
        if len(hashes) < WIDTH:
            break
    return found[: upto - after]


def _diagnosed(source: Source, remade: RemadeTree, position: int) -> Tampering:
    """The stored leaf and the event at `position` differ, or one is not there: which of them is what was signed?"""
    start = remade.size
    signed = remade.next_signed(position)
    upto = position - 1 + LOOK_AHEAD
    committed = _committed(source, start, max(upto, signed.size if signed is not None else 0))
    found = [leaf_hash(entry) for _, entry in source.entries(start, start + max(upto, len(committed)))]
    at = position - 1 - start
    if signed is not None:
        count = signed.size - start
        if len(found) >= count and remade.root_with(found[:count]) == signed.root:
            return Tampering(
                Kind.TREE_CHANGED, position, position, "the stored tree is not what was signed; the log is"
            )
        if remade.root_with(committed[:count]) != signed.root:
            told = tampering_at(position, committed[at:][:LOOK_AHEAD], found[at:][:LOOK_AHEAD])
            return msgspec.structs.replace(told, explanation=told.explanation + "; the stored tree was altered as well")
    return tampering_at(position, committed[at:][:LOOK_AHEAD], found[at:][:LOOK_AHEAD])


def _upper_tiles(source: Source, remade: RemadeTree) -> Tampering | None:
    """The stored tiles above the leaves, against those that the leaves make."""
    level, hashes = 1, remade.tile_roots
    while hashes:
        expected = {Tile(level, at // WIDTH): b"".join(hashes[at : at + WIDTH]) for at in range(0, len(hashes), WIDTH)}
        held = source.tiles(expected)
        for tile, whole in expected.items():
            if held.get(tile, b"") != whole:
                first = tile.number * WIDTH ** (level + 1) + 1
                last = min(remade.size, first + WIDTH ** (level + 1) - 1)
                explanation = (
                    f"tile {tile.level}/{tile.number} is not made of those below it; the log is what was signed"
                )
                return Tampering(Kind.TREE_CHANGED, first, last, explanation)
        level, hashes = level + 1, [perfect_root(hashes_of(tile)) for tile in _full_ones(expected)]
    return None


def _full_ones(made: dict[Tile, bytes]) -> Iterator[bytes]:
    return (whole for whole in made.values() if len(hashes_of(whole)) == WIDTH)


def _details(source: Source) -> Tampering | None:
    """Details that are not those whose salted hash the event has. Details that were forgotten are not looked for."""
    position = source.altered_details()
    if position is None:
        return None
    explanation = "address, agent or session are not those whose salted hash the event has"
    return Tampering(Kind.DETAILS_CHANGED, position, position, explanation)

"""Signs checkpoints of a tree, in the transaction of its keeper.

A checkpoint that does not go on from the last one is never signed.
"""

from __future__ import annotations

from collections.abc import Sequence

from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.notes import Note, Signature, parse_note
from erstwhile.domain.ledger.ranges import range_hash
from erstwhile.domain.ledger.signing import Signer, signed
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.broken import LedgerBroken
from erstwhile.projections.ledger.tiles import LOG, Tree
from erstwhile.projections.sql import Connection


class OtherLedger(LedgerBroken):
    """the log is signed under another name"""

    def __init__(self, theirs: str, ours: str) -> None:
        super().__init__(
            f"this log is signed as {theirs}, and the keys here are of {ours}: give ERSTWHILE_LEDGER_KEY the keys that "
            f"sign it; where these are lost, remove ledger.key and set ERSTWHILE_LEDGER_ORIGIN={theirs}: new ones go on"
        )


def latest(connection: Connection, tree: Tree = LOG) -> Note | None:
    """The largest checkpoint that was signed."""
    row = connection.execute(f"SELECT note FROM {tree.checkpoints} ORDER BY size DESC LIMIT 1").fetchone()
    return parse_note(row[0].encode()) if row is not None else None


def sign(connection: Connection, tree: Tree, origin: str, signers: Sequence[Signer], size: int, now: int) -> None:
    """Signs the tree of this size, unless that is done; what others signed of it stays. `now`: seconds since 1970.
    Raises LedgerBroken."""
    last = latest(connection, tree)
    if not signers or size == 0:
        return
    others: tuple[Signature, ...] = ()
    missing = list(signers)
    ranges = [(0, size)]
    if last is not None:
        before = parse_head(last.text)
        if before.origin != origin:
            raise OtherLedger(before.origin, origin)
        if before.size == size:
            others = last.signatures
            by = {(signature.name, signature.key_id) for signature in others}
            missing = [signer for signer in signers if (signer.key.name, signer.key.id) not in by]
        ranges.append((0, before.size))
    if not missing:
        return
    node = tiles.nodes(connection, ranges, tree)
    if last is not None and range_hash(0, before.size, node) != before.root:
        raise LedgerBroken(f"the tree of {before.size:,} leaves is not the one that was signed")
    note = signed(TreeHead(origin, size, range_hash(0, size, node)), missing, now)
    connection.execute(
        f"INSERT INTO {tree.checkpoints} (size, note) VALUES (%s, %s) "
        "ON CONFLICT (size) DO UPDATE SET note = excluded.note, made_at = excluded.made_at",
        (size, str(Note(note.text, (*others, *note.signatures)))),
    )
    if tree is LOG:
        connection.execute(
            "INSERT INTO ledger_key (verifier, since_size) SELECT unnest(%s::text[]), %s ON CONFLICT DO NOTHING",
            ([str(signer.key) for signer in missing], size),
        )

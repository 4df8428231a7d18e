"""The tree over a real log: it is kept, proven from, and every alteration of the log is found where it is."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import pairwise
from typing import cast

import psycopg
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.envelope import Details
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.hashing import leaf_hash
from erstwhile.domain.ledger.notes import KeyType, Note, VerifierKey
from erstwhile.domain.ledger.ranges import range_hash
from erstwhile.domain.ledger.signing import Signer, signed, verified
from erstwhile.domain.ledger.tampering import Kind
from erstwhile.domain.ledger.tiles import Tile, width_at
from erstwhile.domain.ledger.tree import GrowingTree
from erstwhile.domain.ledger.verify_proofs import verifies_consistency, verifies_inclusion
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.projections.ledger import hashing_ahead, proving, tiles
from erstwhile.projections.ledger.committed import entries, use_utc
from erstwhile.projections.ledger.keeper import LedgerBroken, LedgerKeeper, OtherLedger
from erstwhile.projections.ledger.verifying import verify, verify_within
from erstwhile.projections.sql import Connection
from tests.support.databases import Server

ALTERATIONS = int(os.environ.get("ERSTWHILE_ALTERATIONS", "12"))
"""Random alterations of each kind."""
SIZES = (3, 256, 300, 700)
"""Of the signed checkpoints."""
UNSIGNED = 20
"""Events after the last of them."""
ORIGIN = "audit.example/log"


def signers() -> list[Signer]:
    return [Signer(ORIGIN, kind, bytes([kind] * 32)) for kind in (KeyType.ED25519, KeyType.ML_DSA_44_COSIGNATURE)]


KEYS = [signer.key for signer in signers()]


def append(connection: Connection, count: int) -> None:
    events = tuple(
        NewEvent(
            event_id=new_event_id(), account="111122223333", body=UserCreated(subject=Ref("user", f"u{number}")),
            details=Details(source_ip="203.0.113.9") if number % 3 == 0 else None, salt=bytes(16),
        )
        for number in range(count)
    )  # fmt: skip
    with connection.transaction():
        EventLog.within(connection).append_batch([Append(events)])


@pytest.fixture(scope="module")
def kept(embedded_server: Server) -> Iterator[Database]:
    """A log with its tree, signed at SIZES."""
    database = embedded_server.fresh()
    keeper = LedgerKeeper(database.connect, ORIGIN, signers(), lambda: 1_700_000_000)
    with database.connect() as connection:
        size = 0
        for target in SIZES:
            append(connection, target - size)
            size = target
            assert keeper.catch_up() == size
        append(connection, UNSIGNED)
    keeper.close()
    yield database
    embedded_server.drop(database)


@pytest.fixture
def connection(kept: Database) -> Iterator[Connection]:
    with psycopg.connect(kept.owner_dsn, autocommit=True) as connection:
        yield connection


def leaves_of(connection: Connection) -> list[bytes]:
    with connection.transaction():
        use_utc(connection)
        return [leaf_hash(entry) for _, entry in entries(connection, 0, 10_000)]


def test_checkpoints_are_signed_of_the_tree_that_the_events_make(connection: Connection) -> None:
    leaves = leaves_of(connection)
    for size in SIZES:
        note = proving.checkpoint_at_least(connection, size)
        assert note is not None
        tree = GrowingTree()
        tree.extend(leaves[:size])
        assert parse_head(note.text) == TreeHead(ORIGIN, size, tree.root())
        assert verified(note, KEYS) == KEYS


def test_each_event_is_proven_to_be_there(connection: Connection) -> None:
    leaves = leaves_of(connection)
    for position in (1, 2, 256, 257, 512, 699, 700):
        receipt = proving.receipt(connection, position)
        head = parse_head(receipt.checkpoint.text)
        assert (receipt.index, head.size) == (position - 1, 700)
        assert verifies_inclusion(leaves[position - 1], receipt.index, head.size, receipt.proof, head.root)
        assert receipt.proves(receipt.extra)


def test_each_checkpoint_is_proven_to_be_a_beginning_of_the_next(connection: Connection) -> None:
    heads = [parse_head(note.text) for size in SIZES if (note := proving.checkpoint_at_least(connection, size))]
    for old, new in pairwise(heads):
        proof = proving.consistency(connection, old.size, new.size)
        assert verifies_consistency(old.size, old.root, new.size, new.root, proof)


@pytest.mark.parametrize("position", [0, 701, -5])
def test_what_was_not_signed_is_not_proven(connection: Connection, position: int) -> None:
    with pytest.raises(proving.NotProven, match="has the events 1 to 700"):
        proving.receipt(connection, position)
    with pytest.raises(proving.NotProven, match="0 ≤ old ≤ new ≤ 700"):
        proving.consistency(connection, 1, 701)


def test_tiles_and_entries_are_those_of_the_specification(connection: Connection) -> None:
    leaves = leaves_of(connection)
    for tile in (Tile(0, 0), Tile(0, 2), Tile(1, 0)):
        width = width_at(tile, 700)
        assert proving.tile(connection, tile.level, tile.number, width) is not None
        assert proving.tile(connection, tile.level, tile.number, width + 1) is None or width == 256
    assert proving.tile(connection, 0, 2, 188) == b"".join(leaves[512:700])
    bundle = proving.entry_bundle(connection, 2, 188)
    assert bundle is not None
    assert [leaf_hash(bundle[at + 2 : at + 34]) for at in range(0, len(bundle), 34)] == leaves[512:700]
    assert bundle[:2] == b"\x00\x20"
    assert proving.entry_bundle(connection, 2, 189) is None


def test_an_honest_log_verifies(connection: Connection) -> None:
    seen: list[tuple[int, int]] = []
    verdict = verify(connection, KEYS, progress=lambda done, of: seen.append((done, of)))
    assert verdict.tampering is None
    assert (verdict.events, verdict.tree, verdict.checkpoints, verdict.signed) == (720, 700, 4, 700)
    assert verdict.signers == (ORIGIN, ORIGIN)
    assert seen == [(700, 700)]


def test_zone_and_form_of_dates_of_the_database_do_not_matter(connection: Connection) -> None:
    connection.execute("SET TimeZone = 'Asia/Kathmandu'")
    connection.execute("SET DateStyle = 'German'")
    assert verify(connection, KEYS).tampering is None


def test_processes_that_read_ahead_find_what_one_finds(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing_ahead, "WORTHWHILE", 1)
    monkeypatch.setattr("erstwhile.projections.ledger.verifying.TOGETHER", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    with kept.connect() as connection:
        seen: list[tuple[int, int]] = []
        verdict = verify(connection, KEYS, progress=lambda done, of: seen.append((done, of)), dsn=kept.dsn)
        assert (verdict.tampering, verdict.signed, verdict.events) == (None, 700, 720)
        assert [done for done, _ in seen] == [256, 512, 700]


@pytest.mark.parametrize("missing", [(), (300,), (301, 302, 500), (700,), (1,)])
def test_stretches_that_were_read_ahead_are_those_of_the_log(kept: Database, missing: tuple[int, ...]) -> None:
    """In whatever stretches they are asked for; each is read once."""
    read: list[tuple[int, int]] = []

    class Pool:
        def submit(self, _function: object, after: int, upto: int) -> Future[tuple[list[int] | None, bytes]]:
            read.append((after, upto))
            found = [position for position in range(after + 1, upto + 1) if position not in missing]
            future: Future[tuple[list[int] | None, bytes]] = Future()
            is_whole = len(found) == upto - after
            future.set_result((None if is_whole else found, b"".join(position.to_bytes(32) for position in found)))
            return future

    with kept.connect() as connection:
        source = hashing_ahead.ReadAhead(connection, cast(ProcessPoolExecutor, Pool()), 2)
        found = []
        for after in range(0, 700, 128):
            found += list(source.entries(after, min(700, after + 128)))
    assert found == [(each, each.to_bytes(32)) for each in range(1, 701) if each not in missing]
    assert len(set(read)) == len(read)


def test_one_of_the_keys_is_enough_and_none_is_not(connection: Connection) -> None:
    for key in KEYS:
        assert verify(connection, [key]).signed == 700
    stranger = Signer(ORIGIN, KeyType.ED25519, bytes(32)).key
    verdict = verify(connection, [stranger])
    assert verdict.tampering is not None
    assert (verdict.tampering.kind, verdict.tampering.position, verdict.signed) == (Kind.RE_SIGNED, 1, 0)


def test_a_tree_made_at_once_is_the_same(connection: Connection, embedded_server: Server, kept: Database) -> None:
    before = connection.execute("SELECT level, number, hashes FROM ledger_tile ORDER BY 1, 2").fetchall()
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("DELETE FROM ledger_tile")
        connection.execute("DELETE FROM checkpoint WHERE projection = 'ledger'")
        LedgerKeeper._extend(connection, 0, 700)
        assert connection.execute("SELECT level, number, hashes FROM ledger_tile ORDER BY 1, 2").fetchall() == before


Alteration = Callable[[Connection, random.Random], tuple[Kind, int]]
"""Alters, and says what is to be found where."""


def changed(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    position = draw.randint(1, 700)
    column = draw.choice([
        "data = jsonb_set(data, '{body,path}', '\"mallory\"')", "recorded_at = recorded_at + interval '1 microsecond'",
        "occurred_at = occurred_at - interval '1 day'", "account = '999999999999'", "type = 'iam.GroupCreated'",
        "tags = tags[2:]", "event_id = gen_random_uuid()", "data = data - 'source'  || '{\"request_id\": \"x\"}'",
    ])  # fmt: skip
    connection.execute(f"UPDATE event SET {column} WHERE position = %s", (position,))
    return Kind.CHANGED, position


def deleted(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    position, count = draw.randint(1, 690), draw.randint(1, 5)
    connection.execute("DELETE FROM event WHERE position >= %s AND position < %s", (position, position + count))
    if draw.random() < 0.5:
        _shift(connection, position, -count)
    return Kind.DELETED, position


def inserted(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    position = draw.randint(1, 700)
    _shift(connection, position - 1, 1)
    connection.execute(
        "INSERT INTO event SELECT %s, gen_random_uuid(), recorded_at, occurred_at, type, account, tags, data "
        "FROM event WHERE position = %s",
        (position, position + 1),
    )
    return Kind.INSERTED, position


def reordered(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    first, second = sorted(draw.sample(range(1, 701), 2))
    for source, target in ((first, -1), (second, first), (-1, second)):
        connection.execute("UPDATE event SET position = %s WHERE position = %s", (target, source))
    return Kind.REORDERED, first


def truncated(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    position = draw.randint(1, 700)
    connection.execute("DELETE FROM event WHERE position >= %s", (position,))
    return Kind.TRUNCATED, position


def details_changed(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    [(position,)] = connection.execute(
        "SELECT position FROM event_details ORDER BY position OFFSET %s LIMIT 1", (draw.randint(0, 200),)
    ).fetchall()
    connection.execute("UPDATE event_details SET details = details || ' ' WHERE position = %s", (position,))
    return Kind.DETAILS_CHANGED, position


def tree_changed(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    position = draw.randint(1, 700)
    tile, place = divmod(position - 1, 256)
    connection.execute(
        "UPDATE ledger_tile SET hashes = overlay(hashes PLACING %s FROM %s) WHERE level = 0 AND number = %s",
        (bytes(32), place * 32 + 1, tile),
    )
    return Kind.TREE_CHANGED, position


def re_signed(connection: Connection, draw: random.Random) -> tuple[Kind, int]:
    """A checkpoint by somebody else's key, or by a spoiled signature of ours: of a tree that is his."""
    size = draw.choice(SIZES)
    before = max([each for each in SIZES if each < size], default=0)
    head = TreeHead(ORIGIN, size, draw.randbytes(32))
    stranger = Signer(ORIGIN, KeyType.ED25519, draw.randbytes(32))
    note = signed(head, [stranger], 0)
    if draw.random() < 0.5:
        line = signers()[0].sign(TreeHead(ORIGIN, 1, bytes(32)), 0)
        note = Note(head.text(), (line,))
    connection.execute("UPDATE ledger_checkpoint SET note = %s WHERE size = %s", (str(note), size))
    return Kind.RE_SIGNED, before + 1


def _shift(connection: Connection, after: int, by: int) -> None:
    connection.execute("UPDATE event SET position = -position WHERE position > %s", (after,))
    connection.execute("UPDATE event SET position = -position + %s WHERE position < 0", (by,))


@pytest.mark.parametrize(
    "alter", [changed, deleted, inserted, reordered, truncated, details_changed, tree_changed, re_signed]
)
def test_an_alteration_by_the_database_s_superuser_is_found_where_it_is(
    connection: Connection, alter: Alteration
) -> None:
    """ERSTWHILE_ALTERATIONS=200 makes as many of each kind."""
    draw = random.Random(alter.__name__)
    for _ in range(ALTERATIONS):
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL session_replication_role = replica")  # triggers and foreign keys are off
            kind, position = alter(connection, draw)
            verdict = verify_within(connection, KEYS)
            assert verdict.tampering is not None
            assert (verdict.tampering.kind, verdict.tampering.position) == (kind, position), verdict.tampering
        assert verify(connection, KEYS).tampering is None


def test_who_alters_the_tree_with_the_event_is_found_by_what_was_signed(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("UPDATE event SET account = '999999999999' WHERE position = 280")
        connection.execute("DELETE FROM ledger_tile")
        LedgerKeeper._extend(connection, 0, 700)
        verdict = verify_within(connection, KEYS)
    assert verdict.tampering is not None
    assert (verdict.tampering.kind, verdict.tampering.position, verdict.tampering.until) == (Kind.CHANGED, 257, 300)
    assert verdict.signed == 256


def test_who_cuts_log_tree_and_checkpoints_is_found_by_a_checkpoint_that_was_kept_elsewhere(
    connection: Connection,
) -> None:
    note = proving.checkpoint_at_least(connection, 700)
    assert note is not None
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("DELETE FROM event WHERE position > 300")
        connection.execute("DELETE FROM ledger_tile")
        connection.execute("DELETE FROM ledger_checkpoint WHERE size > 300")
        LedgerKeeper._extend(connection, 0, 300)
        assert verify_within(connection, KEYS).tampering is None
        verdict = verify_within(connection, KEYS, [note])
    assert verdict.tampering is not None
    assert (verdict.tampering.kind, verdict.tampering.position) == (Kind.TRUNCATED, 301)


def test_a_keeper_signs_nothing_that_does_not_go_on_from_what_was_signed(
    kept: Database, connection: Connection
) -> None:
    keeper = LedgerKeeper(lambda: connection, ORIGIN, signers(), lambda: 5)
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            "UPDATE ledger_tile SET hashes = set_byte(hashes, 0, 1 + get_byte(hashes, 0) % 200) WHERE level = 1"
        )
        with pytest.raises(LedgerBroken, match="is not the one that was signed"):
            keeper._sign(connection, 720)
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("DELETE FROM event WHERE position = 710")
        with pytest.raises(LedgerBroken, match="no event at position 710"):
            keeper._extend(connection, 700, 720)


def test_a_new_key_signs_beside_and_after_the_old_one(embedded_server: Server) -> None:
    database = embedded_server.fresh()
    old, new = Signer(ORIGIN, KeyType.ED25519, bytes(32)), Signer(ORIGIN, KeyType.ED25519, bytes([1] * 32))
    with database.connect() as connection:
        for number, used in enumerate(([old], [old, new], [new]), 1):
            append(connection, 1)
            keeper = LedgerKeeper(database.connect, ORIGIN, used, lambda: 5)
            assert keeper.catch_up() == number
            assert keeper.catch_up() == number
            keeper.close()
        assert verify(connection, [new.key]).signed == 3
        verdict = verify(connection, [old.key])
        assert verdict.tampering is not None
        assert (verdict.tampering.position, verdict.tampering.until, verdict.signed) == (3, 3, 2)
        assert _keys(connection) == [(str(old.key), 1), (str(new.key), 2)]
    embedded_server.drop(database)


def test_several_servers_sign_one_log_under_one_name(embedded_server: Server) -> None:
    database = embedded_server.fresh()
    here, there = (Signer(ORIGIN, KeyType.ED25519, bytes([number] * 32)) for number in (1, 2))
    keepers = [LedgerKeeper(database.connect, ORIGIN, [each], lambda: 5) for each in (here, there)]
    stranger = LedgerKeeper(database.connect, "other/log", [Signer("other/log", KeyType.ED25519, bytes(32))], lambda: 5)
    with database.connect() as connection:
        append(connection, 3)
        for keeper in keepers * 2:
            assert keeper.catch_up() == 3
        note = proving.checkpoint_at_least(connection, 3)
        assert note is not None
        assert verified(note, [here.key, there.key]) == [here.key, there.key]
        assert len(note.signatures) == 2
        append(connection, 1)
        with pytest.raises(OtherLedger, match=f"signed as {ORIGIN}, and the keys here are of other/log"):
            stranger.catch_up()
        assert keepers[0].catch_up() == 4
        assert verify(connection, [here.key]).signed == 4
    for keeper in (*keepers, stranger):
        keeper.close()
    embedded_server.drop(database)


def _keys(connection: Connection) -> list[tuple[str, int]]:
    return connection.execute("SELECT verifier, since_size FROM ledger_key ORDER BY since_size").fetchall()


def test_a_log_without_events_has_no_checkpoint(database: Database) -> None:
    keeper = LedgerKeeper(database.connect, ORIGIN, signers(), lambda: 5)
    assert keeper.catch_up() == 0
    keeper.close()
    with database.connect() as connection:
        assert verify(connection, KEYS).tampering is None
        with pytest.raises(proving.NotProven, match="no checkpoint was signed yet"):
            proving.receipt(connection, 1)


def test_events_that_come_while_the_tree_is_kept_are_in_it_once(database: Database) -> None:
    keeper = LedgerKeeper(database.connect, ORIGIN, [], lambda: 5)
    sizes: list[int | None] = []
    with database.connect() as connection:
        for count in (1, 254, 1, 1, 600):
            append(connection, count)
            sizes.append(keeper.catch_up(waiting=False))
        assert sizes == [1, 255, 256, 257, 857]
        leaves = leaves_of(connection)
        tree = GrowingTree()
        tree.extend(leaves)
        assert range_hash(0, 857, tiles.nodes(connection, [(0, 857)])) == tree.root()
    keeper.close()


def test_keys_are_compared_by_what_they_are() -> None:
    assert KEYS[0] == VerifierKey(ORIGIN, KeyType.ED25519, KEYS[0].public)

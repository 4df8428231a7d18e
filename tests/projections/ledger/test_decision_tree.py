"""The tree over the decision log: what was recorded is taken in once, and every alteration of it is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import msgspec
import orjson
import psycopg
import pytest
import rfc8785

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.database.database import Database
from erstwhile.api.keeping import holds, retention
from erstwhile.api.keeping.forget import forget
from erstwhile.domain.events import Actor
from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.decision_leaves import is_of_decisions, origin_of_decisions
from erstwhile.domain.ledger.hashing import leaf_hash
from erstwhile.domain.ledger.receipts import parse_receipt
from erstwhile.domain.ledger.signing import verified
from erstwhile.domain.ledger.tampering import Kind, Tampering
from erstwhile.domain.ledger.tree import GrowingTree
from erstwhile.projections.decision_rows import Logged, add
from erstwhile.projections.ledger import decision_proofs, tiles
from erstwhile.projections.ledger.broken import LedgerBroken
from erstwhile.projections.ledger.decision_proofs import DecisionVerdict, receipt, verify_within
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.proving import NotProven
from erstwhile.projections.ledger.signing import latest
from erstwhile.projections.sql import Connection
from tests.support.databases import Server
from tests.support.signed_log import KEYS, ORIGIN, SIGNERS

NOON = datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC)
CALLER = Provenance(Actor(id="ada", type="CommandLine"), action="erstwhile:Test")
RESOURCES = ("arn:aws:s3:::a/é", 'a"\\\b\f\n\r\t/\x01\x0b\x1f\x7f\x80\u2028</script>', "\U0001f5dd\uffff\ue000")
"""Texts that writers of JSON escape differently."""
SIGNED, ALL = 300, 310
"""Decisions of the first and the last checkpoint, two days of 155 each."""


def record(connection: Connection, count: int, first: int = 0, subject: str = "user/u", at: datetime = NOON) -> None:
    rows = (
        Logged(
            0, at + timedelta(seconds=number), "shop", f"{subject}{number}", "s3:GetObject", RESOURCES[number % 3],
            "allow", orjson.dumps({"n": number, "secret": "***"}).decode(), '{"decision":true}', True, 7, 40 + number,
        )
        for number in range(first, first + count)
    )  # fmt: skip
    with connection.transaction():
        add(connection, rows, set())


def keeper(database: Database) -> DecisionKeeper:
    return DecisionKeeper(database.connect, ORIGIN, SIGNERS, lambda: 1_700_000_000)


def catch_up(database: Database, waiting: bool = True) -> None:
    made = keeper(database)
    made.catch_up(waiting)
    made.close()


@pytest.fixture(scope="module")
def kept(embedded_server: Server) -> Iterator[Database]:
    database = embedded_server.fresh()
    with database.connect() as connection:
        record(connection, 155)
        record(connection, SIGNED - 155, 155, at=NOON + timedelta(days=1))
        catch_up(database)
        record(connection, ALL - SIGNED, SIGNED, at=NOON + timedelta(days=1))
        catch_up(database)
    yield database
    embedded_server.drop(database)


@pytest.fixture
def connection(kept: Database) -> Iterator[Connection]:
    """Of a superuser; what it does is undone."""
    with psycopg.connect(kept.owner_dsn, autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute("SET LOCAL session_replication_role = replica")
        yield connection
        connection.execute("ROLLBACK")


@pytest.fixture
def own(embedded_server: Server) -> Iterator[Database]:
    """Twenty signed decisions, ten a day."""
    database = embedded_server.fresh()
    with database.connect() as connection:
        record(connection, 10)
        record(connection, 10, 10, at=NOON + timedelta(days=1))
    catch_up(database)
    yield database
    embedded_server.drop(database)


def verdict(database: Database) -> DecisionVerdict:
    with database.connect() as connection:
        return decision_proofs.verify_decisions(connection, KEYS)


def found(connection: Connection) -> tuple[Kind, int]:
    tampering = verify_within(connection, KEYS).tree.tampering
    assert isinstance(tampering, Tampering)
    return tampering.kind, tampering.position


def test_the_tree_is_made_of_the_rows_as_they_were_recorded(connection: Connection) -> None:
    """By hand: nothing of ours but the answers of the database."""
    rows = connection.execute(
        "SELECT d.*, l.number, l.entry FROM decision d JOIN decision_leaf l USING (day, id) ORDER BY l.number"
    )
    names = [column.name for column in rows.description or ()]
    tree = GrowingTree()
    for number, row in enumerate(rows, 1):
        told = dict(zip(names, row, strict=True))
        assert told.pop("number") == number
        entry = told.pop("entry")
        told["day"] = told["day"].isoformat()
        told["decided_at"] = told["decided_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        assert sha256(rfc8785.dumps(told)).digest() == entry
        tree.append(leaf_hash(entry))
    note = latest(connection, tiles.DECISIONS)
    assert note is not None
    head = parse_head(note.text)
    assert (head.origin, head.size, head.root) == (origin_of_decisions(ORIGIN), ALL, tree.root())
    assert verified(note, KEYS) == KEYS
    assert is_of_decisions(head.origin, [ORIGIN])


def test_an_honest_log_is_verified(kept: Database) -> None:
    told = verdict(kept)
    assert told.tree.tampering is None
    assert (told.tree.events, told.tree.signed, told.pruned, told.erased) == (ALL, ALL, 0, 0)


@pytest.mark.parametrize("column", [
    "asked_by = 'x'", "subject = 'x'", "action = 'x'", "resource = 'x'", "effect = 'explicit_deny'",
    "question = '{}'", "answer = '{\"decision\":false}'", "masked = NOT masked", "revision = revision + 1",
    "latency_us = latency_us + 1", "decided_at = decided_at + interval '1 microsecond'",
    "question = '{\"erased\":true}', answer = '{\"erased\":true}', subject = '[erased]', masked = true",
])  # fmt: skip
def test_a_changed_decision_is_found(connection: Connection, column: str) -> None:
    connection.execute(f"UPDATE decision SET {column} WHERE id IN (SELECT id FROM decision_leaf WHERE number = 123)")
    assert found(connection) == (Kind.CHANGED, 123)


@pytest.mark.parametrize("number", [1, 155, 256, 257, SIGNED, ALL])
def test_a_deleted_decision_is_found(connection: Connection, number: int) -> None:
    connection.execute("DELETE FROM decision WHERE id = (SELECT id FROM decision_leaf WHERE number = %s)", (number,))
    kind, position = found(connection)
    assert (kind in (Kind.DELETED, Kind.TRUNCATED), position) == (True, number)


def test_a_deleted_day_is_found(connection: Connection) -> None:
    connection.execute("DROP TABLE decision_20260301")
    assert found(connection) == (Kind.DELETED, 1)


def test_an_inserted_decision_is_found(connection: Connection) -> None:
    for number in ("(SELECT id FROM decision_leaf WHERE number = 9) - 1000", "9000000"):
        with connection.transaction(force_rollback=True):
            connection.execute(
                "INSERT INTO decision SELECT day, " + number + ", decided_at, asked_by, 'mallory', action, resource, "
                "effect, question, answer, masked, revision, latency_us FROM decision LIMIT 1"
            )
            kind, position = found(connection)
            assert kind is Kind.INSERTED
            assert position == (1 if "-" in number else ALL + 1)


def test_who_alters_the_leaf_too_is_found(connection: Connection) -> None:
    connection.execute("DELETE FROM decision WHERE id = (SELECT id FROM decision_leaf WHERE number = 40)")
    connection.execute("DELETE FROM decision_leaf WHERE number = 40")
    assert found(connection) == (Kind.DELETED, 40)
    connection.execute("UPDATE decision_leaf SET number = -number")
    connection.execute("UPDATE decision_leaf SET number = CASE WHEN number < -40 THEN -number - 1 ELSE -number END")
    assert found(connection) == (Kind.DELETED, 40)


def test_an_altered_tree_or_checkpoint_is_found(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            "UPDATE decision_tile SET hashes = set_byte(hashes, 32 * 19, 1 + get_byte(hashes, 608) % 200) "
            "WHERE level = 0 AND number = 0"
        )
        assert found(connection) == (Kind.TREE_CHANGED, 20)
    with connection.transaction(force_rollback=True):
        connection.execute("DELETE FROM decision_checkpoint WHERE size = %s", (ALL,))
        assert verify_within(connection, KEYS).tree.signed == SIGNED
    connection.execute(
        "UPDATE decision_checkpoint SET note = replace(note, E'\\n310\\n', E'\\n311\\n') WHERE size = 310"
    )
    assert found(connection)[0] is Kind.RE_SIGNED


def test_a_tree_that_was_remade_is_found_by_its_checkpoint(connection: Connection) -> None:
    connection.execute(
        "UPDATE decision SET effect = 'explicit_deny' WHERE id IN (SELECT id FROM decision_leaf WHERE number = 70)"
    )
    connection.execute("DELETE FROM decision_tile")
    connection.execute("DELETE FROM decision_leaf")
    DecisionKeeper(lambda: connection, ORIGIN, [], lambda: 0)._catch_up(connection, True, None)
    tampering = verify_within(connection, KEYS).tree.tampering
    assert tampering is not None
    assert (tampering.kind, tampering.position, tampering.until) == (Kind.CHANGED, 1, SIGNED)
    record(connection, 1, 900)
    with pytest.raises(LedgerBroken):
        DecisionKeeper(lambda: connection, ORIGIN, SIGNERS, lambda: 0)._catch_up(connection, True, None)


def test_each_decision_has_a_receipt(connection: Connection) -> None:
    for number in (1, 256, 257, ALL):
        [(decision,)] = connection.execute("SELECT id FROM decision_leaf WHERE number = %s", (number,)).fetchall()
        again = parse_receipt(str(receipt(connection, decision)).encode())
        assert again.proves(again.extra)
        assert not again.proves(again.extra.replace(b"allow", b"never"))
        assert (again.index + 1, orjson.loads(again.extra)["id"]) == (number, decision)
    with pytest.raises(NotProven):
        receipt(connection, 9_000_000)
    connection.execute("UPDATE decision SET effect = 'x' WHERE id = %s", (decision,))
    with pytest.raises(NotProven, match="not as it was recorded"):
        receipt(connection, decision)


def test_what_is_committed_late_is_taken_in_once(own: Database) -> None:
    """A decision with a lower id may be committed after one with a higher id; two keepers work at the same time."""
    with own.connect() as early, own.connect() as late:
        with early.transaction():
            record(early, 3, 100)
            record(late, 3, 200)
            catch_up(own, waiting=False)  # the writer holds its lock: nothing is taken in, and nobody waits long
            assert verdict(own).tree.events == 20
        threads = [threading.Thread(target=catch_up, args=(own,)) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    with own.connect() as connection:
        rows = connection.execute("SELECT number, id FROM decision_leaf ORDER BY number").fetchall()
    assert [number for number, _ in rows] == list(range(1, 27))
    assert [decision for _, decision in rows] == sorted({decision for _, decision in rows})
    assert verdict(own).tree.tampering is None


def test_a_checkpoint_is_signed_at_most_each_minute_while_a_server_runs(own: Database) -> None:
    running = keeper(own)
    with own.connect() as connection, own.owner() as owner:
        record(connection, 1, 50, at=datetime.now(UTC))
        running.catch_up(waiting=False)
        assert (verdict(own).tree.events, verdict(own).tree.signed) == (21, 20)
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE decision_checkpoint SET made_at = made_at - interval '61 seconds'")
        running.catch_up(waiting=False)
        assert verdict(own).tree.signed == 21
    running.close()


def test_days_that_were_pruned_keep_their_hashes(own: Database) -> None:
    with own.owner() as owner:
        decision = owner.execute("SELECT id FROM decision_leaf WHERE number = 3").fetchall()[0][0]
        before = receipt(owner, decision)
        assert retention.prune(owner, date(2026, 3, 2), CALLER) == 1
        assert retention.prune(owner, date(2026, 3, 2), CALLER) == 0
        told = verdict(own)
        assert (told.tree.tampering, told.pruned, told.tree.signed) == (None, 10, 20)
        with pytest.raises(NotProven, match="deleted"):
            receipt(owner, decision)
        assert before.proves(before.extra)
        record(owner, 5, 30, at=NOON + timedelta(days=1))
    catch_up(own)
    assert (verdict(own).tree.tampering, verdict(own).tree.signed) == (None, 25)
    with own.owner() as owner:
        # A later day is not on record as pruned.
        owner.execute("DELETE FROM decision WHERE id IN (SELECT id FROM decision_leaf WHERE number = 15)")
    tampering = verdict(own).tree.tampering
    assert tampering is not None
    assert (tampering.kind, tampering.position) == (Kind.DELETED, 15)


def test_retention_is_on_record_and_a_held_decision_that_goes_with_it_is_found(own: Database) -> None:
    with own.owner() as owner:
        holds.add(owner, "case", "it is asked for", CALLER, principal="user/u4")
        retention.set_period(owner, "decisions", 30, CALLER)
        assert [each.deleted for each in retention.apply(owner, CALLER)] == [19]
        told = verdict(own)
        assert (told.tree.tampering, told.pruned) == (None, 19)
        owner.execute("DELETE FROM decision")
    tampering = verdict(own).tree.tampering
    assert tampering is not None
    assert (tampering.kind, tampering.position, tampering.until) == (Kind.DELETED, 1, 20)


def test_what_was_forgotten_is_on_record(own: Database) -> None:
    with own.owner() as owner:
        record(owner, 1, 4)  # of the same subject, and in no tree yet
        assert forget(owner, "user/u4", "she asked", CALLER).decisions == 2
    catch_up(own)
    told = verdict(own)
    assert (told.tree.tampering, told.erased, told.tree.signed) == (None, 1, 21)
    with own.owner() as owner:
        [(text,)] = owner.execute(
            "SELECT data->'body'->'attributes'->>'decision_leaves' FROM event ORDER BY position DESC LIMIT 1"
        ).fetchall()
        assert text == "5"
        owner.execute("UPDATE decision SET answer = '{}' WHERE id IN (SELECT id FROM decision_leaf WHERE number = 5)")
    tampering = verdict(own).tree.tampering
    assert tampering is not None
    assert (tampering.kind, tampering.position) == (Kind.CHANGED, 5)


def test_the_leaves_do_not_change(own: Database) -> None:
    with own.owner() as owner, own.connect() as service:
        for connection in (owner, service):
            for statement in (
                "DELETE FROM decision_leaf", "UPDATE decision_leaf SET entry = ''", "TRUNCATE decision_leaf",
                "DELETE FROM decision_tile", "UPDATE decision_tile SET hashes = ''", "TRUNCATE decision_tile",
                "DELETE FROM decision_checkpoint", "UPDATE decision_checkpoint SET note = 'a'",
            ):  # fmt: skip
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_the_words_are_of_decisions(connection: Connection) -> None:
    connection.execute("UPDATE decision SET effect = 'x' WHERE id IN (SELECT id FROM decision_leaf WHERE number = 2)")
    tampering = verify_within(connection, KEYS).tree.tampering
    assert tampering is not None
    assert "event" not in msgspec.json.encode(tampering).decode()

"""Use is kept up on import, as known at a position, however imports are counted together."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.database.migrating import MIGRATIONS
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.use.used import State, Used, last_use
from erstwhile.projections.sql import Connection
from erstwhile.projections.use import runs
from erstwhile.projections.use.kept import KeptUse, UseNotCounted
from erstwhile.projections.use.rows import RunLines
from tests.support.databases import Server
from tests.support.imports import import_bytes
from tests.support.records import ADA, record, trail_file

NOTHING = RunLines([], [])
ADA_ARN = ADA["arn"]
ROLE = "arn:aws:iam::111122223333:role/runner"
CUTS = ("2026-03-04T12:30Z", "2026-03-04T13:30Z", "2026-03-04T13:30:01Z", "2026-04-02T12:00Z", "2026-06-01T00:00Z")
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
FILES = (
    [
        record("GetObject", {"bucketName": "pay", "key": "a"}, service="s3", at="2026-03-03T12:00:00Z", read_only=True),
        record("GetObject", {"bucketName": "pay", "key": "a"}, service="s3", at="2026-03-20T12:00:00Z", read_only=True),
        record("ListUsers", None, at="2026-03-03T12:00:00Z", read_only=True, errorCode="AccessDenied"),
    ],
    [
        record("CreateFunction20150331", {"functionName": "f", "role": ROLE}, service="lambda",
               at="2026-03-04T12:00:00Z"),
        record("GetItem", {"tableName": "t"}, service="dynamodb", at="2026-03-04T13:00:00Z", read_only=True,
               userIdentity=ADA | {"invokedBy": "athena.amazonaws.com"}),
        record("ListUsers", None, at="2026-03-04T13:30:00Z", read_only=True, errorCode="AccessDenied",
               userIdentity={"type": "IAMUser", "userName": "bob", "accessKeyId": "AKIABOB"}),
    ],
    [record("GetObject", {"bucketName": "pay", "key": "a"}, service="s3", at="2026-04-02T12:00:00Z", read_only=True)],
)  # fmt: skip


@pytest.fixture(scope="module")
def imported(embedded_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, list[int]]]:
    """Three imports, and the log position after each."""
    database, positions = embedded_server.fresh(), []
    folder = tmp_path_factory.mktemp("trail")
    for number, records in enumerate(FILES):
        import_bytes(database, folder, trail_file(*records), f"{number}.json")
        with database.connect() as connection:
            positions.append(EventLog.within(connection).head())
    yield database, positions
    embedded_server.drop(database)


def shown(used: list[Used]) -> list[tuple[str, str, str, bool, bool, int]]:
    return [(each.action, each.resource, each.service, each.on_behalf, each.failed, each.calls) for each in used]


def test_what_was_used(imported: tuple[Database, list[int]]) -> None:
    database, positions = imported
    with database.connect() as connection:
        found = KeptUse(connection, positions[-1]).of([ADA_ARN], BEGIN, END)
    at = "us-east-1:111122223333"
    assert sorted(shown(found)) == [
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{at}:table/t", "athena.amazonaws.com", True, False, 1),
        ("iam:ListUsers", "*", "", False, True, 1),
        ("iam:PassRole", ROLE, "lambda.amazonaws.com", False, False, 1),
        ("lambda:CreateFunction", f"arn:aws:lambda:{at}:function:f", "", False, False, 1),
        ("s3:GetObject", "arn:aws:s3:::pay/a", "", False, False, 1),
        ("s3:GetObject", "arn:aws:s3:::pay/a", "", False, False, 2),
    ]
    assert [each.month for each in found if each.action == "s3:GetObject"] == ["2026-03-01", "2026-04-01"]


def all_answers(connection: Connection, positions: list[int]) -> list[object]:
    """What is known at each position, of windows that cut months in two."""
    found: list[object] = []
    for known_at in (0, *positions):
        kept = KeptUse(connection, known_at)
        for end in (datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 4, 2, 12, tzinfo=UTC), END):
            for begin in (BEGIN, datetime(2026, 3, 15, tzinfo=UTC)):
                found += [
                    kept.of(None, begin, end),
                    kept.by_action(begin, end),
                    kept.covered("111122223333", begin, end),
                    kept.keys_used(begin, end),
                ]
    return found


def test_an_answer_does_not_depend_on_how_imports_were_counted(imported: tuple[Database, list[int]]) -> None:
    database, positions = imported
    with database.connect() as connection:
        apart = all_answers(connection, positions)
        assert runs.rebuild(connection) == 7
        together = all_answers(connection, positions)
        assert connection.execute("SELECT count(*) FROM call_use_run").fetchone() == (1,)
    assert apart == together


def test_what_an_import_could_not_count_is_counted_when_asked(
    imported: tuple[Database, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, positions = imported
    with database.connect() as connection:
        before = KeptUse(connection, positions[-1]).of(None, BEGIN, END)
        for table in ("call_use", "key_last_use", "call_use_import", "call_use_run"):
            connection.execute(f"DELETE FROM {table}")
        with monkeypatch.context() as few:
            few.setattr("erstwhile.projections.use.kept.MOST_IN_A_RUN", 5)
            with pytest.raises(UseNotCounted, match="3 imports are not counted yet: run `erstwhile rebuild use`"):
                KeptUse(connection, positions[-1])
        assert KeptUse(connection, positions[-1]).of(None, BEGIN, END) == before


def test_small_runs_become_one(imported: tuple[Database, list[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    database, positions = imported
    monkeypatch.setattr(runs, "_MANY_RUNS", 3)
    monkeypatch.setattr(runs, "MOST_IN_A_RUN", 1)
    with database.connect() as connection:
        before = all_answers(connection, positions)
        runs.rebuild(connection)
        assert connection.execute("SELECT count(*) FROM call_use_run").fetchone() == (3,)
        monkeypatch.setattr(runs, "MOST_IN_A_RUN", 1_000)
        runs._merge_small(connection)
        assert connection.execute("SELECT count(*) FROM call_use_run").fetchone() == (1,)
        assert all_answers(connection, positions) == before


def test_rows_of_the_release_before_are_taken_over(imported: tuple[Database, list[int]]) -> None:
    database, positions = imported
    text = (MIGRATIONS / "0028.call-use.sql").read_text()
    taking_over = re.findall(r"^(?:INSERT|DO) .*?;$(?:\nEND \$\$;)?", text, re.DOTALL | re.MULTILINE)
    assert len(taking_over) == 4
    with database.owner() as connection, connection.transaction(force_rollback=True):
        before = all_answers(connection, positions)
        connection.execute(
            "INSERT INTO use_run (run, records) OVERRIDING SYSTEM VALUE SELECT run, records FROM call_use_run"
        )
        connection.execute("INSERT INTO use_of_import SELECT * FROM call_use_import")
        connection.execute(
            "INSERT INTO used SELECT run, month, account, principal, call, resource, service, on_behalf, failed, "
            "first, last, number FROM call_use, unnest(resources, firsts, lasts, numbers) AS each (resource, first, "
            "last, number)"
        )
        for table in ("call_use", "key_last_use", "call_use_import", "call_use_run"):
            connection.execute(f"DELETE FROM {table}")
        for statement in taking_over:
            connection.execute(statement)
        assert runs.uncounted(connection) == {}
        assert all_answers(connection, positions) == before
        assert runs.add_run(connection, NOTHING, [10**9], 1)


SCANNED = (
    "SELECT a.access_key, max(a.occurred_at) FROM activity a JOIN evidence_block b USING (block_id) "
    "WHERE a.occurred_at >= %s AND a.occurred_at < %s AND b.position <= %s GROUP BY a.access_key"
)


def test_keys_were_used_as_the_activity_says(imported: tuple[Database, list[int]]) -> None:
    """Whoever used them, and whatever came of it: of runs with rows of keys, of those without, and as the migration
    fills the rows."""
    database, positions = imported
    taking_over = (MIGRATIONS / "0029.last-use-of-keys.sql").read_text().partition("INSERT INTO")
    with database.owner() as connection, connection.transaction(force_rollback=True):
        KeptUse(connection, positions[-1])
        for before in (
            "SELECT 1",
            "UPDATE call_use_run SET has_keys = false",
            "DELETE FROM key_last_use",
            "".join(taking_over[1:]).partition("GRANT")[0],
        ):
            connection.execute(before)
            for known_at in (0, *positions):
                for begin, end in itertools.combinations([BEGIN, *(datetime.fromisoformat(each) for each in CUTS)], 2):
                    scanned = dict(connection.execute(SCANNED, (begin, end, known_at)).fetchall())
                    assert KeptUse(connection, known_at).keys_used(begin, end) == scanned, (before, begin, end)
            assert KeptUse(connection, positions[-1]).keys_used(BEGIN, END).keys() == {"AKIAADA", "AKIABOB"}


def test_an_import_that_was_counted_meanwhile_is_not_counted_twice(imported: tuple[Database, list[int]]) -> None:
    database, positions = imported
    with database.connect() as connection:
        KeptUse(connection, positions[-1])
        [(position,), *_] = connection.execute("SELECT position FROM call_use_import ORDER BY 1").fetchall()
        assert not runs.add_run(connection, NOTHING, [position], 3)


def test_three_states(imported: tuple[Database, list[int]]) -> None:
    database, positions = imported
    begin, end = datetime(2026, 3, 3, 12, tzinfo=UTC), datetime(2026, 3, 3, 12, 30, tzinfo=UTC)
    with database.connect() as connection:
        kept = KeptUse(connection, positions[-1])
        assert last_use(kept, ADA_ARN, BEGIN, END, ["s3:Get*"]).state is State.USED
        assert last_use(kept, ADA_ARN, begin, end, ["iam:CreateUser"]).state is State.NOT_USED
        assert last_use(kept, ADA_ARN, begin, end, ["s3:PutObject"]).state is State.NOT_USED
        assert last_use(kept, ADA_ARN, begin, end, ["sqs:SendMessage"]).state is State.CANNOT_KNOW
        unknown = last_use(kept, ADA_ARN, BEGIN, END, ["iam:CreateUser"])
        assert (unknown.state, unknown.why) == (
            State.CANNOT_KNOW, "no records from 2026-01-01T00:00:00Z to 2026-03-03T12:00:00Z, and 3 more gaps"
        )  # fmt: skip
        # As known before the first import, nothing is.
        assert last_use(KeptUse(connection, 0), ADA_ARN, BEGIN, END, ["s3:Get*"]).state is State.CANNOT_KNOW

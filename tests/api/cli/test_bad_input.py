"""Bad input: each a clear error, and nothing half-done."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from tests.support.event_log import writer_of
from tests.support.program import erstwhile
from tests.support.records import ACCOUNT, create_user, record, trail_file

GOOD = trail_file(create_user("ada", "AIDAADA", "2026-03-03T12:00:00Z"))


def truncated_gzip(folder: Path) -> Path:
    path = folder / "trail.json.gz"
    path.write_bytes(gzip.compress(GOOD)[:-20])
    return path


def not_json(folder: Path) -> Path:
    path = folder / "trail.json"
    path.write_bytes(GOOD[:-5])
    return path


def other_json(folder: Path) -> Path:
    path = folder / "trail.json"
    path.write_bytes(b'{"Users": []}')
    return path


def too_large(folder: Path) -> Path:
    path = folder / "trail.json.gz"
    path.write_bytes(gzip.compress(b" " * 300_000 + GOOD))
    return path


def no_account(folder: Path) -> Path:
    broken = record("CreateUser", {"userName": "eve"}) | {"recipientAccountId": "12", "userIdentity": {}}
    path = folder / "trail.json"
    path.write_bytes(trail_file(broken))
    return path


def of_the_future(folder: Path) -> Path:
    path = folder / "trail.json"
    path.write_bytes(trail_file(create_user("eve", "AIDAEVE", "2999-01-01T00:00:00Z")))
    return path


def broken_zip(folder: Path) -> Path:
    path = folder / "trail.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", GOOD)
    path.write_bytes(path.read_bytes()[:-30])
    return path


def not_there(folder: Path) -> Path:
    return folder / "nothing.json"


REFUSED: list[tuple[Callable[[Path], Path], str]] = [
    (truncated_gzip, "is not a whole gzip file"),
    (not_json, "is not JSON"),
    (other_json, "expected a CloudTrail file"),
    (too_large, "--max-file-bytes"),
    (no_account, "without recipientAccountId"),
    (of_the_future, "of the future"),
    (broken_zip, "is not a whole zip archive"),
    (not_there, "does not exist"),
]


@pytest.mark.parametrize(("make", "words"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_a_file_is_refused_whole(database: Database, tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    found = erstwhile(database, "import", "cloudtrail", str(make(tmp_path)), "--max-file-bytes", "200000")
    assert found.returncode == 1
    assert words in found.stderr.replace("\n", " ")
    assert "Traceback" not in found.stderr
    with database.connect() as connection:
        # AWS's own policies come with the program; of the file nothing is kept.
        for table in (
            f"event WHERE account <> '{AWS_MANAGED}'",
            "activity",
            "imported_file WHERE kind = 'cloudtrail'",
            "evidence_block",
        ):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_the_others_go_on(database: Database, tmp_path: Path) -> None:
    truncated_gzip(tmp_path)
    (tmp_path / "good.json").write_bytes(GOOD)
    found = erstwhile(database, "import", "cloudtrail", str(tmp_path), "--json")
    assert found.returncode == 1
    summary = orjson.loads(found.stdout)
    assert (summary["files"], summary["changes"], len(summary["refused"])) == (1, 1, 1)


def test_an_import_into_a_governed_account_is_refused(database: Database, tmp_path: Path) -> None:
    writer = writer_of(database.dsn)
    writer.execute(RegisterAccount(account=ACCOUNT))
    writer.close()
    (tmp_path / "good.json").write_bytes(GOOD)
    found = erstwhile(database, "import", "cloudtrail", str(tmp_path))
    assert found.returncode == 1 and "is governed here" in found.stderr.replace("\n", " ")


QUESTION = ("who-can", "s3:GetObject", "arn:aws:s3:::b/x")
QUESTIONS: list[tuple[tuple[str, ...], str]] = [
    ((*QUESTION, "--as-of", "eventually"), "'eventually' is not an instant: expected a time such as 2023-07-10"),
    ((*QUESTION, "--as-of", "03/04/2026"), "can be read in more than one way: write the year first"),
    ((*QUESTION, "--as-of", "@4711"), "as_of @4711 is beyond the head of the log, which is"),
    ((*QUESTION, "--as-of", "@0"), "the log's positions begin with @1"),
    ((*QUESTION, "--as-of", "in ²"), "is not an instant"),
    ((*QUESTION, "--tz", "Berlin"), "did you mean Europe/Berlin?"),
    ((*QUESTION, "--columns", "principal,nope"), "there is no column nope; there are: answer, principal"),
    ((*QUESTION, "--as-of", "2026-13-41T12:00:00Z"), "is not an instant"),
    ((*QUESTION, "--as-of", "2999-01-01T00:00:00Z"), "has not come yet"),
    ((*QUESTION, "--known-at", "4711"), "beyond the head of the log, which is"),
    ((*QUESTION, "--known-at", "soon"), "or @4711 for the moment of a log position"),
    (("who-can", "GetObject", "*"), "expected service:Operation"),
    (("who-can", "s3:GetObject", "bucket"), "is not an ARN"),
    ((*QUESTION, "--account", "999999999999"), "account 999999999999 is not known; known are: 111122223333"),
    (("what-can", "arn:aws:iam::111122223333:user/ad"), "no principal arn:aws:iam::111122223333:user/ad is known"),
    (("what-can", "arn:aws:user"), "is not an ARN"),
    (("audit", "--since", "12 o'clock"), "is not an instant"),
    (("audit", "--cursor", "!!"), "is not a cursor"),
    (("audit", "--account", "12"), "account must be twelve digits, not '12'"),
    (("audit", "--source-ip", "203.0.113.0/99"), "neither an address, a network"),
    (("audit", "--activity", "--outcome", "drift"), "the outcome of a call must be success, failed"),
    (("rebuild", "histroy"), "there are: history, audit"),
    (("token", "create", "ci", "--scope", "write"), "the scopes are read, import, review, audit, metrics, admin"),
    (("token", "revoke", "nobody"), "there is no token named nobody"),
    (("import", "snapshot", "x.json", "--taken-at", "noon"), "--taken-at: 'noon' is not an instant"),
    (("import", "cloudtrail"), "name files or folders to import"),
]  # fmt: skip


def test_questions_that_cannot_be_answered_say_why(database: Database, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(GOOD)
    assert erstwhile(database, "import", "cloudtrail", str(tmp_path)).returncode == 0
    for arguments, words in QUESTIONS:
        found = erstwhile(database, *arguments)
        assert found.returncode in (1, 2), arguments
        assert words in found.stderr.replace("\n", " "), (arguments, found.stderr)
        assert "Traceback" not in found.stderr


def test_a_database_that_is_not_there_and_one_without_migrations(tmp_path: Path, embedded_server: object) -> None:
    found = erstwhile(None, "status", ERSTWHILE_DATABASE_URL=f"host={tmp_path} dbname=x password=hunter2")
    assert found.returncode == 1
    assert "cannot connect to PostgreSQL" in found.stderr and "hunter2" not in found.stderr
    empty = embedded_server.empty()  # type: ignore[attr-defined]
    found = erstwhile(empty, "status")
    assert found.returncode == 1 and "run `erstwhile migrate`" in found.stderr.replace("\n", " ")
    assert "applied 0001.events" in erstwhile(empty, "migrate").stdout
    assert erstwhile(empty, "status").returncode == 0
    assert "nothing to apply" in erstwhile(empty, "migrate").stdout
    embedded_server.drop(empty)  # type: ignore[attr-defined]


def test_a_bad_setting_is_named() -> None:
    found = erstwhile(None, "serve", "--ephemeral", ERSTWHILE_PORT="eighty")
    assert found.returncode == 1 and "ERSTWHILE_PORT must be a port number" in found.stderr

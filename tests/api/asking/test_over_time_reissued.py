"""An answer that was given once is given again, byte for byte, whatever was imported since; and a late record corrects
the past for whoever asks what is known now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.event_log.event_log import EventLog
from tests.support.documents import ALL_OF_S3
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, create_user, record

ASKED = ("s3:GetObject", f"arn:aws:s3:::b-{ACCOUNT}/x")


@pytest.fixture
def service(database: Database) -> Iterator[ReadingRuntime]:
    found = ReadingRuntime(database)
    yield found
    found.close()


def put(at: str) -> dict[str, Any]:
    given = {"userName": "bob", "policyName": "all", "policyDocument": ALL_OF_S3}
    return record("PutUserPolicy", given, at=f"2026-03-03T{at}:00Z")


def test_what_was_answered_once(service: ReadingRuntime, tmp_path: Path) -> None:
    database = service.database
    import_records(database, tmp_path, create_user("bob", "AIDABOB", "2026-03-03T09:00:00Z"), put("12:00"))
    with database.connect() as connection:
        known_at = str(EventLog.within(connection).head())
    window = {"begin": "2026-03-03T08:00:00Z", "end": "2026-03-03T20:00:00Z"}
    questions: list[Callable[[WindowWords], AbstractContextManager[Pieces]]] = [
        lambda words: service.over_time.timeline("bob", *ASKED, words, Stop(), resource_account=ACCOUNT),
        lambda words: service.over_time.ever(*ASKED, words, Stop(), resource_account=ACCOUNT),
        lambda words: service.over_time.never(*ASKED, words, Stop(), resource_account=ACCOUNT),
        lambda words: service.over_time.moments("bob", words, Stop()),
        lambda words: service.over_time.diff(words, Stop()),
    ]

    def answers(known: str | None) -> list[bytes]:
        found = []
        for question in questions:
            with question(WindowWords(**window, known_at=known)) as pieces:
                found.append(orjson.dumps(pieces.whole()))
        return found

    def boundaries(answer: bytes) -> list[tuple[str, str]]:
        return [(each["from"][11:16], each["effect"]) for each in orjson.loads(answer)["spans"]]

    issued = answers(known_at)
    assert boundaries(issued[0]) == [
        ("08:00", "unknown_principal"), ("09:00", "implicit_deny"), ("12:00", "allow"),
    ]  # fmt: skip
    taken = record("DeleteUserPolicy", {"userName": "bob", "policyName": "all"}, at="2026-03-03T11:00:00Z")
    import_records(database, tmp_path, put("10:00"), taken)
    assert answers(known_at) == issued
    assert boundaries(answers(None)[0]) == [
        ("08:00", "unknown_principal"), ("09:00", "implicit_deny"), ("10:00", "allow"), ("11:00", "implicit_deny"),
        ("12:00", "allow"),
    ]  # fmt: skip

"""Pages of the activity, near and far ones, are those of an obvious filter over all calls."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.imports import store
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections import activity
from erstwhile.projections.activity import activity_page
from erstwhile.projections.evidence_blocks import pack
from erstwhile.projections.filters import Filters
from tests.support.examples import examples

BEGIN = datetime(2026, 1, 30, 20, tzinfo=UTC)
ACCOUNTS = ("111122223333", "999900001111")
WORDS = ("ada", "adamant", "Bob", "kate", "100%", "a_b", "a\\b", "")
ACTIONS = ("s3:GetObject", "s3:PutObject", "iam:CreateUser")
BLOCKS = {1: 10, 2: 20, 3: 30, 4: None}
"""The position from which the records of a block are known; None: its evidence is deleted."""
COLUMNS = (
    "account",
    "record_id",
    "occurred_at",
    "action",
    "principal",
    "session",
    "access_key",
    "error_code",
    "block_id",
)


def _call(chance: random.Random, number: int) -> dict[str, Any]:
    # Several calls have the same instant, over two months.
    return {
        "account": chance.choice(ACCOUNTS), "record_id": f"{chance.randrange(1 << 32):08x}-{number}",
        "occurred_at": BEGIN + timedelta(minutes=10 * chance.randrange(400)), "action": chance.choice(ACTIONS),
        "principal": f"arn:aws:iam::1:user/{chance.choice(WORDS)}", "session": chance.choice(WORDS),
        "access_key": f"AKIA{chance.choice(WORDS)}", "error_code": chance.choice(("", "", "AccessDenied")),
        "block_id": chance.choice(list(BLOCKS)),
    }  # fmt: skip


def _finds(text: str, *values: str) -> bool:
    pattern = ".*".join(map(re.escape, text.split("*")))
    return any(re.search(pattern, value, re.IGNORECASE) for value in values)


def _passes(call: dict[str, Any], filters: Filters) -> bool:
    return (
        (not filters.account or call["account"] == filters.account)
        and (not filters.actor or _finds(filters.actor, call["principal"], call["access_key"]))
        and (not filters.action or _finds(filters.action, call["action"]))
        and (not filters.session or _finds(filters.session, call["session"]))
        and (not filters.outcome or (call["error_code"] == "") == (filters.outcome == "success"))
        and (filters.since is None or call["occurred_at"] >= filters.since)
        and (filters.until is None or call["occurred_at"] < filters.until)
        and (filters.known_at is None or (BLOCKS[call["block_id"]] or filters.known_at + 1) <= filters.known_at)
    )


def _filters(chance: random.Random) -> Filters:
    given: dict[str, Any] = {
        "actor": chance.choice(("ada", "ADAM", "user/b*b", "AKIAkate", "nobody", "%", "_", "\\", "0*")),
        "action": chance.choice(("s3:*", "getobject", "iam", "nothing")), "session": chance.choice(("ad", "a*t", "x")),
        "account": chance.choice(ACCOUNTS), "outcome": chance.choice(("success", "failed")),
        "since": BEGIN + timedelta(minutes=5 * chance.randrange(800)),
        "until": BEGIN + timedelta(minutes=5 * chance.randrange(800)), "known_at": chance.choice((5, 10, 25, 99)),
    }  # fmt: skip
    return Filters(**{name: value for name, value in given.items() if chance.random() < 0.25})


@pytest.mark.parametrize("seed", range(examples(10, 2)))
def test_pages_have_what_passes_in_order(any_database: Database, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(activity, "_NEAR", (3, 40))
    chance = random.Random(seed)
    calls = [_call(chance, number) for number in range(300)]
    with any_database.connect() as connection:
        for month in ("2026-01-01", "2026-02-01"):
            connection.execute("SELECT ensure_activity_partition(%s::date)", (month,))
        store.add_file(connection, b"", "file", "cloudtrail", 0, 1)
        for block, position in BLOCKS.items():
            if position is not None:
                store.add_evidence(connection, 1, position, [(block, pack([b"{}"]))])
        for each in calls:
            connection.execute(
                f"INSERT INTO activity ({', '.join(COLUMNS)}, source_ip, user_agent, class, line, sha256, "
                f"day) VALUES ({', '.join(['%s'] * len(COLUMNS))}, '', '', 'a', 0, '', %s)",
                (*(each[name] for name in COLUMNS), each["occurred_at"].date()),
            )
        for _ in range(examples(80, 40)):
            filters, oldest_first, limit = _filters(chance), chance.random() < 0.4, chance.choice((1, 7, 50))
            in_order = sorted(
                calls, key=lambda call: (call["occurred_at"], call["record_id"]), reverse=not oldest_first
            )
            expected = [call["record_id"] for call in in_order if _passes(call, filters)]
            found: list[str] = []
            cursor = ""
            for _ in range(6):
                page = activity_page(connection, filters, limit, cursor, oldest_first)
                found += [entry["record_id"] for entry in page.entries]
                assert page.entries == [] or page.entries[0]["occurred_at"] == format_instant(
                    next(call["occurred_at"] for call in calls if call["record_id"] == page.entries[0]["record_id"])
                )
                cursor = page.next_cursor
                if not cursor:
                    assert found == expected, filters
                    break
            assert found == expected[: len(found)], filters

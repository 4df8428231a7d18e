"""The three states of use: used, not used, cannot know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from erstwhile.domain.use.used import Covered, State, Used, last_of

MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
ADA = "arn:aws:iam::111122223333:user/ada"
COVERED = Covered(account="111122223333", begin=MAY, end=JUNE, until=JUNE - timedelta(minutes=1))
READ = Used(
    account="111122223333", principal=ADA, call="s3:HeadObject", action="s3:GetObject", resource="arn:aws:s3:::pay/a",
    first=MAY, last=MAY + timedelta(days=2), calls=7, month="2026-05-01",
)  # fmt: skip


def test_used_says_when_last_and_how_often() -> None:
    later = msgspec.structs.replace(READ, last=MAY + timedelta(days=9), calls=2)
    found = last_of([READ, later], COVERED, ["s3:get*"])
    assert (found.state, found.last, found.calls) == (State.USED, later.last, 9)


def test_a_call_that_failed_is_no_use() -> None:
    failed = msgspec.structs.replace(READ, failed=True, action="iam:CreateUser")
    assert last_of([failed], COVERED, ["iam:createuser"]).state is State.NOT_USED


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("iam:createuser", ""),
        ("iam:*", ""),
        ("s3:putobject", "s3:putobject is a data event, and no data events of s3 are on record"),
        ("s3:*", "s3:AbortMultipartUpload is a data event, and no data events of s3 are on record"),
        ("s3:createbucket", ""),
        ("logs:putlogevents", "CloudTrail records no logs:putlogevents"),
    ],
)
def test_where_nothing_is_on_record(pattern: str, why: str) -> None:
    found = last_of([], COVERED, [pattern])
    assert (found.state, found.why) == (State.CANNOT_KNOW if why else State.NOT_USED, why)


def test_data_events_on_record_prove_that_others_were_not() -> None:
    covered = msgspec.structs.replace(COVERED, data_events=frozenset({"s3"}))
    assert last_of([], covered, ["s3:putobject"]).state is State.NOT_USED
    assert last_of([], covered, ["dynamodb:getitem"]).state is State.CANNOT_KNOW


def test_a_gap_hides_what_was_used_in_it() -> None:
    gap = (MAY + timedelta(days=3), MAY + timedelta(days=4))
    found = last_of([], msgspec.structs.replace(COVERED, gaps=(gap,)), ["iam:createuser"])
    assert found.state is State.CANNOT_KNOW
    assert found.why == "no records from 2026-05-04T00:00:00Z to 2026-05-05T00:00:00Z"
    nothing = msgspec.structs.replace(COVERED, until=None)
    assert last_of([], nothing, ["iam:createuser"]).why == "no records of 111122223333 in the window"

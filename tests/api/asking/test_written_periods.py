"""Who could ever, written at once, against the same told one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson

from erstwhile.api.asking.over_time.told_holders import holders_json
from erstwhile.api.asking.over_time.written_periods import holders_written
from erstwhile.domain.history.ever import Ever, Holder
from erstwhile.domain.history.held_periods import Period
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_what_is_written_says_what_is_told() -> None:
    micros = NOON + timedelta(microseconds=90_000_001)
    periods = (
        Period(BEFORE, NOON, "conditional"), Period(NOON, micros, "allowed"), Period(micros, FOREVER, "unknown"),
    )  # fmt: skip
    one = Holder(
        principal='arn:aws:iam::111122223333:user/ä"\\', kind="user", account="1", unique_id="A", periods=periods
    )
    other = Holder(principal="*", kind="anonymous", account="", unique_id="", periods=periods[1:2], is_outsider=True)
    found = Ever(
        action="s3:GetObject", resource="*", begin=BEFORE, end=FOREVER, allowed=(one, other), conditional=(one,),
        unknown=(other,), principals=2, states=3, gaps=(), known_at=1,
    )  # fmt: skip
    assert orjson.loads(orjson.dumps(holders_written(found))) == list(holders_json(found))

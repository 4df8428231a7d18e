"""A question that nobody wants any more ends at its next look into history, wherever that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erstwhile.api.asking.over_time.stopping import Stop, Stopped, stoppable
from erstwhile.domain.history.ever import ever
from erstwhile.domain.history.interval_history import IntervalHistory

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def test_amid_the_rows_of_a_window() -> None:
    stop = Stop()
    history = stoppable(IntervalHistory([]), stop)
    assert ever(history, "s3:GetObject", "*", NOON, LATER).principals == 0
    rows = history.window(NOON, LATER)
    stop.call_off()
    with pytest.raises(Stopped):
        rows.held("attached")
    with pytest.raises(Stopped):
        ever(history, "s3:GetObject", "*", NOON, LATER)

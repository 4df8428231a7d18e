"""Every acknowledged write is there after kill runs, and positions have no gap: a few here, as many as
ERSTWHILE_KILL_RUNS says, a hundred by `make kill-runs`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.support import kill_runs
from tests.support.in_memory import folder_for_databases

COUNT = int(os.environ.get("ERSTWHILE_KILL_RUNS", "3"))


@pytest.mark.slow
def test_every_acknowledged_write_is_there_after_kill_runs() -> None:
    with tempfile.TemporaryDirectory(prefix="e-", dir=folder_for_databases()) as folder:
        kill_runs.run(Path(folder) / "home", COUNT, seed=2026)

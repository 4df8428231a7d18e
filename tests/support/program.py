"""Runs `erstwhile` as a user does, against a test's database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from erstwhile.api.database.database import Database

PROGRAM = str(Path(sys.executable).parent / "erstwhile")


def environment(database: Database | None = None, **more: str) -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if not name.startswith("ERSTWHILE_")}
    if database is not None:
        found["ERSTWHILE_DATABASE_URL"] = database.owner_dsn
    return found | {"PYTHONWARNINGS": "error", "COLUMNS": "160"} | more


def erstwhile(database: Database | None, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments], env=environment(database, **more), capture_output=True, text=True, timeout=120
    )

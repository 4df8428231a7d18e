"""The demonstration's story, loaded: an account with users, policies and a leaked key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import erstwhile.api.demo
from erstwhile.api.database.database import Database
from tests.support.program import erstwhile as program

DEMO = Path(erstwhile.api.demo.__path__[0])
GRACE = "arn:aws:iam::111122223333:user/grace"
BOT = "arn:aws:iam::111122223333:user/build-bot"
READ = ("s3:GetObject", "arn:aws:s3:::payroll/march.csv")
_TAKEN = ("--taken-at", "2026-03-03T08:00:00Z", "--complete")


def load(database: Database) -> None:
    """Imports the story by the command line."""
    files = (str(DEMO / f"cloudtrail-{number}.json") for number in (1, 2))
    for arguments in (("snapshot", str(DEMO / "snapshot.json"), *_TAKEN), ("cloudtrail", *files)):
        found = program(database, "import", *arguments)
        assert found.returncode == 0, found.stderr


def ask(principal: str, action: str = "s3:GetObject", **context: Any) -> dict[str, Any]:
    """An AuthZEN question about a file of the payroll."""
    return {
        "subject": {"type": "user", "id": principal},
        "action": {"name": action},
        "resource": {"type": "object", "id": "arn:aws:s3:::payroll/march.csv"},
        "context": context,
    }

"""The secrets of a first start: printed for the person at the terminal, else in a file that its owner alone may read.

Standard output of a service is its journal, which keeps what it got, and which more people read.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from erstwhile.api.database.settings import MalformedSetting

FILE = "first-start.env"
WAYS = ("auto", "print", "file")


def goes_to_file(home: Path | None) -> bool:
    """Whether secrets are written to the home, by ERSTWHILE_FIRST_START. A throw-away database has no home. Raises
    MalformedSetting."""
    chosen = os.environ.get("ERSTWHILE_FIRST_START", "") or "auto"
    if chosen not in WAYS:
        raise MalformedSetting(f"ERSTWHILE_FIRST_START must be auto, print or file, not {chosen[:40]!r}")
    return home is not None and (chosen == "file" or (chosen == "auto" and not sys.stdout.isatty()))


def keep(home: Path, secrets: dict[str, str]) -> Path:
    """Adds lines NAME=VALUE to the home's file, and returns its path."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write("".join(f"{name}={value}\n" for name, value in secrets.items()))
        file.flush()
        os.fsync(descriptor)
    return path


def hand_over(home: Path | None, what: str, secrets: dict[str, str], printed: str) -> None:
    """`what`: whose secrets these are; `printed`: as they are printed. Raises MalformedSetting, OSError."""
    if home is not None and goes_to_file(home):
        print(f"{what} is in {keep(home, secrets)}, which its owner alone may read", flush=True)
    else:
        print(f"{what}; it is not shown again:\n{printed}", flush=True)

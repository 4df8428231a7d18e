"""`make bench-incident`: the report of an incident, about a user's key and about an address, with many recorded calls.

The records are those of `make bench-import` (400 callers, one record in a hundred changes access), imported once into
an embedded database under `build/bench-incident`. RECORDS=n takes another count; the default is 100,000.

Targets, at a million events and ten million records: the first line after 200 ms, all sections but the last (whom it
could have become) after 2 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from erstwhile.api.asking.incident.sections import SECTIONS
from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.files import find_files
from erstwhile.api.runtime.runtime import ReadingRuntime

RECORDS = int(os.environ.get("RECORDS", "100000"))
ROUNDS = 5
_ANY = "SELECT access_key, source_ip FROM activity WHERE access_key LIKE 'AKIA%' LIMIT 1"


def main() -> None:
    home = Path("build/bench-incident") / str(RECORDS)
    fresh = not home.exists()
    home.mkdir(parents=True, exist_ok=True)
    database = Database.open(Settings(home=home))
    try:
        if fresh:
            _fill(database)
        runtime = ReadingRuntime(database)
        try:
            runtime.projector.catch_up()
            _measure(runtime)
        finally:
            runtime.close()
    finally:
        database.close()


def _fill(database: Database) -> None:
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        out.print(f"generating and importing {RECORDS:,} records …")
        subprocess.run([sys.executable, "-m", "tests.support.generated_trail", folder, str(RECORDS)], check=True)
        with database.connect() as connection:
            CloudTrailImporter(connection).import_files(find_files([Path(folder)]))
            connection.execute("ANALYZE")


def _measure(runtime: ReadingRuntime) -> None:
    with runtime.connection() as connection:
        row = connection.execute(_ANY).fetchone()
    assert row is not None, "the trail has users"
    key, address = row
    for what, about in (("key", key), ("address", address)):
        rounds = [_timed(runtime, about) for _ in range(ROUNDS + 1)]
        out.print(f"{what} {about}: first question of the process, then the median of {ROUNDS}")
        for name in ("first line", *SECTIONS, "all but the last"):
            later = median(each[name] for each in rounds[1:])
            out.print(f"  {name:18} {rounds[0][name] * 1000:8.1f} ms {later * 1000:8.1f} ms")


def _timed(runtime: ReadingRuntime, about: str) -> dict[str, float]:
    """Seconds until the first line, of each section, and in all."""
    found: dict[str, float] = {}
    started = last = time.perf_counter()
    with runtime.incidents.incident(about, WindowWords(), Stop()) as pieces:
        found["first line"] = time.perf_counter() - started
        last = time.perf_counter()
        for section in pieces.items:
            now = time.perf_counter()
            found[section["section"]] = now - last
            last = now
    found["all but the last"] = last - started - found[SECTIONS[-1]]
    return found


if __name__ == "__main__":
    main()

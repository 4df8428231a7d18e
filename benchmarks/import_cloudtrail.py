"""`make bench-import`: a million records, one in a hundred access-changing.

Targets: import at 0.25 or more of the rate at which orjson alone parses the same files; our process under
500 MB. RECORDS=n takes another count.
"""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.files import find_files
from erstwhile.api.imports.summary import Summary
from erstwhile.projections.projector import Projector

CHUNK = 125
"""Files a turn: import them, then the reference parses the same ones."""


def main() -> None:
    count = int(os.environ.get("RECORDS", "1000000"))
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        out.print(f"generating {count:,} records …")
        subprocess.run([sys.executable, "-m", "tests.support.generated_trail", folder, str(count)], check=True)
        files = find_files([Path(folder)])
        size = sum(path.stat().st_size for path in files)
        out.print(f"{len(files)} gzip files, {size / 1e6:,.0f} MB")
        home = Path(folder) / "home"
        database = Database.open(Settings(home=home))
        try:
            _measure(database, files, count)
        finally:
            database.close()


def _measure(database: Database, files: list[Path], count: int) -> None:
    ours = reference = inflating = 0.0
    total = Summary()
    with database.connect() as connection:
        importer = CloudTrailImporter(connection)
        for begin in range(0, len(files), CHUNK):
            part = files[begin : begin + CHUNK]
            started = time.perf_counter()
            total.add(importer.import_files(part))
            ours += time.perf_counter() - started
            for path in part:
                started = time.perf_counter()
                data = gzip.decompress(path.read_bytes())
                inflated = time.perf_counter()
                orjson.loads(data)
                inflating += inflated - started
                reference += time.perf_counter() - inflated
    assert total.changes + total.activity + total.failed == count and not total.refused
    projector = Projector(database.connect)
    started = time.perf_counter()
    projector.catch_up()
    projecting = time.perf_counter() - started
    projector.close()
    # The process that reads ahead has ended by now, and counts among the children (as the database's launcher does).
    peak, reader = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    out.print(f"imported {total.records:,} records, {total.changes:,} changes: {count / ours:,.0f} records/s")
    out.print(f"projected {total.position:,} events: {total.position / projecting:,.0f} events/s")
    out.print(f"orjson alone, files inflated already: {count / reference:,.0f} records/s; "
              f"ratio {reference / ours:.2f}")  # fmt: skip
    out.print(f"reading, inflating and orjson: {count / (reference + inflating):,.0f} records/s; "
              f"ratio {(reference + inflating) / ours:.2f} (target 0.25)")  # fmt: skip
    out.print(f"peak memory: our process {peak:,.0f} MB, the largest of its children (the reader) {reader:,.0f} MB "
              f"(target: under 500 together)")  # fmt: skip


if __name__ == "__main__":
    main()

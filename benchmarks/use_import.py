"""Use kept up on import, beside import without it in the same run: the first half of `make bench-use`."""

from __future__ import annotations

import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from benchmarks.use_reading import NotCounted
from erstwhile.api.database.database import Database
from erstwhile.api.imports import cloudtrail
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.counted_apart import CountedApart, Settled, read_and_keep
from erstwhile.api.imports.read_ahead import reading_apart
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.sql import Connection
from erstwhile.projections.use.kept import KeptUse

FILES = 50
"""Of a turn: with use, then without."""
Row = Callable[[str, str], None]
Spent = dict[str, float]
"""What was spent: records, and seconds by the clock and of each process."""


def imports(database: Database, files: list[Path], window: tuple[datetime, datetime], row: Row) -> None:
    """Imports files in turns, and says what each kind of turn took."""
    starting = _starting()
    took: dict[bool, Spent] = {True: defaultdict(float), False: defaultdict(float)}
    with database.connect() as connection:
        importer = CloudTrailImporter(connection)
        for turn, begin in enumerate(range(0, len(files), FILES)):
            keeps = turn % 2 == 0
            setattr(cloudtrail, "CountedApart", CountedApart if keeps else NotCounted)  # noqa: B010
            before = _computed(connection)
            took[keeps]["records"] += importer.import_files(files[begin : begin + FILES]).records
            for name, each in _computed(connection).items():
                took[keeps][name] += each - before[name]
            took[keeps]["reader"] -= starting
        setattr(cloudtrail, "CountedApart", CountedApart)  # noqa: B010
        for keeps, found in took.items():
            _rows(row, "with" if keeps else "without", found)
        if took[False]["records"]:
            both = took[True], took[False]
            for what, names in (("by the clock", ("clock",)), ("computed by importer and reader", _OURS),
                                ("computed by all", (*_OURS, "database"))):  # fmt: skip
                spent, bare = (sum(found[name] for name in names) / found["records"] for found in both)
                row(f"  more with use, {what}", f"{spent / bare - 1:+.1%} (target 10 %)")
            spent, bare = map(_longer, both)
            row("  more with use, the longer of two sides", f"{spent / bare - 1:+.1%}, {1e6 / spent:,.0f} records/s, "
                "by the clock of a machine without other work (targets 10 %, 25,000)")  # fmt: skip
        row("  starting the process that reads", f"{starting:.2f} s, left out above")
        _asked(connection, window, row)


_OURS = ("importer", "reader")


def _longer(found: Spent) -> float:
    """µs a record that one side of an import computes, the one that computes longer: the process that reads, or the
    importer and the database, which wait for each other."""
    return max(found["reader"], found["importer"] + found["database"]) / found["records"] * 1e6


def _rows(row: Row, kind: str, found: Spent) -> None:
    records = found["records"]
    each = {name: spent / records * 1e6 for name, spent in found.items() if name != "records"}
    ours = sum(each[name] for name in _OURS)
    row(f"import {kind} use", f"{1e6 / each['clock']:,.0f} records/s by the clock, {1e6 / ours:,.0f} a second that "
        f"importer and reader computed")  # fmt: skip
    row("  computed, µs a record", ", ".join(f"{name} {each[name]:.1f}" for name in (*_OURS, "database")))


def _computed(connection: Connection) -> dict[str, float]:
    """Seconds that passed, and that processes computed: this one, readers that have ended, the database's."""
    spent = {"clock": time.perf_counter(), "database": _of_process(connection.info.backend_pid)}
    for name, who in (("importer", resource.RUSAGE_SELF), ("reader", resource.RUSAGE_CHILDREN)):
        used = resource.getrusage(who)
        spent[name] = used.ru_utime + used.ru_stime
    return spent


def _of_process(pid: int) -> float:
    """Seconds that a process computed, as Linux tells them; 0 elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _starting() -> float:
    """Seconds that a process computes before it reads its first file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with reading_apart() as reader:
        reader.submit(read_and_keep, None, 0, 0, Settled([], 0)).exception()  # type: ignore[arg-type]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _asked(connection: Connection, window: tuple[datetime, datetime], row: Row) -> None:
    began = time.perf_counter()
    kept = KeptUse(connection, EventLog.within(connection).head())
    row("what imports had not counted", f"{time.perf_counter() - began:.2f} s")
    began = time.perf_counter()
    found = kept.by_action(*window)
    [(rows,)] = connection.execute("SELECT coalesce(sum(cardinality(resources)), 0) FROM call_use").fetchall()
    row("use of everybody, by action", f"{time.perf_counter() - began:.2f} s for {rows:,} rows, {len(found):,} of "
        f"principals and actions")  # fmt: skip

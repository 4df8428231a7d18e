"""`make bench-reports`: the reports of a company with a million events and millions of recorded calls.

The database is that of `make bench-incident` (`incident_home.py`), written once and kept under `build/bench-incident`.
SIZE=full asks about 20,000 principals with 10,000,000 calls, and about an account of 5,000 principals; SIZE=middle
about such an account beside a small company; the default is small. The first figure of a row is of a report that the
process makes for the first time, the second of one that it makes again; beside each the seconds that this process
computed.

Targets, at full size: the entitlement review of the account of 5,000 principals as XLSX in 20 s, memory 500 MB; the
attestation of one control over a year in 5 s, of each that has conditions of its own; what nobody used, for everyone,
in 10 s. On a terminal, long steps show how far they are; use that was not counted yet is counted first.
"""

from __future__ import annotations

import io
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import IO, Any

from benchmarks.company import END, OBSERVED
from benchmarks.company_paths import ACCOUNT
from benchmarks.incident_home import SIZES, Size, home_of
from erstwhile.api.asking.over_time.least_privilege_questions import DAYS
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli.console import out
from erstwhile.api.cli.progress import counting
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.reports.forms import FORMS
from erstwhile.api.reports.gathering import ReportWords
from erstwhile.api.reports.spool import spooled
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.controls.reading import known_controls, read_controls
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.domain.reports.catalogue import REPORTS
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.use.runs import catch_up

_SIZES = SIZES | {"middle": Size("middle", 10_000, 100_000, 5_000)}
_WEEK = timedelta(weeks=1)
_LISTS = frozenset(("leavers", "separation-of-duties", "attestation", "controls"))
"""Reports that need lists or controls of the user's own."""
_OWN = """
lists:
  administrators: [user/u0]
  open-resources: ["arn:aws:s3:::public"]
frameworks:
  - id: acme
    title: Of the benchmark
    controls:
      - id: ADM
        title: Administrators
        conditions: [administrators-within]
      - id: READ
        title: Who reads an object
        conditions:
          - who-can: {action: "s3:GetObject", resource: "arn:aws:s3:::payroll/march.csv"}
"""
_YEAR = timedelta(days=365)


def main() -> None:
    size = _SIZES[os.environ.get("SIZE", "small")]
    database = Database.open(Settings(home=home_of(size)))
    try:
        runtime = ReadingRuntime(database)
        try:
            runtime.projector.catch_up()
            out.print(f"{size.events:,} events, {size.calls:,} calls, an account of {size.account:,} principals")
            for name, form in (("entitlement-review", "xlsx"), ("privileged-access", "xlsx"), ("exposure", "html")):
                _row(runtime, name, form, ACCOUNT)
            for name in REPORTS:
                if name not in _LISTS:
                    _row(runtime, name, "ndjson", OBSERVED)
            _count_use(database)
            for control in _attested():
                _row(runtime, "attestation", "ndjson", OBSERVED, control)
            _unused(runtime)
        finally:
            runtime.close()
    finally:
        database.close()


def _attested() -> list[str]:
    """The controls that can be attested; of those with the same conditions, the first."""
    controls = known_controls().beside(read_controls(_OWN))
    every = [each for each in controls.every() if each.conditions]
    return list({repr(each.made(controls.lists)): each.name for each in reversed(every)}.values())[::-1]


def _count_use(database: Database) -> None:
    began = time.perf_counter()
    with database.connect() as connection, counting("counting use", "records") as progress, without_collector():
        connection.execute("SET statement_timeout = 0")
        records = catch_up(connection, progress)
    if records:
        out.print(f"  use of {records:,} records counted in {time.perf_counter() - began:.0f} s", highlight=False)


def _unused(runtime: ReadingRuntime) -> None:
    """What nobody used in the ninety days before the end, asked twice."""
    rounds, found = [], dict[str, Any]()
    for _ in range(2):
        began, computed = time.perf_counter(), time.process_time()
        with runtime.over_time.unused(DAYS, format_instant(END), None, Stop()) as pieces:
            found = pieces.whole()
        rounds.append(f"{time.perf_counter() - began:.2f} s ({time.process_time() - computed:.2f} computed)")
    out.print(
        f"  unused, for everyone {found['principals']:>9,} principals, {len(found['unused']):,} lines: {rounds[0]}, "
        f"again {rounds[1]} (target 10 s)",
        highlight=False,
    )


def _row(runtime: ReadingRuntime, name: str, form: str, account: str, control: str = "") -> None:
    """A report of an account, made twice."""
    rounds = []
    for _ in range(2):
        began, computed = time.perf_counter(), time.process_time()
        lines, size = _made(runtime, name, form, account, control)
        rounds.append((time.perf_counter() - began, time.process_time() - computed))
    (first, first_computed), (again, again_computed) = rounds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    out.print(
        f"  {control or name:20} {form:6} {lines:>9,} lines {size / 1e6:7.1f} MB {first:7.2f} s "
        f"({first_computed:.2f} computed), again {again:.2f} s ({again_computed:.2f}); memory so far {memory:,} MB",
        highlight=False,
    )


def _made(runtime: ReadingRuntime, name: str, form: str, account: str, control: str) -> tuple[int, int]:
    """How many lines a report has, and how many bytes as a file. An attestation is of a year."""
    if control:
        words = ReportWords(
            begin=format_instant(END - _YEAR), end=format_instant(END), accounts=(account,),
            options={"control": control, "controls": _OWN},
        )  # fmt: skip
    elif REPORTS[name].about == "window":
        words = ReportWords(begin=format_instant(END - _WEEK), end=format_instant(END), accounts=(account,))
    else:
        words = ReportWords(as_of=format_instant(END), accounts=(account,))
    with _file() as file:
        with ExitStack() as asked:
            with counting(control or name, "states") as looked:
                report = asked.enter_context(runtime.reports.report(name, words, Stop(), looked))
            with counting(control or name, "lines") as moved:
                made = spooled(report, moved)
        try:
            with counting(f"{name} as {form}", "lines") as moved:
                FORMS[form].write(made, made.sections[0], file, moved)
            return made.rows_in_all, file.seek(0, io.SEEK_END)
        finally:
            made.close()


@contextmanager
def _file() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        yield file


if __name__ == "__main__":
    main()

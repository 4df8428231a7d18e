"""`make bench-use`: use kept up on import, beside import without it in the same run; what nobody used, for everyone;
a narrowed policy and its proof that nothing is new.

Targets: import at most 10 % slower; unused for everyone in 10 s or less. RECORDS=, PRINCIPALS=, ROWS= (of use).
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.reach import ACCOUNT, Account, allow, document
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.imports import cloudtrail
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.file_records import Digest, read_and_digest
from erstwhile.api.imports.files import ImportRefused, Part, SourceFile, find_files
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.least_privilege.narrow import OldPolicy, narrow
from erstwhile.domain.least_privilege.new_access import new_access
from erstwhile.domain.least_privilege.unused import unused
from erstwhile.domain.observed.cloudtrail import quick_scan
from erstwhile.domain.use.used import Covered, Used
from erstwhile.projections.use.kept import KeptUse
from erstwhile.projections.use.runs import RunOfImports

RECORDS = int(os.environ.get("RECORDS", "400000"))
PRINCIPALS = int(os.environ.get("PRINCIPALS", "20000"))
ROWS = int(os.environ.get("ROWS", "200000"))
FILES = 25
"""Of a turn: with use, then without."""
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
_ACTIONS = ("s3:GetObject", "s3:PutObject", "dynamodb:GetItem", "logs:CreateLogGroup", "sts:AssumeRole",
            "cloudwatch:PutMetricAlarm", "sqs:SendMessage", "lambda:InvokeFunction")  # fmt: skip


def read_without_use(part: Part, max_bytes: int) -> tuple[SourceFile, Digest | ImportRefused]:
    """As an import read before use was kept: nothing of parameters."""
    setattr(quick_scan, "acted_on_unread", lambda *_: ((), ()))  # noqa: B010  (it is that module's import)
    return read_and_digest(part, max_bytes)


class _Kept:
    """Use as an answer about everybody reads it."""

    def __init__(self, arns: Sequence[str]) -> None:
        chance = random.Random(11)
        at = END - timedelta(days=2)
        self._rows = [
            Used(account=ACCOUNT, principal=chance.choice(arns), call=action, action=action, resource="", first=at,
                 last=at, calls=3, month="")
            for _ in range(ROWS) for action in [chance.choice(_ACTIONS)]
        ]  # fmt: skip

    def by_action(self, begin: datetime, end: datetime) -> Sequence[Used]:
        return self._rows

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        services = frozenset(("s3", "dynamodb", "sqs", "lambda"))
        return Covered(account=account, begin=begin, end=end, until=end, data_events=services)

    def keys_used(self, begin: datetime, end: datetime) -> Mapping[str, datetime]:
        return {}


def _row(what: str, words: str) -> None:
    out.print(f"  {what:<36} {words}", highlight=False)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        subprocess.run([sys.executable, "-m", "tests.support.generated_trail", folder, str(RECORDS)], check=True)
        database = Database.open(Settings(home=Path(folder) / "home"))
        try:
            _imports(database, find_files([Path(folder)]))
        finally:
            database.close()
    _everyone()
    _narrowed()


def _imports(database: Database, files: list[Path]) -> None:
    took, records, cpu = {True: 0.0, False: 0.0}, {True: 0, False: 0}, {True: 0.0, False: 0.0}
    write, add = RunOfImports.write, RunOfImports.add
    with database.connect() as connection:
        importer = CloudTrailImporter(connection)
        for turn, begin in enumerate(range(0, len(files), FILES)):
            keeps = turn % 2 == 0
            setattr(cloudtrail, "read_and_digest", read_and_digest if keeps else read_without_use)  # noqa: B010
            RunOfImports.add = add if keeps else (lambda *_: None)  # type: ignore[method-assign]
            began, computed = time.perf_counter(), _computed()
            records[keeps] += importer.import_files(files[begin : begin + FILES]).records
            took[keeps] += time.perf_counter() - began
            cpu[keeps] += _computed() - computed
        RunOfImports.write, RunOfImports.add = write, add  # type: ignore[method-assign]
        rates = {keeps: records[keeps] / took[keeps] for keeps in took if took[keeps]}
        _row("import with use kept up", f"{rates[True]:,.0f} records/s, {rates[True] / rates[False]:.2f} of "
             f"{rates[False]:,.0f} without (target 0.90)")  # fmt: skip
        _row("  computed by importer and reader", f"{cpu[True] / records[True] * 1e6:.1f} µs a record, "
             f"{cpu[False] / records[False] * 1e6:.1f} µs without")  # fmt: skip
        began = time.perf_counter()
        kept = KeptUse(connection, EventLog.within(connection).head())
        _row("what imports had not counted", f"{time.perf_counter() - began:.2f} s")
        began = time.perf_counter()
        found = kept.by_action(BEGIN, END)
        [(rows,)] = connection.execute("SELECT count(*) FROM used").fetchall()
        _row("use of everybody, by action", f"{time.perf_counter() - began:.2f} s for {rows:,} rows, "
             f"{len(found):,} of principals and actions")  # fmt: skip


def _computed() -> float:
    """Seconds of this process and of the readers that have ended."""
    return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, (
        resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))  # fmt: skip


def _everyone() -> None:
    directory = directory_at(IntervalHistory(Account(PRINCIPALS).intervals, 1), END)
    arns = [directory.arn_of(each) for each in directory.of_kind("user", "role")]
    use = _Kept(arns)
    began = time.perf_counter()
    found = unused(directory, use, BEGIN, END)
    _row("unused, for everyone", f"{time.perf_counter() - began:.2f} s: {found.looked_at:,} principals, {ROWS:,} "
         f"rows of use, {len(found.found):,} lines (target 10 s)")  # fmt: skip


def _narrowed() -> None:
    old = document(allow(["s3:*", "dynamodb:*"], ["arn:aws:s3:::team-1/*", "arn:aws:dynamodb:*:*:table/*"]),
                   allow(["logs:*", "iam:List*", "sqs:*"]))  # fmt: skip
    used = [
        Used(account=ACCOUNT, principal="arn:aws:iam::111122223333:user/u", call=action, action=action, first=END,
             resource=f"arn:aws:s3:::team-1/{number // 50}/{number}", last=END, calls=1, month="2026-03-01")
        for number in range(2_000) for action in ("s3:GetObject", "s3:PutObject")
    ]  # fmt: skip
    covered = Covered(account=ACCOUNT, begin=BEGIN, end=END, until=END)
    began = time.perf_counter()
    proposal = narrow([OldPolicy(name="p", document=old)], used, [covered], BEGIN)
    made = time.perf_counter() - began
    began = time.perf_counter()
    found = new_access([old], [proposal.document])
    _row("narrow", f"{made * 1000:,.0f} ms for {len(used):,} rows of use, {proposal.statements} statements; "
         f"nothing new proved in {(time.perf_counter() - began) * 1000:,.0f} ms: {not found}")  # fmt: skip


if __name__ == "__main__":
    main()

"""The database of `benchmarks/incident.py`, written once and kept under `build/bench-incident`: a company
(`company.py`), recorded calls of thirteen weeks (`company_calls.py`), a leaked key (`company_leak.py`), and an account
with paths to administrator (`company_paths.py`)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import msgspec

from benchmarks.company import END, OBSERVED, Company
from benchmarks.company_calls import Caller, Calls
from benchmarks.company_home import fill
from benchmarks.company_leak import Leak
from benchmarks.company_paths import write_paths
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.file_records import Digest, digest
from erstwhile.api.imports.files import SourceFile
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection

CACHE = Path("build") / "bench-incident"
BEGIN = END - timedelta(weeks=13)
NIGHT = datetime.fromisoformat("2025-12-10T02:00:00+00:00")
"""When the key was used by somebody else."""
_CALLERS_FILE = "callers.json"
_FILE = 20_000
"""Records of a file."""
_CALLERS = (
    "SELECT e.value->>'name', e.kind, e.entity, coalesce(k.item, '') FROM fact e "
    "LEFT JOIN fact k ON (k.account, k.kind, k.entity) = (e.account, e.kind, e.entity) AND k.attribute = 'access_key' "
    "AND k.valid_from < %(begin)s AND k.valid_to > %(end)s AND k.recorded_to = 9223372036854775807 "
    "WHERE e.attribute = 'entity' AND e.account = %(account)s AND e.kind = ANY ('{user,role}') "
    "AND e.value->>'name' ~ '^[ur][0-9]+$' AND e.valid_from < %(begin)s AND e.valid_to > %(end)s "
    "AND e.recorded_to = 9223372036854775807 AND (e.kind = 'role' OR k.item IS NOT NULL) ORDER BY e.entity, k.item"
)
"""Roles, and users with a key, that were there all the thirteen weeks."""


class Size(msgspec.Struct, frozen=True):
    """`events` of the company, fifty for each principal; `calls`: recorded; `account`: principals of the account with
    paths to administrator."""

    name: str
    events: int
    calls: int
    account: int


SIZES = {
    "small": Size("small", 10_000, 100_000, 500),
    "full": Size("full", 1_000_000, 10_000_000, 5_000),
}  # fmt: skip


class Made(msgspec.Struct, frozen=True):
    """What the questions are about. `user`: whose key leaked; `others`: users, the busiest first."""

    user: Caller
    others: list[Caller]


def home_of(size: Size) -> Path:
    """The home of the database; fills it as far as that was not done before."""
    home = CACHE / size.name
    fill(home, Company(size.events // 50, 50))
    if not (home / _CALLERS_FILE).exists():
        database = Database.open(Settings(home=home))
        try:
            callers = _fill_calls(database, size)
        finally:
            database.close()
        (home / _CALLERS_FILE).write_bytes(msgspec.json.encode(callers))
    return home


def made_of(size: Size) -> Made:
    """What `home_of` wrote."""
    callers = msgspec.json.decode((CACHE / size.name / _CALLERS_FILE).read_bytes(), type=list[Caller])
    return _made(callers, size)


def _made(callers: list[Caller], size: Size) -> Made:
    busiest = _calls(callers, size).busiest()
    return Made(busiest[len(busiest) // 20], busiest)


def _calls(callers: list[Caller], size: Size) -> Calls:
    return Calls(callers, BEGIN, END, size.calls)


def _callers(connection: Connection) -> list[Caller]:
    rows = connection.execute(_CALLERS, {"account": OBSERVED, "begin": BEGIN, "end": END - timedelta(days=1)})
    found = {}
    for name, kind, unique_id, key in rows.fetchall():
        found[unique_id] = Caller(f"arn:aws:iam::{OBSERVED}:{kind}/{name}", unique_id, key)
    return list(found.values())


def _fill_calls(database: Database, size: Size) -> list[Caller]:
    """Returns the callers."""
    with database.connect() as connection:
        connection.execute("SET synchronous_commit = off")
        callers = _callers(connection)
        roles = [each for each in callers if not each.key]
        made = _made(callers, size)
        importer = CloudTrailImporter(connection)
        began, done = time.perf_counter(), 0
        # One process makes the records and reads them, as another does in an import; this one stores them.
        with ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(callers, size)) as pool:
            waiting = pool.submit(_next)
            while (found := waiting.result()) is not None:
                waiting = pool.submit(_next)
                source, digested = found
                importer.import_digest(source, digested)
                done += len(digested.filed)
                if done // 500_000 != (done - len(digested.filed)) // 500_000:
                    took = time.perf_counter() - began
                    out.print(f"  {done:,} of {size.calls:,} records, {done / took:,.0f} records/s", highlight=False)
        importer.import_digest(*_digested(Leak(made.user, roles, NIGHT).records()))
        write_paths(connection, size.account)
    projector = Projector(database.connect)
    projector.catch_up()
    projector.close()
    with database.owner() as owner:
        owner.execute("VACUUM ANALYZE")
        owner.execute("CHECKPOINT")
    return callers


def _digested(records: Iterable[bytes]) -> tuple[SourceFile, Digest]:
    data = b'{"Records":[' + b",".join(records) + b"]}"
    sha256 = hashlib.sha256(data).digest()
    return SourceFile(sha256.hex(), sha256, b""), digest(SourceFile("", b"", data))


_batches = None


def _begin(callers: list[Caller], size: Size) -> None:
    global _batches
    _batches = _calls(callers, size).batches(_FILE)


def _next() -> tuple[SourceFile, Digest] | None:
    """The next file; None after the last one."""
    assert _batches is not None
    records = next(_batches, None)
    return None if records is None else _digested(records)

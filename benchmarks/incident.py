"""`make bench-incident`: the report of an incident, paths to administrator in the past, and recorded calls decided
again, each beside a reference in the same run.

The database (`incident_home.py`) has a company, the recorded calls of thirteen weeks, a leaked key, and an account with
paths to administrator. It is written once and kept under `build/bench-incident`.

    make bench-incident                  10,000 events, 100,000 recorded calls, an account of 500 principals
    make bench-incident SIZE=full        a million events of 20,000 principals, ten million calls, 5,000 principals

The bare query reads the rows of the same key and week; the bare engine decides each of the same calls over one
Directory, as often as they come.

Beside what a row took stand the seconds that this process computed: on a machine with other work it waits, too.

Targets at full size: the first line of a report about a key and a week after 200 ms, all of it after 2 s; all paths to
administrator of an account of 5,000 principals, at a random instant of the past, 3 s; 50,000 calls/s decided again.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.company import END
from benchmarks.company_calls import Caller
from benchmarks.company_paths import ACCOUNT, SETTLED
from benchmarks.decided_again import decided_again
from benchmarks.incident_home import BEGIN, NIGHT, SIZES, home_of, made_of
from erstwhile.api.asking.incident.sections import SECTIONS
from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.reaching import LIMIT, MAX_LIMIT, ReachWords
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.api.support.collector import collect_seldom
from erstwhile.domain.vocabulary.instants import format_instant

SIZE = SIZES[os.environ.get("SIZE", "small")]
KEYS, INSTANTS = 10, 5
_ROWS = (
    "SELECT occurred_at, record_id, action, session, source_ip, user_agent, error_code FROM activity "
    "WHERE principal = %s AND access_key = %s AND occurred_at >= %s AND occurred_at < %s AND day >= %s AND day <= %s"
)


def row(what: str, found: str, target: str = "") -> None:
    aim = f"   (target {target})" if target else ""
    out.print(f"  {what:<46} {found}{aim}", highlight=False)


def main() -> None:
    collect_seldom()  # as the server does, and a command that asks
    home = home_of(SIZE)
    database = Database.open(Settings(home=home))
    try:
        runtime = ReadingRuntime(database)
        try:
            runtime.projector.catch_up()
            out.print(f"{SIZE.events:,} events, {SIZE.calls:,} recorded calls", highlight=False)
            wanted = os.environ.get("ONLY", "incident,paths,calls").split(",")
            if "incident" in wanted:
                _incidents(runtime)
            if "paths" in wanted:
                _paths(runtime)
            if "calls" in wanted:
                for each in decided_again(runtime, min(SIZE.calls // 2, 100_000)):
                    row(*each)
            row("memory of this process, at its peak", f"{_peak():,.0f} MB")
        finally:
            runtime.close()
    finally:
        database.close()


def _peak() -> float:
    """Megabytes that were resident at most."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _incidents(runtime: ReadingRuntime) -> None:
    made, chance = made_of(SIZE), random.Random()
    begin = NIGHT - timedelta(days=2)
    first = _report(runtime, made.user.key, begin)
    row("the leaked key, first question of the process", _words(first))
    rounds = [_report(runtime, made.user.key, begin) for _ in range(3)]
    row(
        "the same again, median of 3",
        _words({name: statistics.median(each[name] for each in rounds) for name in first}),
    )
    for name in SECTIONS:
        row(f"    {name}", f"{statistics.median(each[name] for each in rounds) * 1000:8.1f} ms")
    reports, rows, counts = [], [], []
    for _ in range(KEYS):
        # Others' keys and other weeks: nothing of them was read before.
        other = chance.choice(made.others[: max(KEYS, len(made.others) // 10)])
        week = BEGIN + timedelta(days=chance.randrange(80))
        took, count = _bare(runtime, other, week)
        rows.append(took)
        counts.append(count)
        reports.append(_report(runtime, other.key, week))
    row(f"{KEYS} busy users' keys, each in another week", _words(_medians(reports)), "200 ms, 2 s")
    row("    the slowest", _words(max(reports, key=lambda each: each["all"])))
    bare = f"{statistics.median(rows) * 1000:,.1f} ms, {statistics.median(counts):,.0f} rows"
    row("    a bare query of the same rows, median", bare)
    row("an address", _words(_report(runtime, "203.0.113.66", begin)))


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def _bare(runtime: ReadingRuntime, user: Caller, begin: datetime) -> tuple[float, int]:
    end = begin + timedelta(weeks=1)
    with runtime.connection() as connection:
        started = time.perf_counter()
        arguments = (user.arn, user.key, begin, end, begin.date(), end.date())
        found = connection.execute(_ROWS, arguments).fetchall()
        return time.perf_counter() - started, len(found)


def _words(found: dict[str, float]) -> str:
    first, rest = found["first line"] * 1000, (found["all"] - found[SECTIONS[-1]]) * 1000
    computed = found["computed"] * 1000
    return (
        f"first line {first:,.0f} ms, all {found['all'] * 1000:,.0f} ms ({computed:,.0f} ms of computing; without the "
        f"last section {rest:,.0f} ms)"
    )


def _report(runtime: ReadingRuntime, about: str, begin: datetime) -> dict[str, float]:
    """Seconds until the first line, of each section, and of all."""
    found: dict[str, float] = {}
    window = WindowWords(begin=format_instant(begin), end=format_instant(begin + timedelta(weeks=1)))
    started, computed = time.perf_counter(), time.process_time()
    with runtime.incidents.incident(about, window, Stop()) as pieces:
        last = time.perf_counter()
        found["first line"] = last - started
        for section in pieces.items:
            now = time.perf_counter()
            found[section["section"]] = now - last
            last = now
    found["all"] = last - started
    found["computed"] = time.process_time() - computed
    return found


def _paths(runtime: ReadingRuntime) -> None:
    chance = random.Random()
    for what, limit, target in (("the first 100", LIMIT, ""), ("the first 10,000", MAX_LIMIT, ""), ("all", 0, "3 s")):
        took, computed, paths, principals = [], [], [], []
        for _ in range(INSTANTS):
            at = SETTLED + (END - SETTLED) * chance.random()
            words = ReachWords(
                to_administrator=True, account=ACCOUNT, as_of=format_instant(at), limit=limit or None, table=not limit
            )
            started, before = time.perf_counter(), time.process_time()
            answer = runtime.reaching.reach(words, Stop())
            took.append(time.perf_counter() - started)
            computed.append(time.process_time() - before)
            paths.append(answer["table"]["count"] if words.table else len(answer["paths"]))
            principals.append(len(answer["principals"]))
        row(
            f"{what} paths to administrator, random instants",
            f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s (of computing "
            f"{statistics.median(computed):.2f} s, {max(computed):.2f} s); {statistics.median(paths):,.0f} paths "
            f"of 3 steps at most from {statistics.median(principals):,.0f} of {SIZE.account:,} principals", target,
        )  # fmt: skip


if __name__ == "__main__":
    main()

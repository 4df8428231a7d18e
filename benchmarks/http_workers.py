"""`make bench-http WORKERS=2`: the rate of decisions of one process and of several, in one run.

On a machine where the generator, the database and other work share the cores, requests per second of several processes
say how many cores were left, not what the processes can do. So each row also has the processor time that the server's
processes took for a request; so many processes, with a core each, answer `workers / that time` requests per second.
Target: 1.7 times the rate of one process.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.http import CONNECTIONS, ROUNDS, SECONDS, body, fill, script, wrk
from benchmarks.processor_time import cpu_seconds
from erstwhile.api.cli.console import out
from tests.support.servers import ServerProcess


class Measured(NamedTuple):
    rate: float
    seconds: float  # of the processors, for a request


def workers_of(server: ServerProcess) -> list[int]:
    """The processes of a server that answer."""
    found = re.search(r"\(processes ([\d, ]+)\)", server.announced)
    return [server.pid] if found is None else [int(each) for each in found[1].split(",")]


def measured(server: ServerProcess, bodies: Path, connections: int) -> Measured:
    processes = workers_of(server)
    before = sum(map(cpu_seconds, processes))
    rate, _ = wrk(f"{server.url}/access/v1/evaluation", bodies, connections)
    return Measured(rate, (sum(map(cpu_seconds, processes)) - before) / (rate * SECONDS))


def main(count: int) -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed to load the server: install Debian's package wrk")
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        home, bodies = Path(folder) / "home", Path(folder) / "fresh.lua"
        fill(home)
        one = ServerProcess(ERSTWHILE_HOME=str(home), ERSTWHILE_DECISION_LOG="off")
        several = ServerProcess("--workers", str(count), ERSTWHILE_HOME=str(home), ERSTWHILE_DECISION_LOG="off")
        try:
            script(bodies, [orjson.dumps(body(number) | {"id": number}) for number in range(40_000)], one.token)
            found: dict[int, list[Measured]] = {1: [], count: []}
            for _ in range(ROUNDS):
                # More connections for more processes: the kernel deals them out by chance.
                found[1].append(measured(one, bodies, CONNECTIONS))
                found[count].append(measured(several, bodies, CONNECTIONS * count))
        finally:
            one.end()
            several.end()
    best = {workers: min(each, key=lambda row: row.seconds) for workers, each in found.items()}
    for workers, row in best.items():
        out.print(f"{workers} process{'es' if workers > 1 else ''}: {row.rate:,.0f} decisions/s here; "
                  f"{row.seconds * 1e6:,.0f} µs of processor time for one, so {workers / row.seconds:,.0f}/s with a "
                  "core each")  # fmt: skip
    ratio = count * best[1].seconds / best[count].seconds
    out.print(f"{count} workers: {ratio:.2f} times one worker's rate by processor time, "
              f"{best[count].rate / best[1].rate:.2f} times on this machine's {os.cpu_count()} cores, which generator "
              "and database share (target 1.7)")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))

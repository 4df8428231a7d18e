"""Kill runs: the server, the database or both are killed while commands and imports are under way, or the server is
told to end. Afterwards every acknowledged write is there, the log's positions have no gap, the read models are where
the log is, and the log is what was signed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import orjson
import psycopg

from erstwhile.api.ledger.keys import public_keys
from erstwhile.projections.ledger.verifying import verify
from tests.support.generated_trail import record
from tests.support.under_load import GONE, Load, Served
from tests.support.waiting import wait_until

RECORDS = 3_000
"""Records of an imported file: one in a hundred changes access."""
VICTIMS = ("server", "database", "both", "guardian", "backends", "server by SIGTERM")


class Importer:
    """Imports one file after the other over HTTP, until it is stopped."""

    def __init__(self, served: Served, chance: random.Random) -> None:
        self._served = served
        self._chance = chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.acknowledged: list[tuple[str, int]] = []
        """(a record id of the file, how many records it has)"""

    def __enter__(self) -> Importer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(90)

    def _run(self) -> None:
        while not self._stop.is_set():
            first = self._chance.randrange(10**9)
            records: list[dict[str, Any]] = [record(self._chance, first + number) for number in range(RECORDS)]
            body = orjson.dumps({"Records": records})
            with contextlib.suppress(*GONE):
                status, told = self._served.call("POST", "/v1/imports/cloudtrail", body)
                if status == 200 and told["records"]:
                    self.acknowledged.append((records[0]["eventID"], told["records"]))
            time.sleep(0.02)


def kill(served: Served, victim: str) -> None:
    if victim in ("database", "both") and served.postmaster():
        os.kill(served.postmaster(), signal.SIGKILL)
    if victim == "guardian" and served.postmaster():
        shown = subprocess.run(["ps", "-o", "ppid=", "-p", str(served.postmaster())], capture_output=True, text=True)
        with contextlib.suppress(ValueError, ProcessLookupError):
            os.kill(int(shown.stdout), signal.SIGKILL)
    if victim == "backends":
        for pid in served.backends()[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                break
    if victim == "server by SIGTERM":
        assert served.kill(signal.SIGTERM) == 0
        served.start()
    if victim in ("server", "both", "guardian"):
        # Whoever lost the guardian is the last to have used it: the next start brings another.
        served.kill()
        served.start()


def imports_are_there(served: Served, acknowledged: list[tuple[str, int]]) -> None:
    with psycopg.connect(served.dsn()) as connection:
        found = connection.execute(
            "SELECT record_id FROM activity WHERE record_id = ANY (%s)", ([each for each, _ in acknowledged],)
        ).fetchall()
        counted = connection.execute("SELECT count(*) FROM activity").fetchone()
        told = connection.execute(
            "SELECT coalesce(sum(records), 0) FROM imported_file WHERE kind = 'cloudtrail'"
        ).fetchone()
    assert {row[0] for row in found} == {each for each, _ in acknowledged}
    assert counted is not None and told is not None
    assert counted[0] == told[0] >= sum(count for _, count in acknowledged)


def all_is_signed(served: Served) -> int:
    """Waits until a server has signed the whole log and its read models are there; how many events are verified."""
    keys = public_keys(served.home)
    with psycopg.connect(served.dsn(), autocommit=True, options="-c timezone=UTC") as connection:

        def is_level() -> bool:
            rows = connection.execute(
                "SELECT (SELECT max(position) FROM event), (SELECT max(size) FROM ledger_checkpoint), "
                "(SELECT min(position) FROM checkpoint WHERE projection IN ('history', 'audit', 'ledger'))"
            ).fetchall()
            return len(set(rows[0])) == 1

        wait_until(is_level)
        verdict = verify(connection, keys)
        assert verdict.tampering is None and verdict.signed == verdict.events, verdict
        apart = connection.execute("SELECT count(*) FROM set_apart").fetchone()
        assert apart == (0,)
    return verdict.events


def run(home: Path, count: int, seed: int, say: Any = print) -> None:
    """So many kills of one home. Raises AssertionError where something acknowledged is lost, or a position missing."""
    chance = random.Random(seed)
    served = Served(home)
    try:
        imported: list[tuple[str, int]] = []
        for number in range(count):
            victim = VICTIMS[number % len(VICTIMS)]
            with Load(served, f"{seed}-{number}") as load, Importer(served, chance) as importer:
                wait_until(lambda load=load: any(status == 200 for _, status in load.written))  # type: ignore[misc]
                time.sleep(chance.random() * 1.5)
                kill(served, victim)
                since = len(load.written)
                wait_until(
                    lambda load=load, since=since: any(status == 200 for _, status in load.written[since:])  # type: ignore[misc]
                )
            imported += importer.acknowledged
            served.assert_whole()
            imports_are_there(served, imported)
            events = all_is_signed(served)
            kept = f"{len(served.acknowledged)} writes and {len(imported)} files"
            say(f"{number + 1}: {victim} ended; {kept} that were acknowledged are there; {events} events verified")
    finally:
        status = served.kill(signal.SIGTERM)
    assert status == 0

"""The database is restarted, killed, frozen and locked under a running server's load: decisions about now go on from
memory and say how old they are, writes and questions about the past fail within seconds, readiness turns and back.

ERSTWHILE_OUTAGES says how often each; once by default.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.in_memory import folder_for_databases
from tests.support.under_load import GONE, Load, Served
from tests.support.waiting import wait_until

TIMES = int(os.environ.get("ERSTWHILE_OUTAGES", "1"))


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="e-", dir=folder_for_databases()) as folder:
        served = Served(Path(folder) / "home")
        yield served
        assert served.kill(signal.SIGTERM) == 0


def questions_about_the_past(served: Served) -> int:
    try:
        return served.call("GET", "/v1/who-can?action=s3:GetObject&resource=*", seconds=60)[0]
    except GONE:
        return 0


@contextmanager
def killed(served: Served) -> Iterator[None]:
    before = served.postmaster()
    os.kill(before, signal.SIGKILL)
    yield
    wait_until(lambda: served.postmaster() not in (0, before))


@contextmanager
def restarted(served: Served) -> Iterator[None]:
    before = served.postmaster()
    os.kill(before, signal.SIGINT)
    yield
    wait_until(lambda: served.postmaster() not in (0, before))


@contextmanager
def frozen(served: Served) -> Iterator[None]:
    served.signal_backends(signal.SIGSTOP)
    try:
        wait_until(lambda: not served.ready())
        time.sleep(8)
        yield
    finally:
        served.signal_backends(signal.SIGCONT)


@contextmanager
def locked(served: Served) -> Iterator[None]:
    with psycopg.connect(served.dsn()) as connection:
        connection.execute("LOCK TABLE event, fact IN ACCESS EXCLUSIVE MODE")
        wait_until(lambda: not served.ready())
        yield


@contextmanager
def read_only(served: Served) -> Iterator[None]:
    def turned(setting: str) -> None:
        with psycopg.connect(served.dsn(), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER DATABASE erstwhile SET default_transaction_read_only = {setting}")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'erstwhile'"
            )

    turned("on")
    try:
        wait_until(lambda: not served.ready())
        yield
    finally:
        turned("off")


OUTAGES: dict[str, Callable[[Served], object]] = {
    "killed": killed, "restarted": restarted, "frozen": frozen, "locked": locked, "read-only": read_only,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_the_database(served: Served, outage: str) -> None:
    for number in range(TIMES):
        wait_until(served.ready)
        with Load(served, f"{outage}-{os.getpid()}-{number}") as load:
            wait_until(lambda load=load: any(status == 200 for _, status in load.written))  # type: ignore[misc]
            with OUTAGES[outage](served):  # type: ignore[attr-defined]
                if outage in ("frozen", "locked"):
                    begun = time.monotonic()
                    assert questions_about_the_past(served) == 503
                    assert served.write(f"in-vain-{number}") == 503
                    assert time.monotonic() - begun < 80
                    assert served.decide()[0] == 200
                if outage == "frozen":
                    # What is in memory is all that there is, and says how old it is.
                    wait_until(lambda: "age" in served.decide()[1]["context"])
            wait_until(served.ready)
            since = len(load.written)
            wait_until(lambda load=load, since=since: any(status == 200 for _, status in load.written[since:]))  # type: ignore[misc]
        assert {status for _, status, _ in load.decided} == {200}
        assert {status for _, status in load.written} <= {200, 201, 204, 503}
        wait_until(lambda: "age" not in served.decide()[1]["context"])
        assert questions_about_the_past(served) == 200
    served.assert_whole()
    served.assert_decisions_recorded()

"""The process that records a server's decisions, run as a program of its own: `python -m … RECORDS TREE`.

The arguments are the descriptors of two sockets, over which the server speaks (`process`). Of the first it hears how to
reach the database; no credential is on the command line. Then each has a thread: decisions to be recorded come over
one, over the other the tree over them is asked to take them in. A server that is gone, however it ended, has closed the
sockets: then this process ends at once, whatever it waits for.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial

from erstwhile.api.database.away import is_away
from erstwhile.api.database.bounded_connection import connect
from erstwhile.api.decision_log.recorder import Recorder
from erstwhile.api.support.channel import Channel
from erstwhile.projections.ledger.broken import LedgerBroken
from erstwhile.projections.ledger.decisions_taken_in import take_in
from erstwhile.projections.ledger.one_connection import OneConnection


class _Heard:
    """Tells the server how far an attempt has come, and does not wait: what is in the socket before the commit begins,
    the server reads there even when this process is gone."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def leave_out(self, count: int) -> None:
        self._channel.send(("left_out", count, ""))

    def begin_commit(self, last: int) -> None:
        self._channel.send(("committing", last, ""))


class _Tree(OneConnection):
    _seen = 0

    def take_in(self, waiting: bool) -> int | None:
        with self._held() as connection:
            taken_in = take_in(connection, self._seen, waiting)
        if taken_in is not None:
            self._seen = taken_in
        return taken_in


def _record(channel: Channel, recorder: Recorder) -> None:
    entries, before = channel.receive()
    recorder.record(entries, before, _Heard(channel))
    channel.send(("done", 0, ""))


def _take_in(channel: Channel, tree: _Tree) -> None:
    taken_in = tree.take_in(channel.receive())
    channel.send(("busy", 0, "") if taken_in is None else ("done", taken_in, ""))


def _serve(channel: Channel, answer: Callable[[], None]) -> None:
    """Answers what comes, until the server is gone. What cannot be answered ends the process, which the server sees."""
    try:
        while True:
            try:
                answer()
            except (EOFError, ConnectionError):
                os._exit(0)
            except Exception as error:  # noqa: BLE001 - the server hears what it was, and decides
                kind = "away" if is_away(error) else "broken" if isinstance(error, LedgerBroken) else "failed"
                channel.send((kind, 0, traceback.format_exc() if kind == "failed" else str(error)))
    except BaseException:  # noqa: BLE001 - a thread that is gone answers nothing, and nobody would know
        traceback.print_exc()
        os._exit(1)


def main() -> None:
    # The server ends in its own time, and records until then: a signal for all of its processes is none for this one.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    records, tree = (Channel(socket.socket(fileno=int(each))) for each in sys.argv[1:3])
    try:
        dsn, within, masked = records.receive()
    except (EOFError, ConnectionError):
        return
    opened = partial(connect, dsn, within)
    for channel, answer in (
        (records, partial(_record, records, Recorder(opened, masked))),
        (tree, partial(_take_in, tree, _Tree(opened))),
    ):
        threading.Thread(target=_serve, args=(channel, answer), daemon=True).start()
    records.wait_for_the_end()
    os._exit(0)  # without waiting for a database


if __name__ == "__main__":
    main()

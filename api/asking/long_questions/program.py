"""The process that answers one question of a server, run as a program of its own: `python -m …`.

Its standard input is a socket, over which the server speaks (`process`): it hears what is asked and how to reach the
database, and sends the answer. A server that is gone, or that does not want the answer any more, has closed the socket:
then this process ends at once, whatever it does.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.history import History
from erstwhile.api.asking.long_questions.messages import message_of, messages_of
from erstwhile.api.asking.long_questions.question import DiffQuestion, EffectQuestion, Job, WhatIfQuestion
from erstwhile.api.asking.over_time.difference_questions import DifferenceQuestions
from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.database.bounded_connection import connect
from erstwhile.api.support.channel import Channel
from erstwhile.domain.policy.knowledge import rcp_services
from erstwhile.domain.vocabulary.typed import convert
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.past import Past
from erstwhile.projections.sql import Connection

WITHIN = 30.0
"""Seconds that a statement may take, as of every question."""
NICE = 5
"""Decisions, of the server and of the database, come first."""
_WHO_GOES_FIRST = Path("/proc/self/oom_score_adj")


class _Standing:
    """In place of a projector: what is asked about was on record before it was."""

    def wait_for(self, position: int, timeout: float, connection: Connection) -> bool:
        return checkpoint(connection) >= position


@contextmanager
def answered(job: Job) -> Iterator[Pieces]:
    """The answer, which may be read until the end of the block. Raises what the question raises."""
    ground = job.ground
    rcp_services.replace(ground.rcp_services)
    names = Names(ground.account, ground.partition, ground.templates)
    folder = None if ground.columns is None else Path(ground.columns)
    opened = partial(connect, ground.dsn, WITHIN)
    with (
        closing(opened()) as connection,
        # It lives too short to make columns anew for others.
        closing(ColumnStore(opened, folder, aside=lambda work: None)) as columns,
        _asked(job, History(lambda: nullcontext(connection), Past(columns), _Standing()), names) as pieces,
    ):
        yield pieces


def _asked(job: Job, history: History, names: Names) -> AbstractContextManager[Pieces]:
    questions, stop = DifferenceQuestions(history, names), Stop()
    match job.question:
        case DiffQuestion(begin=begin, end=end, known_at=known_at, account=account, resource=resource):
            words = WindowWords(begin=begin, end=end, known_at=str(known_at))
            return questions.diff(words, stop, account=account, resource=resource)
        case EffectQuestion(position=position, known_at=known_at):
            return questions.effect(str(position), str(known_at), stop)
        case WhatIfQuestion(supposed=given, as_of=as_of, known_at=known_at, account=account, resource=resource):
            # Others need not wait until all this is imported.
            from erstwhile.api.asking.over_time.what_if_questions import Supposed, WhatIfQuestions

            supposed = convert(given, Supposed)
            return WhatIfQuestions(history, names).what_if(
                supposed, as_of, str(known_at), stop, account=account, resource=resource
            )


def _end_with(channel: Channel) -> None:
    channel.wait_for_the_end()
    os._exit(0)  # without waiting for a database


def main() -> None:
    # The server ends in its own time, and this process with it: a signal for all of its processes is none for this one.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICE)
    gc.disable()  # all that it makes goes with it
    with suppress(OSError):  # Linux has this: where memory is short, this process goes, and not the server
        _WHO_GOES_FIRST.write_text("500")
    channel = Channel(socket.socket(fileno=sys.stdin.fileno()))
    try:
        job = convert(channel.receive(), Job)
    except (EOFError, ConnectionError):
        os._exit(0)
    threading.Thread(target=_end_with, args=(channel,), daemon=True).start()
    with suppress(ConnectionError):  # the server is gone
        try:
            with answered(job) as pieces:
                for message in messages_of(pieces):
                    channel.send(message)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - the server hears what it was, and decides
            channel.send(message_of(error))
    os._exit(0)  # what was read is given back at once


if __name__ == "__main__":
    main()

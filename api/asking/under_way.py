"""An answer under way: the database looks at what it needs of the log while the answer is made.

What it sees is as good as what it would see at the end. The answer is that of the log position `known_at`, whatever
comes later; the look asks, too, what is known at that position, after history has come to it. And a head that was only
supposed is proved by it: if the log's head is `known_at` when the database looks, it was so between the question and
its answer, and whatever was acknowledged before the question is part of that. What comes after the look is to this
answer as what comes after it was sent.

A process that follows the log, and hears of what others acknowledge, sees the same in memory: what nobody has been told
of yet may come later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment
from erstwhile.domain.directory.directory import Directory
from erstwhile.projections.answer_ground import AnswerGround, asked_ground
from erstwhile.projections.sql import Connection


class UnderWay(NamedTuple):
    """`accounts`: those that the answer concerns. `looked` waits for what the database saw."""

    connection: Connection
    directory: Directory
    when: Moment
    accounts: list[str]
    looked: Callable[[], AnswerGround]


@contextmanager
def under_way(
    history: History, connection: Connection, directory: Directory, when: Moment, accounts: list[str] | None
) -> Iterator[UnderWay]:
    """`directory`: of the moment, which history has come to. `accounts`: None for all."""
    wanted = accounts if accounts is not None else directory.accounts()
    if history.followed is not None:
        ground = history.followed.at(connection, history.past.history(when.known_at), wanted, when.as_of)
        if ground is not None:
            found = ground
            yield UnderWay(connection, directory, when, wanted, lambda: found)
            return
    with asked_ground(connection, wanted, when.as_of, when.known_at) as looked:
        yield UnderWay(connection, directory, when, wanted, looked)

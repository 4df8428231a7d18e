"""An answer of many lines as messages from one process to another, and back again; or why there is none."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import orjson
import psycopg

from erstwhile.api.asking.blocks import Blocks
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.database.away import is_away
from erstwhile.api.problems import Problem
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch

Message = tuple[str, list[Any]]
"""What it is, and its parts."""
_TOGETHER = 256 * 1024
"""Bytes of items that are one message."""


class AnswerFailed(Exception):
    """a question failed in the process that was to answer it; with its traceback"""


def messages_of(pieces: Pieces) -> Iterator[Message]:
    """The head, the items with commas between in messages of a quarter of a megabyte, and the tail: all as JSON."""
    yield "head", [pieces.name, orjson.dumps(pieces.head)]
    gathered: list[bytes] = []
    size = 0
    for item in pieces.items:
        gathered.append(orjson.dumps(item))
        size += len(gathered[-1])
        if size > _TOGETHER:
            yield "items", [b",".join(gathered)]
            gathered, size = [], 0
    if gathered:
        yield "items", [b",".join(gathered)]
    yield "tail", [orjson.dumps(pieces.tail())]


def message_of(error: Exception) -> Message:
    """Why there is no answer, or no more of it."""
    if isinstance(error, Problem):
        return "problem", [error.status, error.code, error.detail, error.members]
    if isinstance(error, TooMuch):
        return "too_much", [str(error)]
    if is_away(error):
        return "away", [str(error)]
    return "failed", ["".join(traceback.format_exception(error))]


def pieces_of(receive: Callable[[], Message]) -> Pieces:
    """The answer whose messages come one after the other. What was raised there, is raised here by whatever waits for
    the message: Problem, TooMuch, psycopg.OperationalError, or AnswerFailed for all else."""

    def said() -> Message:
        kind, parts = receive()
        return (kind, parts) if kind in ("head", "items", "tail") else _fail(kind, parts)

    _, [name, head] = said()
    ended: list[bytes] = []

    def batches() -> Iterator[bytes]:
        kind, [part] = said()
        while kind == "items":
            yield part
            kind, [part] = said()
        ended.append(part)

    def written() -> Blocks:
        blocks = [b"["]
        for batch in batches():
            blocks += [batch, b","]
        return Blocks([*(blocks[:-1] if len(blocks) > 1 else blocks), b"]"])

    items = (item for batch in batches() for item in orjson.loads(b"[" + batch + b"]"))
    return Pieces(orjson.loads(head), name, items, lambda: orjson.loads(ended[0]), written)


def _fail(kind: str, parts: list[Any]) -> NoReturn:
    if kind == "problem":
        status, code, detail, members = parts
        raise Problem(status, code, detail, **members)
    [words] = parts
    if kind == "too_much":
        raise TooMuch(words)
    if kind == "away":
        raise psycopg.OperationalError(words)
    raise AnswerFailed(words)

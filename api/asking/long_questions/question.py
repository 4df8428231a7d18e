"""A question that is handed to another process, with all that this needs to give the same answer."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.domain.policy.knowledge.rcp_services import RcpServices


class DiffQuestion(msgspec.Struct, frozen=True, kw_only=True, tag="diff"):
    """The difference of two instants. All but the window is as its caller wrote it."""

    begin: str
    end: str
    known_at: int
    account: str | None
    resource: str | None


class EffectQuestion(msgspec.Struct, frozen=True, kw_only=True, tag="effect"):
    """The effect of the event at a position."""

    position: int
    known_at: int


class WhatIfQuestion(msgspec.Struct, frozen=True, kw_only=True, tag="what_if"):
    """The effect of changes that nobody made. `supposed`: of `Supposed`, which the process alone needs to know."""

    supposed: Any
    as_of: str
    known_at: int
    account: str | None
    resource: str | None


LongQuestion = DiffQuestion | EffectQuestion | WhatIfQuestion


class IsLong(Exception):
    """a question computes for seconds: another process should answer it"""

    def __init__(self, question: LongQuestion) -> None:
        super().__init__()
        self.question = question


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer rests on beside the question: how to reach the database, and what the server was told at its
    start. `columns`: the folder of history's columns, if there is one; `templates`: those of `Names`."""

    dsn: str
    columns: str | None
    account: str
    partition: str
    templates: dict[str, dict[str, str]]
    rcp_services: RcpServices


class Job(msgspec.Struct, frozen=True):
    ground: Ground
    question: LongQuestion

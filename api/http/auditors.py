"""What an auditor's token may ask: about instants and windows within its period, by name, and about nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from aiohttp import web

from erstwhile.api.asking.moments import parse_time
from erstwhile.api.database.tokens import Period
from erstwhile.api.problems import Problem
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

_WINDOWS = (("from", "to"), ("since", "until"))
_ENDS = ("to", "until")
_BEYOND = ("lasting",)
"""Parameters by which an answer tells of other times than the question names."""
_TICK = timedelta(microseconds=1)


class AuditorsWay(NamedTuple):
    """How a call says what time it is about. `needs`: of these groups of parameters one has to be given; `times`: all
    parameters that are instants; `looks_itself`: the call itself gives an auditor no more than the period has."""

    needs: tuple[tuple[str, ...], ...] = ()
    times: tuple[str, ...] = ()
    looks_itself: bool = False


NO_WAY = AuditorsWay()
"""Of calls that auditors may not make."""


def way_of(times: Iterable[str], one_instant_is_enough: bool) -> AuditorsWay:
    """The way of a call that reads, by the parameters of it that are instants: a window where it takes one, or else an
    instant. `one_instant_is_enough`: as_of may be given in place of a window."""
    names = tuple(times)
    windows = tuple(each for each in _WINDOWS if set(each) <= set(names))
    instant = (("as_of",),) if "as_of" in names and (not windows or one_instant_is_enough) else ()
    return AuditorsWay((*windows, *instant), names)


def require_period(connection: Connection, request: web.BaseRequest, way: AuditorsWay, period: Period) -> None:
    """Raises Problem 403 for a question that is not, by what it says, within the period."""
    if way.looks_itself:
        return
    if not way.needs:
        raise _refused(period, "this call is about more than one period")
    given = request.query
    beyond = [name for name in _BEYOND if name in given]
    if beyond:
        raise _refused(period, f"{', '.join(beyond)} tells of other times")
    if not any(all(given.get(name) for name in group) for group in way.needs):
        raise _refused(period, f"say {' or '.join(' and '.join(group) for group in way.needs)}")
    for name in way.times:
        instant = parse_time(connection, name, given.get(name))
        if instant is not None and not _is_within(instant, period, name in _ENDS):
            raise _refused(period, f"{name} {given[name][:40]} is not in it")


def _is_within(instant: datetime, period: Period, is_end: bool) -> bool:
    """The end of a window is not in the window: it may be that of the period."""
    return period.begin <= (instant - _TICK if is_end else instant) < period.end


def _refused(period: Period, why: str) -> Problem:
    return Problem(
        403, "outside_the_period",
        f"this token reads what was from {format_instant(period.begin)} until {format_instant(period.end)}: {why}",
    )  # fmt: skip

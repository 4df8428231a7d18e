"""Builds the Directory of any instant, as known at any log position, from history rows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import Any

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of
from erstwhile.projections.sql import Connection, instant_text, with_infinity
from erstwhile.projections.vanished import vanished

_SELECT = (
    "SELECT account, kind, entity, attribute, item, value, valid_from, opened_by, "
    "CASE WHEN attribute = 'entity' AND valid_to < 'infinity' THEN closed_by END FROM fact "
    "WHERE valid_from <= %(at)s::timestamptz AND valid_to > %(at)s::timestamptz "
    "AND recorded_from <= %(known)s AND recorded_to > %(known)s AND "
)
_KEPT = 16


class Past:
    """Loads Directories and caches the last few, which never change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str | None, datetime, int], Directory] = OrderedDict()
        self._lock = Lock()

    def directory(self, connection: Connection, account: str | None, as_of: datetime, known_at: int) -> Directory:
        """Returns the Directory of one account (or of all), with the AWS-managed policies that it uses.

        `known_at` is a log position that history has reached.
        """
        key = (account, as_of, known_at)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        directory = _load(connection, account, as_of, known_at)
        with self._lock:
            self._kept[key] = directory
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return directory


def _load(connection: Connection, account: str | None, as_of: datetime, known_at: int) -> Directory:
    with_infinity(connection)
    arguments: dict[str, Any] = {
        "at": instant_text(as_of),
        "known": known_at,
        "account": account,
        "aws": AWS_MANAGED,
    }
    whose = "account <> %(aws)s" if account is None else "account = %(account)s"
    rows = connection.execute(_SELECT + whose, arguments).fetchall()
    wanted = sorted({f"~{name.lower()}" for name in _managed_names(rows)})
    if wanted:
        arguments["wanted"] = wanted
        rows += connection.execute(
            _SELECT + "account = %(aws)s AND kind = 'policy' AND entity = ANY (%(wanted)s)", arguments
        ).fetchall()
    facts = [(*row[:5], Fact(row[5], row[6], row[7])) for row in rows]
    facts += vanished(connection, rows, as_of, known_at)
    return Directory.from_facts(facts, position=known_at, as_of=as_of)


def _managed_names(rows: Iterable[tuple[Any, ...]]) -> set[str]:
    names = set()
    for _account, _kind, _entity, attribute, item, value, *_ in rows:
        arn = item if attribute == attributes.ATTACHED else value["policy"] if attribute == attributes.BOUNDARY else ""
        if arn and policy_account(arn) == AWS_MANAGED:
            names.add(policy_name_of(arn))
    return names

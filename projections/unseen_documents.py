"""Managed policies in use whose document is not known, at any instant.

To ask this of each policy that somebody has would cost every answer the size of the state. So this keeps, for each
account and policy, when the policy's document was not known while somebody may have had it: few have such a time.
Whether somebody had it at the instant says `holding`. The walk over all
policies in tests/support/plain_coverage.py finds the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from threading import Lock

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.inputs.sources import SHOWN, managed
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import policy_account, policy_name_of
from erstwhile.domain.vocabulary.micros import instant_of, micros_of
from erstwhile.projections.history import BELIEVED
from erstwhile.projections.holding import HOLDERS, Holding, Use
from erstwhile.projections.policy_lives import (
    POLICIES,
    Row,
    in_micros,
    read_rows,
    told_throughout,
)
from erstwhile.projections.sql import Connection

Span = tuple[int, int]
Name = tuple[str, str]
"""In lower case: an account and a policy's name there, for companies have policies of the same names in all of their
accounts; or '' and an ARN, which is also the name of what a listing shows of one of AWS's."""
_PAST_KEPT = 4
_WHEN = "valid_from, valid_to FROM fact WHERE recorded_from > %(after)s AND recorded_from <= %(known)s"
_USED = (
    f"SELECT account, item, {in_micros('min(valid_from)')}, {in_micros('max(valid_to)')} FROM ("
    f"SELECT account, item, {_WHEN} AND attribute = 'attached' AND {HOLDERS} UNION ALL "
    f"SELECT account, value->>'policy', {_WHEN} AND attribute = 'boundary' AND {HOLDERS}) AS used "
    "WHERE account <> 'aws' GROUP BY account, item"
)
_CHANGED = (
    "SELECT account, kind, entity, recorded_from FROM fact WHERE recorded_from > %(after)s "
    f"AND recorded_from <= %(known)s AND {POLICIES} UNION ALL "
    "SELECT account, kind, entity, recorded_to FROM fact WHERE recorded_to > %(after)s "
    f"AND recorded_to <= %(known)s AND recorded_to < {BELIEVED} AND {POLICIES}"
)
_LAST_CHANGE = (
    "SELECT greatest(max(recorded_from) FILTER (WHERE recorded_from <= %(known)s), "
    f"max(recorded_to) FILTER (WHERE recorded_to <= %(known)s)) FROM fact WHERE {POLICIES}"
)


class _AsKnown:
    """What is known at one log position: of a policy when its document was known, of a use when it was not."""

    def __init__(self, connection: Connection, known_at: int, hulls: dict[Use, Span]) -> None:
        """`hulls`: use → a time that contains all the times at which somebody had the policy."""
        self._hulls = hulls
        self._policies: dict[EntityKey, tuple[str, list[Span]] | None] = {}
        self._named: dict[Name, set[EntityKey]] = {}
        self._modes: list[Row] = []
        self.unseen: dict[Use, list[tuple[int, int, str]]] = {}
        [(last,)] = connection.execute(_LAST_CHANGE, {"known": known_at}).fetchall()
        self.changed_at: int = last or 0
        of = _by_entity(read_rows(connection, known_at))
        self._take(of)
        self._find(hulls, lambda keys: {key: of[key] for key in keys})

    def follow(self, connection: Connection, known_at: int, after: int, grown: set[Use]) -> bool:
        """What changed up to a later position; False where all has to be read anew. `grown`: the uses that are new, or
        whose time is longer."""
        changed: set[EntityKey] = set()
        for *key, position in connection.execute(
            _CHANGED, {"after": after, "known": known_at}, prepare=True
        ).fetchall():
            changed.add((key[0], key[1], key[2]))
            self.changed_at = max(self.changed_at, position)
        if any(kind == "account" for _, kind, _ in changed):
            return False
        names = {name for name, keys in self._named.items() if keys & changed} if changed else set()
        if changed:
            of = _by_entity(read_rows(connection, known_at, changed))
            self._take({key: of.get(key, []) for key in changed})
            names |= {name for rows in of.values() for name in _names(rows)}
        dirty = grown | {use for use in self._hulls if names and not names.isdisjoint(_names_of(use[1]))}
        self._find(dirty, lambda keys: _by_entity(read_rows(connection, known_at, keys)))
        return True

    def _take(self, of: dict[EntityKey, list[Row]]) -> None:
        for key, rows in of.items():
            if key[1] == "account":
                self._modes += rows
                continue
            self._policies[key] = told_throughout(rows) if key[1] == "policy" else None
            for name in _names(rows):
                self._named.setdefault(name, set()).add(key)

    def _find(self, uses: Iterable[Use], rows_of: Callable[[set[EntityKey]], dict[EntityKey, list[Row]]]) -> None:
        """When the documents of uses were not known."""
        doubtful: dict[Use, set[EntityKey]] = {}
        for use in uses:
            keys = set().union(*(self._named.get(name, ()) for name in _names_of(use[1])))
            known = [self._policies[key] for key in keys]
            if known and all(each is not None and each[0] == use[1] for each in known):
                spans = [span for each in known if each is not None for span in each[1]]
                if any(begin <= self._hulls[use][0] and self._hulls[use][1] <= end for begin, end in spans):
                    self.unseen.pop(use, None)
                    continue
            doubtful[use] = keys
        of = rows_of(set().union(*doubtful.values())) if doubtful else {}
        for use, keys in doubtful.items():
            found = list(self._asked(use, [row for key in keys for row in of.get(key, ())]))
            if found:
                self.unseen[use] = found
            else:
                self.unseen.pop(use, None)

    def _asked(self, use: Use, rows: list[Row]) -> Iterator[tuple[int, int, str]]:
        """Asks what the policy says from each change of it to the next."""
        account, arn = use
        begin, end = self._hulls[use]
        rows = rows + self._modes if rows else rows
        history = IntervalHistory(row.interval() for row in rows)
        changes = {at for row in rows for at in (row.begin, row.end) if begin < at < end}
        instants = [begin, *sorted(changes), end]
        for here, after in pairwise(instants):
            found = managed(directory_at(history, instant_of(here)), arn, account)
            if found.document is None:
                yield here, after, found.why


class UnseenDocuments:
    """Keeps what is known at the last position that was asked about. Any thread may ask."""

    def __init__(self) -> None:
        self._position = 0
        self._hulls: dict[Use, Span] = {}
        self._now: _AsKnown | None = None
        self._past: Bounded[int, _AsKnown] = Bounded(_PAST_KEPT)
        self._holding = Holding()
        self._lock = Lock()

    def at(self, connection: Connection, as_of: datetime, known_at: int) -> list[str]:
        """Why the documents of policies are not known that somebody had at an instant, as known at a log position."""
        at = micros_of(as_of)
        with self._lock:
            known = self._as_known(connection, known_at)
            candidates = {
                use: why for use, spans in known.unseen.items() for begin, end, why in spans if begin <= at < end
            }
            held = self._holding.at(connection, candidates, as_of, known_at) if candidates else ()
            return sorted({candidates[use] for use in held})

    def _as_known(self, connection: Connection, known_at: int) -> _AsKnown:
        if known_at > self._position or self._now is None:
            self._follow(connection, max(known_at, self._position))
        assert self._now is not None
        if known_at >= self._now.changed_at:
            return self._now
        earlier = self._past.get(known_at)
        return earlier or self._past.keep(known_at, _AsKnown(connection, known_at, dict(self._hulls)))

    def _follow(self, connection: Connection, known_at: int) -> None:
        now, self._now = self._now, None  # of no more use if the database fails meanwhile
        grown = set()
        for account, arn, begin, end in connection.execute(
            _USED, {"after": self._position, "known": known_at}, prepare=True
        ).fetchall():
            use = account, arn
            before = self._hulls.get(use, (end, begin))
            self._hulls[use] = min(begin, before[0]), max(end, before[1])
            if self._hulls[use] != before:
                grown.add(use)
        self._holding.follow(connection, known_at)
        if grown:
            self._past.clear()  # they know the uses of before
        if now is None or not now.follow(connection, known_at, self._position, grown):
            now = _AsKnown(connection, known_at, self._hulls)
        self._now, self._position = now, known_at


def _by_entity(rows: Iterable[Row]) -> dict[EntityKey, list[Row]]:
    found: dict[EntityKey, list[Row]] = {}
    for row in rows:
        found.setdefault(row[:3], []).append(row)
    return found


def _names(rows: Iterable[Row]) -> set[Name]:
    """The names under which uses find an entity."""
    found: set[Name] = set()
    for row in rows:
        if row.attribute == attributes.ENTITY:
            value = row.value
            name, arn = str(value.get("name", "")).lower(), str(value.get("arn", "")).lower()
            found.add(("" if row.kind == SHOWN else row.account, name))
            found.add(("", arn))
    return {each for each in found if each[1]}


def _names_of(arn: str) -> tuple[Name, Name]:
    return (policy_account(arn), policy_name_of(arn).lower()), ("", arn.lower())

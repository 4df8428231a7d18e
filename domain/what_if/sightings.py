"""Whether principals were known, at one instant after another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.named import Named
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.wide_history import WideHistory, described_principal
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.vocabulary.identifiers import MalformedArn, account_in
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import instant_of, micros_of

FEW = 100
"""Principals that are looked up one by one, before the lives of all are read."""
_MOST = 20_000
"""Principals of which it is kept."""
_Lives = dict[tuple[str, str], list[tuple[int, int]]]
"""From when until when, in microseconds."""


class Sightings:
    """Over one history, from an instant on. Another one has the same facts, `but` those of some entities, and gives
    many of them at once."""

    def __init__(
        self,
        history: FactHistory,
        alike: WideHistory,
        but: Collection[EntityKey] = frozenset(),
        since: datetime = BEFORE,
        few: int = FEW,
    ) -> None:
        self._history = history
        self._alike = alike
        self._but = but
        self._since = since
        self._few = few
        self._facts = ReadFacts(history)
        self._kept: dict[str, tuple[datetime, datetime, bool]] = {}
        self._lives: _Lives | None = None

    def is_known(self, principal: str, instant: datetime) -> bool:
        """Whether one can be asked about a principal (an ARN, …) at an instant: it was known then, or it is none of
        those that have to be."""
        return self.span(principal, instant)[2]

    def span(self, principal: str, instant: datetime) -> tuple[datetime, datetime, bool]:
        """The same; and since when, and until when (exclusive), it surely is so."""
        kept = self._kept.get(principal)
        if kept is not None and kept[0] <= instant < kept[1]:
            return kept
        if len(self._kept) >= _MOST:
            self._kept.clear()
            self._facts = ReadFacts(self._history)
        found = self._living(principal, instant) or self._looked_up(principal, instant)
        self._kept[principal] = found
        return found

    def _living(self, principal: str, instant: datetime) -> tuple[datetime, datetime, bool] | None:
        """By the lives of all users and roles: of most principals, these say enough."""
        if self._lives is None:
            if len(self._kept) < self._few:
                return None
            self._lives = self._read_lives()
        _, is_session, rest = principal.partition(":assumed-role/")
        place = ("", principal)
        if is_session:
            role, slash, name = rest.partition("/")
            if not slash or not role or "/" in name:
                return None
            place = (account_in(principal), role.lower())
        at = micros_of(instant)
        for begin, end in self._lives.get(place, ()):
            if begin <= at < end:
                return instant_of(begin), instant_of(end), True
        return None

    def _read_lives(self) -> _Lives:
        """When there were users and roles: by their ARNs, and roles by account and name (lower case) as well.

        Serves the rows "guardrail: …" of `make bench-incident`: a company has tens of thousands, whose rows are taken
        from their columns."""
        window = self._alike.window(self._since, FOREVER)
        kinds = np.array([kind in ("user", "role") for _, kind in window.places], dtype=bool)
        rows = window.rows(attributes.ENTITY)
        rows = rows.only(kinds[window.place[rows.entity]])
        named = window.principals(rows.entity, rows.value).each()
        found: _Lives = {}
        for each, begin, end in zip(named, rows.begin.tolist(), rows.end.tolist(), strict=True):
            if each is not None and each.key not in self._but:
                _keep(found, each, begin, end)
        for key in self._but:
            if key[1] in ("user", "role"):
                for row in self._history.intervals_of(key):
                    if row.attribute == attributes.ENTITY and (each := described_principal(key, row.value)).arn:
                        _keep(found, each, micros_of(row.valid_from), micros_of(row.valid_to))
        return found

    def _looked_up(self, principal: str, instant: datetime) -> tuple[datetime, datetime, bool]:
        self._facts.turn_to(instant)
        found = True
        try:
            find_principal(DirectoryView(self._facts, self._history.known_at, instant), principal)
        except (MalformedArn, UnknownPrincipal):
            found = False
        until = min((each.next_change(instant, frozenset()) for each in self._facts.read.values()), default=FOREVER)
        return instant, until, found


def _keep(found: _Lives, each: Named, begin: int, end: int) -> None:
    account, kind, _ = each.key
    found.setdefault(("", each.arn), []).append((begin, end))
    if kind == "role":
        found.setdefault((account, each.arn.rsplit("/", 1)[-1].lower()), []).append((begin, end))

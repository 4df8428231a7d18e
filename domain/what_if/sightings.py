"""Whether principals were known, at one instant after another."""

from __future__ import annotations

from datetime import datetime

from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.vocabulary.instants import FOREVER

_MOST = 20_000
"""Principals of which it is kept."""


class Sightings:
    """Over one history."""

    def __init__(self, history: FactHistory) -> None:
        self._history = history
        self._facts = ReadFacts(history)
        self._kept: dict[str, tuple[datetime, datetime, bool]] = {}

    def is_known(self, principal: str, instant: datetime) -> bool:
        """Whether one can be asked about a principal (an ARN, …) at an instant: it was known then, or it is none of
        those that have to be."""
        kept = self._kept.get(principal)
        if kept is not None and kept[0] <= instant < kept[1]:
            return kept[2]
        if len(self._kept) >= _MOST:
            self._kept.clear()
            self._facts = ReadFacts(self._history)
        self._facts.turn_to(instant)
        found = True
        try:
            find_principal(DirectoryView(self._facts, self._history.known_at, instant), principal)
        except (MalformedArn, UnknownPrincipal):
            found = False
        until = min((each.next_change(instant, frozenset()) for each in self._facts.read.values()), default=FOREVER)
        self._kept[principal] = (instant, until, found)
        return found

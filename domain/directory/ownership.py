"""Decides which entity has an ARN or access key that entities of several accounts claim, by a given precedence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from erstwhile.domain.directory.facts import EntityKey


class Claimant(Protocol):
    """An entity that claims an ARN or access key."""

    @property
    def key(self) -> EntityKey: ...


class Owned:
    """Maintains an index from each ARN or access key to the entity that has it, and remembers other claimants. Which of
    several has it does not depend on the order in which they entered.

    Few keys have several claimants, so only those have an entry in `_claims`.
    """

    __slots__ = ("_claims", "_index")

    def __init__(self, index: dict[str, Any]) -> None:
        self._index = index
        self._claims: dict[str, dict[EntityKey, Any]] = {}  # thing → key → claimant, of things with several claimants

    def enter(self, thing: str, claimant: Claimant, precedence: Callable[[Any], Any]) -> None:
        """Of several claimants, the one with the lowest `precedence` gets the index entry. It is not kept: it is the
        Directory's own, and a state of the past goes at once when nobody has it any more."""
        claims = self._claims.get(thing)
        if claims is None:
            holder = self._index.get(thing)
            if holder is None or holder.key == claimant.key:
                self._index[thing] = claimant
                return
            claims = self._claims[thing] = {holder.key: holder}
        claims[claimant.key] = claimant
        self._index[thing] = min(claims.values(), key=precedence)

    def leave(self, thing: str, claimant: Claimant, precedence: Callable[[Any], Any]) -> None:
        """Removes a claimant; the next one in precedence gets the index entry."""
        claims = self._claims.get(thing)
        if claims is not None and claims.get(claimant.key) is claimant:
            del claims[claimant.key]
            if not claims:
                del self._claims[thing]
        if self._index.get(thing) is claimant:
            if claims:
                self._index[thing] = min(claims.values(), key=precedence)
            else:
                del self._index[thing]

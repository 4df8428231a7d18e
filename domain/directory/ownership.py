"""Whose a thing is that several accounts lay claim to: whoever governs it, else who has had it for longest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Claimant(Protocol):
    """An entity of an account."""

    account: str


class Owned:
    """Keeps an index at who has each thing, and remembers who else claims it: few things are claimed twice."""

    __slots__ = ("_claims", "_index", "_precedence")

    def __init__(self, index: dict[str, Any], precedence: Callable[[Any], Any]) -> None:
        """Of several claimants, the one whose `precedence` is least has it."""
        self._index = index
        self._precedence = precedence
        self._claims: dict[str, dict[str, Any]] = {}  # thing → account → who claims it, where several do

    def enter(self, thing: str, claimant: Claimant) -> None:
        claims = self._claims.get(thing)
        if claims is None:
            holder = self._index.get(thing)
            if holder is None or holder.account == claimant.account:
                self._index[thing] = claimant
                return
            claims = self._claims[thing] = {holder.account: holder}
        claims[claimant.account] = claimant
        self._index[thing] = min(claims.values(), key=self._precedence)

    def leave(self, thing: str, claimant: Claimant) -> None:
        """It has the thing no longer, if it ever had."""
        claims = self._claims.get(thing)
        if claims is not None and claims.get(claimant.account) is claimant:
            del claims[claimant.account]
            if not claims:
                del self._claims[thing]
        if self._index.get(thing) is claimant:
            if claims:
                self._index[thing] = min(claims.values(), key=self._precedence)
            else:
                del self._index[thing]

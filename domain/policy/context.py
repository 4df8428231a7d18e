"""The context of one request: what the caller gave, and what follows from principal, resource and instant."""

from __future__ import annotations

from domain.policy.request import Request

Keys = dict[str, tuple[str, ...]]
"""Condition keys in lower case, and their values."""


class Context:
    """Looks keys up. What the request gives goes before what the Directory knows."""

    __slots__ = ("_principal", "_resource", "discover", "given", "missing", "resource")

    def __init__(self, request: Request, principal: Keys, resource: Keys) -> None:
        self.given = request.context
        self.resource = request.resource
        self._principal = principal
        self._resource = resource
        self.discover = request.mode == "discover"
        self.missing: set[str] = set()

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of a key (lower case); None where it is absent."""
        found = self.given.get(key)
        if found is None:
            found = self._principal.get(key)
            if found is None:
                found = self._resource.get(key)
        return found

    def lacks(self, key: str) -> None:
        """Notes a key that would have told; for discover mode."""
        self.missing.add(key)

"""One thing that an edge needs."""

from __future__ import annotations

from typing import NamedTuple

from erstwhile.domain.vocabulary.context_values import ContextDict

Given = tuple[tuple[str, str], ...]
"""Condition keys (lower case) with their values; '' stands for a key that the request surely lacks."""
ASSUME = "sts:AssumeRole"


class Ask(NamedTuple):
    """Actions on one resource; or, where `resource` is a pattern, on one and the same resource that it matches.
    `given`: the condition keys that the request has. `own`: those of the requests of single actions, besides. `makes`:
    of a resource that the first action makes, its kind (`role`): it is one that there is not; and whoever makes a role
    must be able to assume it by a trust that names it."""

    actions: tuple[str, ...]
    resource: str
    given: Given = ()
    owner: str | None = None
    own: tuple[tuple[str, Given], ...] = ()
    makes: str = ""

    @property
    def context(self) -> ContextDict:
        """The keys that all of its requests have."""
        return context_of(self.given)

    def given_to(self, action: str) -> Given:
        """The keys that the request of one action has."""
        for each, more in self.own:
            if each == action:
                return (*self.given, *more)
        return self.given

    @property
    def decided(self) -> tuple[str, ...]:
        """The actions that are asked of the engine for it."""
        return (*self.actions, ASSUME) if self.makes == "role" else self.actions


def context_of(given: Given) -> ContextDict:
    """Keys with their values; none for a key that is surely absent, which no condition may then depend on."""
    return {key: (value,) if value else () for key, value in given}

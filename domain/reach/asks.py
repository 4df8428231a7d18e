"""One thing that an edge needs."""

from __future__ import annotations

from typing import NamedTuple

from erstwhile.domain.vocabulary.context_values import ContextDict


class Ask(NamedTuple):
    """Actions on one resource; or, where `resource` is a pattern, on one and the same resource that it matches.
    `given`: the condition keys that the request has, with their values; '' stands for a key that it surely lacks."""

    actions: tuple[str, ...]
    resource: str
    given: tuple[tuple[str, str], ...] = ()
    owner: str | None = None

    @property
    def context(self) -> ContextDict:
        return context_of(self.given)


def context_of(given: tuple[tuple[str, str], ...]) -> ContextDict:
    """Keys with their values; none for a key that is surely absent, which no condition may then depend on."""
    return {key: (value,) if value else () for key, value in given}

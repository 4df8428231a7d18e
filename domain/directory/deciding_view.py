# mypyc: compiled
"""A view for decisions alone: a managed policy that it is sure of is no entity of it, but what is in force of it.

Serves the rows "decision" and "a principal's timeline over everything" of `make bench-history`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from erstwhile.domain.directory.fact_source import FactSource, PolicyInForce
from erstwhile.domain.directory.view import DirectoryView


class DecidingSource(FactSource, Protocol):
    def policy_in_force(self, arn: str) -> PolicyInForce | None:
        """The managed policy that has an ARN at the instant; None where that is to be found in the entities that may
        have it."""


class DecidingView(DirectoryView):
    def __init__(
        self,
        source: DecidingSource,
        position: int = 0,
        as_of: datetime | None = None,
        loading: AbstractContextManager[object] | None = None,
    ) -> None:
        super().__init__(source, position, as_of, loading)
        self._deciding = source

    def policy_in_force(self, arn: str) -> PolicyInForce | None:
        return self._deciding.policy_in_force(arn)

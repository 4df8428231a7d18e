"""What a managed policy said from its begin to its end, where that is known without its intervals: of one that had the
same name all the time, and one known version in force after another. Nearly every policy is like that, and a timeline
passes over most of what happens to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from erstwhile.domain.directory.fact_source import PolicyInForce


class PolicyLine(Protocol):
    @property
    def turns(self) -> Sequence[int]:
        """When it begins, another version is in force, or it ends, in microseconds and in order: nothing else that
        happens to it has a say in a decision."""

    def at(self, at: int) -> PolicyInForce | None:
        """None before its begin and after its end, and where the words of that version were never seen."""

    def is_touched(self, at: int) -> bool:
        """Whether any of its intervals begins or ends at an instant."""

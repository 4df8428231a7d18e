"""Deciding: decide(directory, command) -> events, or a refusal. Pure.

`limits` (names and quotas), `lookups`, one file an area, `table` (command → function), `dependencies`
(command → what it depends on).
"""

from erstwhile.domain.decide.dependencies import dependencies
from erstwhile.domain.decide.table import decide

__all__ = ["decide", "dependencies"]

"""The events behind the facts of a history: who did it, when, by which call, from where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

import msgspec


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of the event at a position. `action` is the call (`iam:AttachUserPolicy`), '' where none made
    the event; `is_hidden`: its source address had to be forgotten."""

    position: int
    occurred_at: datetime
    account: str
    actor: str = ""
    """The ARN; '' where nobody is on record, as in a listing."""
    actor_type: str = ""
    access_key: str = ""
    action: str = ""
    type: str = ""
    source: str = ""
    """api, cloudtrail, snapshot, catalogue, import or bootstrap."""
    source_ip: str = ""
    is_hidden: bool = False


class Happenings(Protocol):
    """Reads events of the log by their positions."""

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        """By position; positions that the log does not have are left out."""

    def expect(self, positions: Iterable[int]) -> None:
        """Is told which are read next, so that they can come meanwhile."""

"""Watches and their notices. An instant that is null stands for "before all records" or "for ever"."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from erstwhile.api.http.schema.changes import ToldEvent
from erstwhile.api.http.schema.over_time import HeldPeriod

_List = Literal["allowed", "conditional", "unknown"]


class WatchForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is watched. `actions`: s3:GetObject, or s3:Get* for all that it matches now; `account`: principals of this
    account only; `excepting`: principals that may, by ARN, name or unique id; `note`: the owner's own."""

    actions: list[str]
    resource: str
    resource_account: str | None = None
    account: str | None = None
    excepting: list[str] = []
    note: str = ""


class NewWatch(WatchForm, kw_only=True, forbid_unknown_fields=True):
    """A watch that is not there yet."""

    name: str


class WatchWritten(Struct):
    name: str
    changed: bool
    revision: int


class WatchTold(Struct, kw_only=True):
    """A watch, since when it is so, and who made it so."""

    name: str
    actions: list[str]
    resource: str
    resource_account: str | None
    account: str | None
    excepting: list[str]
    note: str
    since: str
    event: ToldEvent | None


class HoldersNow(Struct):
    """How many are on which list now."""

    allowed: int
    conditional: int
    unknown: int


class ListedWatch(WatchTold, kw_only=True):
    """A watch, with how many may do it now, and how many notices there are of it."""

    now: HoldersNow
    notices: int


class WatchList(Struct):
    """All watches, by name."""

    revision: int
    watches: list[ListedWatch]


class WatchHolder(Struct, kw_only=True):
    """A principal that could at some time. `now`: on which list it is at this moment."""

    action: str
    now: _List | None
    principal: str
    kind: str
    account: str
    unique_id: str
    is_outsider: bool
    periods: list[HeldPeriod]


class WatchAnswer(WatchTold, kw_only=True):
    """Who could, from when to when."""

    revision: int
    holders: list[WatchHolder]


class AccessChange(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """From when to when a principal is on another list than was known before. `is_past`: that was over when it became
    known; `events`: the positions of those that made it so."""

    action: str
    change: Literal["gained", "lost", "changed"]
    principal: str
    kind: str
    account: str
    unique_id: str
    is_outsider: bool
    before: _List | None
    after: _List | None
    since: str | None
    until: str | None
    events: list[int]
    is_past: bool


class WatchNotice(Struct, kw_only=True):
    """What one event changed for a watch. `position`: the event's; null where history itself was made anew. `known_at`:
    the log position at which it was found. `is_past`: all of it is about the past."""

    id: int
    watch: str
    position: int | None
    known_at: int
    made_at: str
    is_past: bool
    changes: list[AccessChange]
    events: list[ToldEvent]


class NoticePage(Struct):
    """`next_after`: from where to go on; null at the end."""

    watch: str | None
    revision: int
    notices: list[WatchNotice]
    next_after: int | None

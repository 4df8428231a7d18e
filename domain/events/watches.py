"""Watches: on which actions and resources this installation gives notice when somebody gains or loses access."""

from __future__ import annotations

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_watch


class WatchTold(Body, frozen=True, kw_only=True):
    """A watch, with all that it is from now on."""

    name: str
    actions: list[str]
    resource: str  # its ARN, or *
    resource_account: str = ""
    account: str = ""  # the principals of this account only; '': of all
    excepting: list[str] = []  # unique ids and ARNs
    note: str = ""


class WatchAdded(WatchTold, frozen=True, kw_only=True):
    rank = Rank.CREATE
    slot = of_watch
    references = no_references
    targets = ("resource", "name")


class WatchChanged(WatchTold, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_watch
    references = no_references
    targets = ("resource", "name")


class WatchRemoved(Body, frozen=True, kw_only=True):
    rank = Rank.DELETE
    slot = of_watch
    references = no_references
    targets = ("name",)

    name: str

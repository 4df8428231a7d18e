"""A watch, and what it asks: one question for each of its actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.instants import FOREVER

KIND = "watch"


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """`id`: its name in lower case. `since`, `position`: since when it has this form, and by which event. `account`,
    `resource_account`: None where none is given."""

    id: str
    name: str
    actions: tuple[str, ...]
    resource: str
    resource_account: str | None
    account: str | None
    excepting: tuple[str, ...]
    note: str
    since: datetime
    position: int

    def excepts(self, principal: str, unique_id: str) -> bool:
        """Whether a principal is one of those that are not watched."""
        return principal in self.excepting or unique_id in self.excepting


class Asked(NamedTuple):
    """One action of a watch."""

    watch: Watch
    action: str

    @property
    def request(self) -> Request:
        """The question, of a principal that is yet to be named."""
        watch = self.watch
        return Request(
            principal="", action=self.action, resource=watch.resource, resource_account=watch.resource_account,
            mode="discover",
        )  # fmt: skip


def watches_of(history: FactHistory) -> dict[str, Watch]:
    """The watches that there are, by id, as known at the history's position."""
    found = {}
    for key in sorted(history.of_kind(KIND)):
        for row in history.intervals_of(key):
            if row.attribute == attributes.WATCH and row.valid_to == FOREVER:
                found[key[2]] = watch_of(row)
    return found


def watch_of(row: Interval) -> Watch:
    """The watch that a fact tells."""
    value = row.value
    return Watch(
        id=row.entity, name=str(value["name"]), actions=tuple(value["actions"]), resource=str(value["resource"]),
        resource_account=value["resource_account"] or None, account=value["account"] or None,
        excepting=tuple(value["excepting"]), note=str(value["note"]), since=row.valid_from, position=row.opened_by,
    )  # fmt: skip


def asked_of(watches: Iterable[Watch]) -> list[Asked]:
    """The questions of watches, in their order."""
    return [Asked(watch, action) for watch in watches for action in watch.actions]


def is_same_question(one: Watch, other: Watch) -> bool:
    """Whether two forms of a watch have the same answer."""
    return _question(one) == _question(other)


def _question(watch: Watch) -> Sequence[object]:
    return watch.actions, watch.resource, watch.resource_account, watch.account, watch.excepting

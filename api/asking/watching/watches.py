"""Watches: from the words of their owners to commands, and what there is of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import actions_meant, require_existing, require_resource
from erstwhile.api.asking.history import History
from erstwhile.api.asking.over_time.ever_questions import excepted_principal
from erstwhile.api.asking.over_time.ground import Grounded, WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.over_time.told_holders import who_json
from erstwhile.api.asking.questions import require_account
from erstwhile.api.asking.watching.told_notices import notices_json
from erstwhile.api.problems import bad_request, not_found
from erstwhile.domain.commands.watches import ACTIONS, PutWatch, RemoveWatch, find_watch, no_such_watch
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.watching.watch import Asked, Watch, watches_of
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant
from erstwhile.projections.clock import now_at_least
from erstwhile.projections.sql import Connection
from erstwhile.projections.watches import notices as kept_notices
from erstwhile.projections.watches.keeper import WatchKeeper, kept_up_to
from erstwhile.projections.watches.kept import KeptRows

_LISTS = ("allowed", "conditional", "unknown")


class WatchWords(msgspec.Struct, frozen=True, kw_only=True):
    """A watch as its owner writes it. `actions` may have patterns (`s3:Get*`): they stand for what they match now."""

    name: str
    actions: Sequence[str]
    resource: str
    resource_account: str | None = None
    account: str | None = None
    excepting: Sequence[str] = ()
    note: str = ""


class Watches(Grounded):
    """Any thread may ask."""

    def __init__(self, history: History, names: Names, keeper: WatchKeeper) -> None:
        super().__init__(history, names)
        self._keeper = keeper

    # What their owners want of them.

    def command(self, words: WatchWords, exists: bool | None = None) -> PutWatch:
        """The command that makes a watch so; `exists`: whether it must be there already. Raises Problem."""
        with self.history.directory() as (directory, _):
            actions = self._actions(directory, words.actions)
            require_account(directory, words.account)
            asked = require_resource(directory, self.names, words.resource, words.resource_account)
            if is_pattern(asked.resource):
                raise bad_request(
                    "resource_pattern", f"{words.resource!r} stands for many: watch one, or * for actions without one"
                )
        return PutWatch(
            account=OWN, name=words.name, actions=actions, resource=asked.resource,
            resource_account=asked.account or "", of_account=words.account or "",
            excepting=self._excepting(words.excepting), note=words.note, exists=exists,
        )  # fmt: skip

    def changed(self, name: str, words: Mapping[str, Any]) -> PutWatch:
        """The command that changes a watch: what `words` (members of `WatchWords`) have, and the rest as it is. Raises
        Problem."""
        with self.history.directory() as (directory, _):
            value = _value(_require(directory, name))
        told = WatchWords(
            name=value["name"], actions=value["actions"], resource=value["resource"],
            resource_account=value["resource_account"] or None, account=value["account"] or None, note=value["note"],
        )  # fmt: skip
        command = self.command(msgspec.structs.replace(told, **words), True)
        if "excepting" not in words:
            command = msgspec.structs.replace(command, excepting=list(value["excepting"]))
        return command

    @staticmethod
    def removal(name: str) -> RemoveWatch:
        return RemoveWatch(account=OWN, name=name)

    def _actions(self, directory: Directory, words: Sequence[str]) -> list[str]:
        found: dict[str, None] = {}
        for word in words:
            meant = actions_meant(directory, word)
            if meant is None:
                require_existing(directory, self.names, word)
            found |= dict.fromkeys([word] if meant is None else meant)
        if len(found) > ACTIONS:
            raise bad_request(
                "too_many_actions",
                f"{', '.join(words)} stand for {len(found):,} actions: a watch is of {ACTIONS} or fewer",
            )
        return list(found)

    def _excepting(self, words: Sequence[str]) -> list[str]:
        if not words:
            return []
        with self.ground(WindowWords(), Stop()) as ground:
            return [excepted_principal(ground, each) for each in words]

    # What there is of them.

    def listing(self) -> dict[str, Any]:
        """All watches, with how many may do it now, and how many notices there are of each."""
        with self._kept_up() as (connection, position, found):
            now, kept = now_at_least(connection), KeptRows(connection)
            counted, events = kept_notices.counts(connection), ToldEvents(connection)
            events.read(each.position for each in found.values())
            told = []
            for watch in found.values():
                holders = [holder for action in watch.actions for holder in _answer(kept, watch, action)]
                lists = [how for holder in holders if (how := _how(holder, now)) is not None]
                counts = {name: lists.count(name) for name in _LISTS}
                told.append(_told(watch, events) | {"now": counts, "notices": counted.get(watch.id, 0)})
            return {"revision": position, "watches": told}

    def show(self, name: str) -> dict[str, Any]:
        """A watch, and who could, from when to when, since anything is known at all. Raises Problem 404."""
        with self._kept_up() as (connection, position, found):
            watch = found.get(name.lower())
            if watch is None:
                raise self._unknown(name)
            now, kept, events = now_at_least(connection), KeptRows(connection), ToldEvents(connection)
            events.read([watch.position])
            first = self.history.beginning.at(connection, position) or BEFORE
            holders = [
                _holder(action, msgspec.structs.replace(holder, periods=periods), now)
                for action in watch.actions
                for holder in _answer(kept, watch, action)
                if (periods := tuple(each for each in holder.periods if each.end > first))
            ]
            return _told(watch, events) | {"revision": position, "holders": holders}

    def notices(self, name: str | None, after: int, limit: int) -> dict[str, Any]:
        """The notices after one, of one watch or of all. Raises Problem 404."""
        with self._kept_up() as (connection, position, found):
            watch = name.lower() if name is not None else None
            if watch is not None and watch not in found and not kept_notices.after(connection, 0, watch, 1):
                raise self._unknown(name or "")
            there = kept_notices.after(connection, after, watch, limit + 1)
            told = notices_json(connection, there[:limit])
            return {
                "watch": found[watch].name if watch in found else watch,
                "revision": position,
                "notices": told,
                "next_after": told[-1]["id"] if len(there) > limit else None,
            }

    def made_since(self, name: str | None, after: int, limit: int) -> list[dict[str, Any]]:
        """The notices after one that were made so far: nothing is brought up first."""
        with self.history.connection() as connection:
            watch = name.lower() if name is not None else None
            return notices_json(connection, kept_notices.after(connection, after, watch, limit))

    def last_notice(self) -> int:
        """The number of the last notice; 0 where there is none."""
        with self.history.connection() as connection:
            return kept_notices.last(connection)

    @contextmanager
    def _kept_up(self) -> Iterator[tuple[Connection, int, dict[str, Watch]]]:
        """A connection, in whose transaction the answers stand still; the log position to which they are kept up, which
        is where the log is; and the watches. Raises Problem 503 where history does not come there in time."""
        with self.history.connection() as connection:
            self.history.wait_for(connection, EventLog.within(connection).head())
            self._keeper.catch_up()
            with connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                position = kept_up_to(connection)
                yield connection, position, watches_of(self.history.facts(position))

    def _unknown(self, name: str) -> Exception:
        with self.history.directory() as (directory, _):
            return not_found("unknown_watch", no_such_watch(directory, OWN, name))


def _require(directory: Directory, name: str) -> Entity:
    entity = find_watch(directory, OWN, name)
    if entity is None:
        raise not_found("unknown_watch", no_such_watch(directory, OWN, name))
    return entity


def _value(entity: Entity) -> dict[str, Any]:
    fact = entity.watch_fact
    assert fact is not None
    return fact.value


def _told(watch: Watch, events: ToldEvents) -> dict[str, Any]:
    return {
        "name": watch.name,
        "actions": list(watch.actions),
        "resource": watch.resource,
        "resource_account": watch.resource_account,
        "account": watch.account,
        "excepting": list(watch.excepting),
        "note": watch.note,
        "since": format_instant(watch.since),
        "event": events.get(watch.position),
    }


def _answer(kept: KeptRows, watch: Watch, action: str) -> list[Holder]:
    found = kept.answer(Asked(watch, action)).values()
    return sorted(found, key=lambda each: (each.is_outsider, each.kind != "root", each.principal, each.unique_id))


def _how(holder: Holder, at: datetime) -> str | None:
    return next((each.how for each in holder.periods if each.begin <= at < each.end), None)


def _holder(action: str, holder: Holder, now: datetime) -> dict[str, Any]:
    return {"action": action, "now": _how(holder, now), **who_json(holder)}

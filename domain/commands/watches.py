"""Commands about watches. They belong to this installation: their account is `OWN`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import about_watch
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.watches import WatchAdded, WatchChanged, WatchRemoved
from erstwhile.domain.vocabulary.refusals import EntityAlreadyExists, LimitExceeded, NoSuchEntity, ValidationError
from erstwhile.domain.vocabulary.storable_text import is_storable

WATCHES = 1_000
ACTIONS = 50
"""Of one watch."""
EXCEPTIONS = 200
NOTE = 1_000
"""Characters."""
_NAME = re.compile(r"^[\w.@+=-]{1,64}$", re.ASCII)
_SHOWN = 3
_LISTED = 10


class PutWatch(Command, frozen=True, kw_only=True):
    """The watch is so from now on. `exists` True: it must be there already, False: it must not, None: either."""

    name: str
    actions: list[str]
    resource: str
    resource_account: str = ""
    of_account: str = ""
    """The principals of this account only; empty: of all."""
    excepting: list[str] = []
    note: str = ""
    exists: bool | None = None


class RemoveWatch(Command, frozen=True, kw_only=True):
    name: str


@handles(PutWatch, depends_on=about_watch, governed_only=False)
def put_watch(directory: Directory, command: PutWatch) -> Decided:
    _check(command)
    entity = find_watch(directory, command.account, command.name)
    if entity is None:
        if command.exists:
            raise _missing(directory, command.account, command.name)
        if len(watches(directory, command.account)) >= WATCHES:
            raise LimitExceeded(f"there are {WATCHES:,} watches already: remove one first")
        return [WatchAdded(**_told(command))]
    if command.exists is False:
        raise EntityAlreadyExists(f"there is a watch {entity.id} already: change it, or choose another name")
    fact = entity.watch_fact
    told = _told(command)
    return [] if fact is not None and fact.value == told else [WatchChanged(**told)]


@handles(RemoveWatch, depends_on=about_watch, governed_only=False)
def remove_watch(directory: Directory, command: RemoveWatch) -> Decided:
    if find_watch(directory, command.account, command.name) is None:
        raise _missing(directory, command.account, command.name)
    return [WatchRemoved(name=command.name)]


def _told(command: PutWatch) -> dict[str, Any]:
    return {
        "name": command.name,
        "actions": list(dict.fromkeys(command.actions)),
        "resource": command.resource,
        "resource_account": command.resource_account,
        "account": command.of_account,
        "excepting": list(dict.fromkeys(command.excepting)),
        "note": command.note,
    }


def _check(command: PutWatch) -> None:
    if not _NAME.match(command.name):
        raise ValidationError(
            f"{command.name[:100]!r} is not a watch's name: 1 to 64 letters, digits or _.@+=- are expected"
        )
    if not 1 <= len(command.actions) <= ACTIONS:
        raise ValidationError(f"a watch is of 1 to {ACTIONS} actions, not of {len(command.actions):,}")
    if len(command.excepting) > EXCEPTIONS:
        raise ValidationError(f"a watch excepts {EXCEPTIONS} principals or fewer, not {len(command.excepting):,}")
    if len(command.note) > NOTE:
        raise ValidationError(f"a watch's note has {NOTE:,} characters or fewer, not {len(command.note):,}")
    if not is_storable("".join((command.note, command.resource, *command.actions, *command.excepting))):
        raise ValidationError("a watch's texts hold no NUL and no half characters")


def watches(directory: Directory, account: str) -> list[Entity]:
    """The watches that there are, by name."""
    found = [each for each in directory.of_kind("watch") if each.account == account and each.watch_fact is not None]
    return sorted(found, key=lambda each: each.id)


def find_watch(directory: Directory, account: str, name: str) -> Entity | None:
    """A watch by its name, regardless of case."""
    entity = directory.get(account, "watch", name.lower())
    return entity if entity is not None and entity.watch_fact is not None else None


def no_such_watch(directory: Directory, account: str, name: str) -> str:
    """The words for a name that no watch has, with names that are like it, or all where they are few."""
    names = {entity.id: str(entity.watch_fact.value["name"]) for entity in watches(directory, account)
             if entity.watch_fact is not None}  # fmt: skip
    alike = get_close_matches(name.lower(), names, n=_SHOWN, cutoff=0.6)
    if alike:
        return f"there is no watch {name[:100]}; did you mean {' or '.join(names[each] for each in alike)}?"
    if not names:
        return f"there is no watch {name[:100]}, and no other"
    shown = list(names.values())[:_LISTED]
    more = ", …" if len(names) > _LISTED else ""
    return f"there is no watch {name[:100]}; there are: {', '.join(shown)}{more}"


def _missing(directory: Directory, account: str, name: str) -> NoSuchEntity:
    return NoSuchEntity(no_such_watch(directory, account, name))

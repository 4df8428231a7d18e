"""The principals of the accounts that a report is about, in order, and what every report tells of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.reports.asked import Known
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant

T = TypeVar("T")
USERS = ("user",)
USERS_AND_ROLES = ("user", "role")


def principals(known: Known, accounts: Iterable[str], kinds: Iterable[str] = USERS_AND_ROLES) -> Iterator[Entity]:
    """The users and roles that exist at the report's instant: by account, kind and name."""
    wanted = tuple(accounts)
    for account in wanted:
        for kind in kinds:
            found = (known.directory.get(*key) for key in known.history.of_kind(kind, account))
            there = [each for each in found if each is not None and each.exists]
            yield from sorted(there, key=lambda each: (each.name.lower(), each.name, each.id))


def owner_of(entity: Entity, tag: str) -> str:
    """The value of the tag that says who owns a principal; its key in any case. '' where there is none."""
    wanted = tag.lower()
    named = sorted((key, value) for key, value in entity.tags.items() if key.lower() == wanted)
    return named[0][1] if named else ""


def created(entity: Entity) -> datetime | None:
    """When an entity was created; None where no source says it."""
    text = entity.description.get("created_at")
    if text:
        return parse_instant(str(text))
    return entity.begun if entity.is_creation_known else None


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items, some at a time."""
    source = iter(items)
    while found := list(islice(source, size)):
        yield found


def exception_of(known: Known, kind: str, account: str, subject: str) -> str:
    """The exception of somebody or something from a report, in words; '' where there is none."""
    found = known.exceptions.of(kind, account, subject)
    if found is None:
        return ""
    until = f", until {format_instant(found.until)}" if found.until is not None else ""
    return f"{found.name}: {found.reason} ({found.owner}{until})"

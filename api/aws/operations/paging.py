"""Pages of a listing: up to MaxItems items after the place that the Marker names.

A marker is a cursor of its operation (`domain.vocabulary.cursors`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from erstwhile.api.aws.access.call import Call, Result
from erstwhile.api.aws.wire.errors import invalid
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary import cursors

MOST = 100
"""Items of a page without MaxItems."""

T = TypeVar("T")


def page(call: Call, found: Iterable[T], member: str, place: Callable[[T], str], show: Callable[[T], Any]) -> Result:
    """One page of items that are ordered by a unique `place`. Raises AwsError for a Marker that was not issued here."""
    most = int(call.get("MaxItems") or MOST)
    begin = behind(call)
    shown: list[Any] = []
    last = ""
    for each in found:
        here = place(each)
        if begin is not None and here <= begin:
            continue
        if len(shown) == most:
            return {member: shown, "IsTruncated": True, "Marker": cursors.cursor_of(call.operation, last)}
        shown.append(show(each))
        last = here
    return {member: shown, "IsTruncated": False}


def page_of(call: Call, found: Iterable[T], member: str, place: Callable[[T], str]) -> Result:
    """One page of items in their final form; they may come in any order."""
    return page(call, sorted(found, key=place), member, place, lambda each: each)


def in_sequence(call: Call, found: list[Any], member: str) -> Result:
    """One page of items whose order is fixed and that only grow at the end."""
    numbered = [(f"{number:09}", each) for number, each in enumerate(found)]
    return page(call, numbered, member, lambda each: each[0], lambda each: each[1])


def behind(call: Call) -> str | None:
    """The place of the last item of the previous page; None for the first page. Raises AwsError."""
    marker = call.get("Marker")
    if marker is None:
        return None
    try:
        return cursors.place_of(call.operation, marker)[0]
    except cursors.MalformedCursor:
        raise invalid(f"Invalid Marker: {marker[:60]}") from None


def place_of(entity: Entity) -> str:
    """The place of an entity in IAM's listings: its name, in lower case."""
    return entity.name.lower()


def entities(call: Call, kind: str, account: str = "", begin: str | None = None) -> Iterator[Entity]:
    """Yields the entities of a kind whose path begins with PathPrefix, ordered by name, after a given name."""
    account = account or call.account
    names = call.directory.names_in_order(account, kind)
    prefix = call.get("PathPrefix") or "/"
    for number in range(bisect_left(names, begin) if begin else 0, len(names)):
        entity = call.directory.named(account, kind, names[number])
        if entity is not None and (prefix == "/" or entity.path.startswith(prefix)):
            yield entity


def listed(call: Call, kind: str, member: str, show: Callable[[Entity], Any]) -> Result:
    """One page of the account's entities of a kind."""
    return page(call, entities(call, kind, begin=behind(call)), member, place_of, show)

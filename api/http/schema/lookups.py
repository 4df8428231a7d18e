"""What a word means, and entries of listings."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class Lifetime(Struct, rename={"since": "from", "until": "to"}):
    """From when to when; null for "since before all records" and for "until now"."""

    since: str | None
    until: str | None


class NextStep(Struct):
    """A question that is ready to be asked: as a command, and as a path of this API."""

    words: str
    command: str
    path: str


class FoundThing(Struct, kw_only=True):
    """One meaning of the word. `of`: whose it is; `first_seen`, `last_seen`: in records."""

    kind: Literal[
        "user", "role", "group", "policy", "instance-profile", "resource", "inline_policy", "access_key", "session",
        "address", "account", "event", "record",
    ]  # fmt: skip
    account: str
    name: str
    unique_id: str
    of: str
    words: str
    lives: list[Lifetime]
    first_seen: str | None
    last_seen: str | None
    position: int | None
    evidence: str | None
    next: list[NextStep]


class FindAnswer(Struct):
    """All meanings of a word."""

    asked: str
    known_at: int
    found: list[FoundThing]


class Deletion(Struct):
    """The instants between which it was deleted."""

    after: str
    until: str


class ListedEntity(Struct, kw_only=True):
    """What existed at the instant. `since`: null where it was there before all records; `vanished`: it may have been
    deleted before; `status`: of an access key, whose `arn` and `unique_id` are its user's."""

    kind: Literal["user", "role", "group", "policy", "access_key", "resource"]
    account: str
    name: str
    arn: str
    unique_id: str
    since: str | None
    status: str | UnsetType = UNSET
    vanished: Deletion | UnsetType = UNSET


class EntityPage(Struct):
    """Entries in the order of names, and the cursor of the next page; empty on the last. `notes`: what is not known."""

    as_of: str
    known_at: int
    listing: str
    entries: list[ListedEntity]
    next_cursor: str
    notes: list[str]

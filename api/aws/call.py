"""One call: its caller, account and parameters, and the forms in which an operation may answer it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import msgspec

from erstwhile.api.aws.access.identity import Identity
from erstwhile.api.aws.secrets.access_keys import AccessKeySecrets
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.api.commanding.provenance import SideStatement
from erstwhile.domain.commands import Command
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.events import Actor
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.domain.vocabulary.refusals import NoSuchEntity
from erstwhile.projections.sql import Connection

Result = dict[str, Any]
Connect = Callable[[], AbstractContextManager[Connection]]
"""A connection with the service's rights, for as long as it is needed."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """`given` is the operation's input, checked by its shape."""

    service: str
    operation: str
    given: dict[str, Any]
    identity: Identity
    directory: Directory
    vault: Vault
    keys: AccessKeySecrets
    now: datetime
    region: str = ""
    context: ContextValues = {}  # condition keys of the connection
    base_url: Callable[[], str] = str  # as the caller reached us

    @property
    def account(self) -> str:
        return self.identity.account

    @property
    def partition(self) -> str:
        return self.identity.partition

    def get(self, name: str, default: Any = None) -> Any:
        return self.given.get(name, default)

    def user_name(self) -> str:
        """UserName, or the caller's own where it is left out. Raises AwsError for a caller that is no user."""
        name = self.get("UserName")
        if name is not None:
            return str(name)
        if self.identity.kind != "IAMUser":
            raise invalid("Must specify userName when calling with non-User credentials")
        return self.identity.arn.rsplit("/", 1)[-1]

    def need(self, kind: str, name: str) -> Entity:
        """Raises NoSuchEntity in IAM's words."""
        entity = self.directory.named(self.account, kind, name)
        if entity is None:
            title = kind.replace("-", " ") if kind == "instance-profile" else kind
            raise NoSuchEntity(f"The {title} with name {name} cannot be found.")
        return entity


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a changing operation does: its command (None where there is nothing to change), what commits beside it, and
    its answer from the Directory after it."""

    command: Command | None
    beside: SideStatement | None = None
    actor: Actor | None = None  # who it is, where no signature says so
    answer: Callable[[Directory], Result] = lambda _directory: {}


class Work(msgspec.Struct, frozen=True):
    """Work that takes long or waits. `do` runs in a thread, then `then` continues with its result on the event loop.
    Work that `computes` runs in other threads than work that waits for the database. `asks` is awaited instead of `do`
    where another server has to be asked."""

    do: Callable[[Connect], Any]
    then: Callable[[Call, Any], Reply]
    reads_last_use: bool = False
    computes: bool = False
    asks: Callable[[], Awaitable[Any]] | None = None


def just_made(directory: Directory, account: str, kind: str, name: str) -> Entity:
    """An entity that a command has made, for the answer to it. Raises KeyError where it is not there."""
    return directory.names[account, kind][name.lower()]


Reply = Result | Plan | Work
Operation = Callable[[Call], Reply]


def tags_of(entity: Entity) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(entity.tags.items())]


def tags_given(call: Call) -> dict[str, str]:
    """Tags of a request. Raises AwsError for a key that is given twice."""
    found: dict[str, str] = {}
    for each in call.get("Tags") or ():
        if each["Key"].lower() in (key.lower() for key in found):
            raise AwsError("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        found[each["Key"]] = each["Value"]
    return found


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def begun_at(entity: Entity, fact: Fact) -> datetime:
    """Since when a fact holds: a real date. What holds since before anything is known began with its entity."""
    return fact.since if fact.since > EPOCH else created_at(entity)


def created_at(entity: Entity) -> datetime:
    """When it was created, as far as that is known; else since when anything is known of it, and the epoch where that
    is nothing. No client reads a date without a year of four digits, and IAM leaves none out."""
    value = entity.description
    if value.get("created_at"):
        return parse_instant(str(value["created_at"]))
    begun = entity.begun
    if begun is not None and begun > EPOCH:
        return begun
    known = [fact.since for items in entity.facts.values() for fact in items.values() if fact.since > EPOCH]
    return min(known, default=EPOCH)


def by_name(entities: Sequence[Entity] | Any) -> list[Entity]:
    """In the order of IAM's listings."""
    return sorted(entities, key=lambda entity: entity.name.lower())


def of_account(call: Call, kind: str) -> list[Entity]:
    return by_name(call.directory.names.get((call.account, kind), {}).values())

"""One call: its caller, account and parameters; and the forms of an operation's reply: result, plan or work."""

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
"""Opens a context with a database connection that has the service's rights."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One authenticated call. `given` is the operation's input, checked against its shape."""

    service: str
    operation: str
    given: dict[str, Any]
    identity: Identity
    directory: Directory
    vault: Vault
    keys: AccessKeySecrets
    now: datetime
    region: str = ""
    context: ContextValues = {}  # the condition keys of the connection
    base_url: Callable[[], str] = str  # the URL at which the caller reached this server

    @property
    def account(self) -> str:
        return self.identity.account

    @property
    def partition(self) -> str:
        return self.identity.partition

    def get(self, name: str, default: Any = None) -> Any:
        return self.given.get(name, default)

    def user_name(self) -> str:
        """UserName, or the caller's own name where it is missing. Raises AwsError for a caller that is not a user."""
        name = self.get("UserName")
        if name is not None:
            return str(name)
        if self.identity.kind != "IAMUser":
            raise invalid("Must specify userName when calling with non-User credentials")
        return self.identity.arn.rsplit("/", 1)[-1]

    def need(self, kind: str, name: str) -> Entity:
        """Returns the account's entity of this kind and name. Raises NoSuchEntity in IAM's words."""
        entity = self.directory.named(self.account, kind, name)
        if entity is None:
            title = kind.replace("-", " ") if kind == "instance-profile" else kind
            raise NoSuchEntity(f"The {title} with name {name} cannot be found.")
        return entity


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a changing operation does: its command (None where nothing changes), the SQL statement of the same
    transaction, and the function that makes the result from the Directory after the change."""

    command: Command | None
    side_statement: SideStatement | None = None
    actor: Actor | None = None  # the caller of an unsigned call
    answer: Callable[[Directory], Result] = lambda _directory: {}


class Work(msgspec.Struct, frozen=True):
    """Work that takes long or waits. `do` runs in a thread; `then` continues with its result on the event loop.
    Work that `computes` has threads of its own, apart from work that waits for the database. `asks` is awaited in place
    of `do` where the work is a request to another server."""

    do: Callable[[Connect], Any]
    then: Callable[[Call, Any], Reply]
    reads_last_use: bool = False
    computes: bool = False
    asks: Callable[[], Awaitable[Any]] | None = None


def just_made(directory: Directory, account: str, kind: str, name: str) -> Entity:
    """Returns an entity that a command has just created, for the response. Raises KeyError where it is missing."""
    return directory.by_name(account, kind)[name.lower()]


Reply = Result | Plan | Work
Operation = Callable[[Call], Reply]


def tags_of(entity: Entity) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(entity.tags.items())]


def tags_given(call: Call) -> dict[str, str]:
    """The tags in a request. Raises AwsError for a key that occurs twice, regardless of case."""
    tags: dict[str, str] = {}
    for each in call.get("Tags") or ():
        if each["Key"].lower() in (key.lower() for key in tags):
            raise AwsError("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        tags[each["Key"]] = each["Value"]
    return tags


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def begun_at(entity: Entity, fact: Fact | None) -> datetime:
    """Since when a fact holds, never `-infinity`: a fact from before all records, or none, began with its entity."""
    return fact.since if fact is not None and fact.since > EPOCH else created_at(entity)


def created_at(entity: Entity) -> datetime:
    """When the entity was created; else the earliest instant of its facts; else the epoch. Clients require a date with
    a year of four digits, and IAM's responses always contain one."""
    value = entity.description
    if value.get("created_at"):
        return parse_instant(str(value["created_at"]))
    begun = entity.begun
    if begun is not None and begun > EPOCH:
        return begun
    known = [fact.since for fact in entity.all_facts() if fact.since > EPOCH]
    return min(known, default=EPOCH)


def by_name(entities: Sequence[Entity] | Any) -> list[Entity]:
    """Sorts entities in the order of IAM's listings."""
    return sorted(entities, key=lambda entity: entity.name.lower())


def of_account(call: Call, kind: str) -> list[Entity]:
    return by_name(call.directory.by_name(call.account, kind).values())

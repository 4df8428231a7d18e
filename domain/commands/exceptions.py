"""Commands about exceptions. They belong to this installation: their account is `OWN`."""

from __future__ import annotations

import re
from difflib import get_close_matches

from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import about_exception
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.exceptions import ExceptionAdded, ExceptionRemoved
from erstwhile.domain.evolve.exceptions import EXCEPTION
from erstwhile.domain.vocabulary.identifiers import is_account_id
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant
from erstwhile.domain.vocabulary.refusals import EntityAlreadyExists, NoSuchEntity, ValidationError
from erstwhile.domain.vocabulary.storable_text import is_storable

TEXT = 2_000
"""Characters of a reason, and of what it is about."""
OWNER = 200
_NAME = re.compile(r"^[\w.@+=-]{1,64}$", re.ASCII)
_SHOWN = 10


class AddException(Command, frozen=True, kw_only=True):
    """`expires`: RFC 3339. `now`: when it is added; an exception that has expired by then excuses nothing."""

    name: str
    check: str
    target: str
    of_account: str = ""
    owner: str
    reason: str
    expires: str
    now: str


class RemoveException(Command, frozen=True, kw_only=True):
    name: str
    reason: str = ""


@handles(AddException, depends_on=about_exception, governed_only=False)
def add_exception(directory: Directory, command: AddException) -> Decided:
    _check(command)
    if find_exception(directory, command.account, command.name) is not None:
        raise EntityAlreadyExists(f"there is an exception {command.name} already: remove it, or choose another name")
    return [
        ExceptionAdded(
            name=command.name, check=command.check, target=command.target, account=command.of_account,
            owner=command.owner, reason=command.reason, expires=command.expires,
        )
    ]  # fmt: skip


@handles(RemoveException, depends_on=about_exception, governed_only=False)
def remove_exception(directory: Directory, command: RemoveException) -> Decided:
    if find_exception(directory, command.account, command.name) is None:
        raise NoSuchEntity(_missing(directory, command.account, command.name))
    return [ExceptionRemoved(name=command.name, reason=command.reason)]


def find_exception(directory: Directory, account: str, name: str) -> Entity | None:
    """An exception by its name, regardless of case."""
    entity = directory.get(account, EXCEPTION, name.lower())
    return entity if entity is not None and entity.exception_fact is not None else None


def _missing(directory: Directory, account: str, name: str) -> str:
    names = sorted(
        str(each.exception_fact.value["name"])
        for each in directory.of_kind(EXCEPTION)
        if each.account == account and each.exception_fact is not None
    )
    alike = get_close_matches(name, names, n=3, cutoff=0.6)
    if alike:
        return f"there is no exception {name[:100]}; did you mean {' or '.join(alike)}?"
    if not names:
        return f"there is no exception {name[:100]}, and no other"
    return f"there is no exception {name[:100]}; there are: {', '.join(names[:_SHOWN])}"


def _check(command: AddException) -> None:
    if not _NAME.match(command.name):
        raise ValidationError(
            f"{command.name[:100]!r} is not an exception's name: 1 to 64 letters, digits or _.@+=- are expected"
        )
    for what, text, most in (
        ("its check", command.check, TEXT), ("what it is about", command.target, TEXT),
        ("its owner", command.owner, OWNER), ("its reason", command.reason, TEXT),
    ):  # fmt: skip
        if not text.strip() or len(text) > most or not is_storable(text):
            raise ValidationError(f"an exception says {what} in 1 to {most:,} characters")
    if command.of_account and not is_account_id(command.of_account):
        raise ValidationError(f"account must be twelve digits, not {command.of_account[:40]!r}")
    try:
        expires = parse_instant(command.expires)
    except MalformedInstant as error:
        raise ValidationError(f"expires: {error}") from None
    if expires <= parse_instant(command.now):
        raise ValidationError(f"an exception that expires at {command.expires} excuses nothing any more")

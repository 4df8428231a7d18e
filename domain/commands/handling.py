# mypyc: compiled
"""Handling a command: the events that it makes, and the later events that would make this decision void.

The files of the areas declare both beside each command's class, by `@handles`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.append_condition import QueryItem
from erstwhile.domain.vocabulary.refusals import AccountNotGoverned

C = TypeVar("C", bound=Command)

HANDLERS: dict[type[Command], Callable[[Directory, Any], Decided]] = {}
"""The function that decides each command."""
DEPENDENCIES: dict[type[Command], Callable[[Directory, Any], tuple[QueryItem, ...]]] = {}
"""The function that says what each command depends on."""
_FOR_ANY_ACCOUNT: set[type[Command]] = set()


def handles(
    command: type[C],
    *,
    depends_on: Callable[[Directory, C], tuple[QueryItem, ...]],
    governed_only: bool = True,
) -> Callable[[Callable[[Directory, C], Decided]], Callable[[Directory, C], Decided]]:
    """Declares the function that decides a command, and what its decision depends on.

    `governed_only` False: the command is for an account that is not (yet) governed, too. Raises TypeError when the
    command has a handler already.
    """
    if command in HANDLERS:
        raise TypeError(f"{command.__name__} has a handler already")

    def register(handler: Callable[[Directory, C], Decided]) -> Callable[[Directory, C], Decided]:
        HANDLERS[command] = handler
        DEPENDENCIES[command] = depends_on
        if not governed_only:
            _FOR_ANY_ACCOUNT.add(command)
        return handler

    return register


def handle(directory: Directory, command: Command) -> Decided:
    """The events that a command makes; none when the state is already as it wants. Raises Refusal."""
    kind = type(command)
    if kind not in _FOR_ANY_ACCOUNT:
        mode = directory.mode(command.account)
        if mode != "governed":
            what = "observed here: change it where it lives, and import the records" if mode else "not known here"
            raise AccountNotGoverned(f"account {command.account} is {what}")
    return HANDLERS[kind](directory, command)


def dependencies_of(directory: Directory, command: Command) -> tuple[QueryItem, ...]:
    """What the decision on a command depends on, in the Directory that it was decided on."""
    return DEPENDENCIES[type(command)](directory, command)

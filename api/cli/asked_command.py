"""The command that a command line asks for, found before the command tree is built.

The library builds each command that it knows at every start, which takes longer than most commands do."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import typer

_WITH_VALUE = ("--home", "--tz")
"""Options that may stand before a command, and whose value is the next word."""


def narrowed(app: typer.Typer, words: Sequence[str]) -> typer.Typer:
    """The application with the command alone that these words ask for; as it is where they ask for none that it has,
    or for its help."""
    name = next(_commands(words), "")
    commands = [each for each in app.registered_commands if each.name == name]
    groups = [each for each in app.registered_groups if each.name == name]
    if not name or not (commands or groups):
        return app
    found = copy.copy(app)
    found.registered_commands, found.registered_groups = commands, groups
    return found


def _commands(words: Sequence[str]) -> Iterator[str]:
    """The command, if nothing but options with values stands before it."""
    rest = iter(words)
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif not word.startswith(tuple(f"{each}=" for each in _WITH_VALUE)):
            if not word.startswith("-"):
                yield word
            return

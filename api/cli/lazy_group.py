"""A group of commands whose modules are imported when the command is asked for.

Importing all commands takes longer than most of them do. Help, completion and mistyped names need the names and the
summaries alone, which stand in a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_group


class LazyCommand(NamedTuple):
    """A command, or a group of them. `place`: module and name in it; `summary`: the first paragraph of its help."""

    name: str
    place: str
    summary: str
    context_settings: dict[str, Any] | None = None

    def load(self) -> Any:
        """The function, or the Typer application of a group, from its module."""
        module, _, name = self.place.partition(":")
        return getattr(import_module(module), name)


def lazy_group(commands: Sequence[LazyCommand]) -> type[TyperGroup]:
    """The class of a group that has these commands, for `typer.Typer(cls=…)`."""
    by_name = {each.name: each for each in commands}

    class LazyGroup(TyperGroup):
        """Knows its commands by name and summary, and the one that runs as it is."""

        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            outlines = typer.Typer()
            for each in commands:
                outlines.command(each.name, help=each.summary)(_outline)
            self.commands.update(get_group(outlines).commands)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            name, command, rest = super().resolve_command(ctx, args)
            return name, command and _built(by_name[command.name or ""]), rest

    return LazyGroup


def _outline() -> None:
    """What stands for a command that does not run."""


def _built(command: LazyCommand) -> Any:
    found = command.load()
    holder = typer.Typer(pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=command.name)
    else:
        holder.command(command.name, context_settings=command.context_settings)(found)
    return get_group(holder).commands[command.name]

"""YAML that somebody else wrote. It is looked at event by event before anything is made of it: what nests too deep ends
a process in libyaml's composer, and aliases make much of little, or something that contains itself."""

from __future__ import annotations

import re
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Plain values only, in C where there is one: ten times as fast."""
MAX_DEPTH = 32
"""Lists and objects within one another."""


_ENDLESS = re.compile(r"[-+0-9_:.]{300,}", re.ASCII)
"""A number that no program's integers print (sexagesimal ones are put together from parts)."""


class UnreadableYaml(ValueError):
    """not YAML, or none that is taken; `line` counts from 1, where it is known"""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.line = line


def require_plain(text: str | bytes, *, aliases: bool = False) -> None:
    """Raises UnreadableYaml for what is no YAML, nests deeper than MAX_DEPTH, has a number of hundreds of digits, or
    has aliases, unless these are taken."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise UnreadableYaml(f"more than {MAX_DEPTH} lists and objects within one another", _at(event))
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.AliasEvent) and not aliases:
                raise UnreadableYaml(f"*{str(event.anchor)[:40]}: aliases are not taken; write it out", _at(event))
            elif isinstance(event, yaml.ScalarEvent) and event.implicit[0] and _ENDLESS.fullmatch(event.value):
                raise UnreadableYaml(f"a number of {len(event.value):,} digits", _at(event))
    except yaml.MarkedYAMLError as error:
        raise UnreadableYaml(str(error.problem), _line(error, text)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableYaml(" ".join(str(error).split())) from None


def load(text: str | bytes, loader: Any = LOADER, *, aliases: bool = False) -> Any:
    """The document's value. Raises UnreadableYaml, also for a number or an instant that is none (2026-99-99)."""
    require_plain(text, aliases=aliases)
    try:
        return yaml.load(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        raise UnreadableYaml(str(error.problem), _line(error, text)) from None
    except (ValueError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableYaml(" ".join(str(error).split())) from None


def _at(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark is not None else None


def _line(error: yaml.MarkedYAMLError, text: str | bytes) -> int | None:
    """The line of what is wrong: at the end of a text, its last one with anything in it."""
    if error.problem_mark is None:
        return None
    last = text.rstrip().count("\n" if isinstance(text, str) else b"\n")  # type: ignore[arg-type]
    return min(error.problem_mark.line, max(last, 0)) + 1

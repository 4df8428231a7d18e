"""A report as Markdown (CommonMark, with the tables of GitHub's).

Source: https://github.github.com/gfm/#tables-extension-
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from erstwhile.api.cli.incident.titled import Part, Table
from erstwhile.api.cli.visible import visible

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")


def escaped(text: str) -> str:
    """Text of others that no reader takes for markup."""
    return _MARKUP.sub(r"\\\1", visible(text))


def head_lines(words: list[str]) -> Iterator[str]:
    yield f"# {escaped(words[0])}"
    for line in words[1:]:
        yield ""
        yield escaped(line)


def part_lines(part: Part) -> Iterator[str]:
    """The lines of a section."""
    yield ""
    yield f"## {escaped(part.title)}"
    for words in part.words:
        yield ""
        yield escaped(words)
    for table in part.tables:
        yield from _table(table)
    for note in part.notes:
        yield ""
        yield f"> {escaped(note)}"


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield ""
        yield f"### {escaped(table.title)}"
    yield ""
    if not table.rows:
        yield escaped(table.empty)
        return
    used = [number for number in range(len(table.columns)) if any(row[number] for row in table.rows)]
    yield "| " + " | ".join(escaped(table.columns[number]) for number in used) + " |"
    yield "|" + " --- |" * len(used)
    for row in table.rows:
        yield "| " + " | ".join(escaped(row[number]) for number in used) + " |"

"""The table of settings as Markdown, as it stands in RUNNING.md."""

from __future__ import annotations

from itertools import groupby

from erstwhile.api.configuration.table import SETTINGS

BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def tables() -> str:
    """A table for each group."""
    parts = []
    for group, settings in groupby(SETTINGS, key=lambda each: each.group):
        rows = [f"| `{each.name}` | `{each.key}` | {each.about} | {_default(each.default)} |" for each in settings]
        parts.append("\n".join([f"**{group}**", "", "| variable | in the file | what | default |", "|---|---|---|---|",
                                *rows]))  # fmt: skip
    return "\n\n".join(parts)


def _default(text: str) -> str:
    return text if not text or " " in text else f"`{text}`"


def documented(page: str) -> str:
    """A page with the tables of now between its two marks. Raises ValueError where it has no marks."""
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:begin]}\n{tables()}\n{page[end:]}"

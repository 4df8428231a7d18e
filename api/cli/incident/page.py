"""A report as one HTML page that loads nothing else. All text of others is escaped; a policy of the page's own forbids
scripts, images and connections."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from erstwhile.api.cli.incident.titled import Part, Table
from erstwhile.api.cli.visible import visible

_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 1em;color:#1a1a1a}"
    "h1{font-size:1.4em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #bbb}h3{font-size:1em}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}"
    "th,td{border:1px solid #ccc;padding:.25em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{background:#eee}.note{color:#7a4b00}td{font-size:.9em}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}th{background:#222}.note{color:#e0a030}}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
END = "</body></html>"


def _text(text: str) -> str:
    return escape(visible(text), quote=True)


def head_lines(words: list[str]) -> Iterator[str]:
    """The beginning of the page."""
    title = _text(words[0])
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    for line in words[1:]:
        yield f"<p>{_text(line)}</p>"


def part_lines(part: Part) -> Iterator[str]:
    """The lines of a section."""
    yield f"<section><h2>{_text(part.title)}</h2>"
    for words in part.words:
        yield f"<p>{_text(words)}</p>"
    for table in part.tables:
        yield from _table(table)
    for note in part.notes:
        yield f'<p class="note">{_text(note)}</p>'
    yield "</section>"


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"<h3>{_text(table.title)}</h3>"
    if not table.rows:
        yield f"<p>{_text(table.empty)}</p>"
        return
    used = [number for number in range(len(table.columns)) if any(row[number] for row in table.rows)]
    yield "<table><thead><tr>" + "".join(f"<th>{_text(table.columns[at])}</th>" for at in used) + "</tr></thead><tbody>"
    for row in table.rows:
        yield "<tr>" + "".join(f"<td>{_text(row[at])}</td>" for at in used) + "</tr>"
    yield "</tbody></table>"

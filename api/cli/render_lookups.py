"""What a pasted word is, and what there was at an instant."""

from __future__ import annotations

from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import asked, beside, labelled, more, short
from erstwhile.api.cli.times import shown


def span(each: dict[str, Any]) -> str:
    """From when to when, in words."""
    begin, end = each["from"], each["to"]
    return f"{shown(begin) if begin else 'before all records'} – {shown(end) if end else 'now'}"


def _lives(each: dict[str, Any]) -> str:
    return "; ".join(span(life) for life in each["lives"])


_FOUND = (
    Column("kind", lambda each: each["kind"].replace("_", " ")),
    Column("name", lambda each: each["name"], brief=lambda each: short(each["name"])),
    Column("account", lambda each: each["account"]),
    Column("of", lambda each: each["of"], brief=lambda each: short(each["of"])),
    Column("existed", _lives),
    Column("first-seen", lambda each: shown(each["first_seen"] or "")),
    Column("last-seen", lambda each: shown(each["last_seen"] or "")),
    Column("unique-id", lambda each: each["unique_id"]),
    Column("words", lambda each: each["words"]),
    Column("position", lambda each: "" if each["position"] is None else str(each["position"]), usual=False),
    Column("evidence", lambda each: each["evidence"] or "", usual=False),
)


def found(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show(console, Listing(_FOUND, answer["found"]), form)
    if form.as_csv:
        return
    for each in answer["found"]:
        of = f" of {short(each['of'])}" if each["of"] and each["kind"] not in ("event", "record") else ""
        console.print(
            f"[bold]{console.text(each['kind'].replace('_', ' '))} {console.text(short(each['name']) + of)}[/]"
        )
        for step in each["next"]:
            console.print(f"  {console.text(step['command'])}   [dim]# {console.text(step['words'])}[/]")


_ENTITIES = (
    Column("name", lambda each: each["name"]),
    Column("arn", lambda each: each["arn"], brief=lambda each: short(each["arn"])),
    Column("unique-id", lambda each: each["unique_id"]),
    Column("since", lambda each: shown(each["since"]) if each["since"] else "before all records"),
    Column("status", lambda each: each.get("status", "")),
    Column("account", lambda each: each["account"]),
    Column("kind", lambda each: each["kind"], usual=False),
)


def entities(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    asked(aside, answer["listing"], answer)
    columns = tuple(
        each for each in _ENTITIES if each.name != "status" or any("status" in entry for entry in answer["entries"])
    )
    show(console, Listing(columns, answer["entries"], "none that is known"), form)
    for each in answer["entries"]:
        if "vanished" in each:
            gone = each["vanished"]
            words = f"{each['arn']} was deleted between {shown(gone['after'])} and {shown(gone['until'])}"
            labelled(aside, "yellow", "unsure", words)
    for note in answer["notes"]:
        labelled(aside, "yellow", "note", note)
    more(console, answer["next_cursor"], form)

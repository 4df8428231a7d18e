"""Watches and their notices, for people."""

from __future__ import annotations

from typing import Any

from erstwhile.api.asking.watching.told_notices import change_words, event_words
from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show as show_listing
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import beside, labelled, short
from erstwhile.api.cli.render_over_time import instant
from erstwhile.api.cli.times import shown

_LISTS = {"allowed": "green", "conditional": "yellow", "unknown": "magenta"}
_CHANGES = {"gained": "red", "lost": "green", "changed": "yellow"}


def what(watch: dict[str, Any]) -> str:
    """Which actions on which resource."""
    return f"{', '.join(watch['actions'])} on {watch['resource']}"


def counts(watch: dict[str, Any]) -> str:
    """How many may do it now."""
    found = [f"{number} {name}" for name, number in watch["now"].items() if number]
    return ", ".join(found) or "nobody that is known"


def _by(watch: dict[str, Any], brief: bool = False) -> str:
    event = watch["event"]
    if event is None:
        return ""
    return (short(event["actor"]) if brief else event["actor"]) or event["actor_id"]


_WATCHES = (
    Column("name", lambda each: each["name"]),
    Column("actions", lambda each: ", ".join(each["actions"])),
    Column("resource", lambda each: each["resource"]),
    Column("now", counts),
    Column("notices", lambda each: str(each["notices"])),
    Column("note", lambda each: each["note"]),
    Column("since", lambda each: shown(each["since"]), usual=False),
    Column("by", _by, brief=lambda each: _by(each, True), usual=False),
    Column("account", lambda each: each["account"] or "", usual=False),
    Column("except", lambda each: ", ".join(each["excepting"]), usual=False),
)


def listing(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show_listing(console, Listing(_WATCHES, answer["watches"], "nothing is watched"), form)


def _periods(each: dict[str, Any]) -> str:
    return "; ".join(
        f"{instant(period['from'], 'before all records')} – {instant(period['to'], 'now')} ({period['how']})"
        for period in each["periods"]
    )


_HOLDERS = (
    Column("now", lambda each: each["now"] or "", colour=lambda each: _LISTS.get(each["now"] or "", "dim")),
    Column("action", lambda each: each["action"]),
    Column("principal", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("when", _periods),
    Column("unique-id", lambda each: each["unique_id"], usual=False),
    Column("outsider", lambda each: "yes" if each["is_outsider"] else "", usual=False),
)


def show(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    by = f" by {_by(answer)}" if _by(answer) else ""
    aside.print(
        f"[bold]{console.text(answer['name'])}[/] {console.text(what(answer))}, since {shown(answer['since'])}"
        f"{console.text(by)}, kept up to position {answer['revision']}"
    )
    if answer["account"]:
        labelled(aside, "dim", "account", answer["account"])
    if answer["excepting"]:
        labelled(aside, "dim", "except", ", ".join(answer["excepting"]))
    if answer["note"]:
        labelled(aside, "dim", "note", answer["note"])
    show_listing(console, Listing(_HOLDERS, answer["holders"], "nobody that is known ever could"), form)


def _who(row: dict[str, Any]) -> str:
    event = row["event"]
    return event_words(event) if event is not None else ""


_NOTICES = (
    Column("id", lambda each: str(each["id"])),
    Column("watch", lambda each: each["watch"]),
    Column("change", lambda each: each["change"], colour=lambda each: _CHANGES[each["change"]]),
    Column("action", lambda each: each["action"]),
    Column("principal", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("how", lambda each: " → ".join(name for name in (each["before"], each["after"]) if name)),
    Column("from", lambda each: instant(each["from"], "before all records")),
    Column("to", lambda each: instant(each["to"], "now")),
    Column("past", lambda each: "yes" if each["is_past"] else "", usual=False),
    Column("by", _who),
    Column("event", lambda each: " ".join(f"@{position}" for position in each["events"])),
    Column("made", lambda each: shown(each["made_at"]), usual=False),
    Column("unique-id", lambda each: each["unique_id"], usual=False),
)


def notices(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show_listing(console, Listing(_NOTICES, rows(answer["notices"]), "no notice"), form)
    if answer["next_after"] is not None:
        beside(console, form).print(f"[dim]there are more: --after {answer['next_after']}[/]")


def rows(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each change of each notice."""
    return [
        {**change, "id": each["id"], "watch": each["watch"], "made_at": each["made_at"], "event": _event(each)}
        for each in found
        for change in each["changes"]
    ]


def _event(notice: dict[str, Any]) -> dict[str, Any] | None:
    return next((each for each in notice["events"] if each["position"] == notice["position"]), None)


def lines(notice: dict[str, Any]) -> list[str]:
    """A notice as lines that are printed when it comes."""
    event = _event(notice)
    by = f", by {event_words(event)}" if event is not None else ""
    return [f"{notice['id']} {notice['watch']}: {change_words(each)}{by}" for each in notice["changes"]]

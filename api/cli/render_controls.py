"""Controls and attestations for people."""

from __future__ import annotations

from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import beside, labelled, short
from erstwhile.api.cli.times import shown

_VERDICTS = {"held": "green", "held_where_known": "yellow", "broken": "bold red", "not_attestable": "yellow"}
_COMPUTABLE = {"yes": "green", "in part": "yellow", "needs lists": "yellow", "by reports": "", "no": "dim"}


def _answered(each: dict[str, Any]) -> str:
    if each["computable"] == "no":
        return str(each["not_computable"])
    words = list(each["conditions"])
    if each["needs_lists"]:
        words.append(f"needs {', '.join(each['needs_lists'])}")
    if each["reports"]:
        words.append(f"reports: {', '.join(each['reports'])}")
    return "; ".join(words)


_CONTROLS = (
    Column("control", lambda each: each["name"]),
    Column("title", lambda each: each["title"]),
    Column("computable", lambda each: each["computable"], colour=lambda each: _COMPUTABLE[each["computable"]]),
    Column("answered-by", _answered),
    Column("not-computable", lambda each: each["not_computable"], usual=False),
)


def controls(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    rows = [control for framework in answer["frameworks"] for control in framework["controls"]]
    show(console, Listing(_CONTROLS, rows, "no controls"), form)


def _by(changes: list[dict[str, Any]], brief: bool = False) -> str:
    found = []
    for each in changes:
        event = each["event"]
        if event is None:
            found.append(each["layer"])
        else:
            who = short(event["actor"]) if brief else event["actor"]
            found.append(f"@{event['position']} {event['action'] or event['event']}" + (f" by {who}" if who else ""))
    return "; ".join(dict.fromkeys(found))


_LAPSES = (
    Column("from", lambda each: shown(each["from"]) if each["from"] else "before all records"),
    Column("to", lambda each: shown(each["to"]) if each["to"] else ""),
    Column("standing", lambda each: each["standing"], colour=lambda each: _VERDICTS.get(each["standing"], "yellow")),
    Column("subject", lambda each: each["subject"], brief=lambda each: short(each["subject"])),
    Column("why", lambda each: each["why"]),
    Column("begun-by", lambda each: _by(each["begun_by"]), brief=lambda each: _by(each["begun_by"], True)),
    Column("ended-by", lambda each: _by(each["ended_by"]), brief=lambda each: _by(each["ended_by"], True)),
    Column("account", lambda each: each["account"], usual=False),
)


def attestation(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    control = answer["control"]
    aside.print(f"{control['name']}: {control['title']}")
    for condition in control["conditions"]:
        aside.print(f"  {condition}")
    aside.print(
        f"from {shown(answer['from'])} to {shown(answer['to'])}, known at position {answer['known_at']}: "
        f"[{_VERDICTS[answer['verdict']]}]{answer['summary']}[/]"
    )
    if len(answer["accounts"]) > 1:
        for each in answer["accounts"]:
            labelled(aside, _VERDICTS[each["verdict"]], each["account"], each["summary"])
    lapses = [lapse for each in answer["breaks"] for lapse in each["lapses"]]
    rows = {(each["from"] or "", each["subject"], each["why"]): {**each, "standing": "broken"} for each in lapses}
    found = [*rows.values(), *({**each, "standing": "unknown"} for each in answer["unknown"])]
    show(console, Listing(_LAPSES, found, "nothing broke it"), form)
    for note in answer["notes"]:
        labelled(aside, "yellow", "note", note)
    if control["not_computable"]:
        labelled(aside, "yellow", "in part", control["not_computable"])

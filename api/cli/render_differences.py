"""What was gained and lost: between two moments, and by one event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import beside, labelled, short
from erstwhile.api.cli.render_over_time import change_words, event_words
from erstwhile.api.cli.times import shown

_COLOURS = {"gained": "green", "lost": "red", "changed": "yellow"}


def _patterns(patterns: list[dict[str, Any]]) -> str:
    words = []
    for each in patterns:
        also = f" and {' and '.join(each['also'])}" if each["also"] else ""
        but = f" but not {', '.join(each['excepts'])}" if each["excepts"] else ""
        words.append(f"{each['pattern']}{also}{but}")
    return ", ".join(words)


def _actions(each: dict[str, Any]) -> str:
    if each["is_whole"]:
        return "the principal itself came" if each["change"] == "gained" else "the principal itself went"
    return _patterns(each["actions"])


def _outcome(each: dict[str, Any], name: str) -> str:
    """Deny, allow, or what it depends on."""
    outcome = each.get(name)
    if outcome is None:
        return ""
    conditions = [
        f"{'if' if term['effect'] == 'Allow' else 'unless'} {one['operator']} {one['key']} {', '.join(one['values'])}"
        for term in outcome["terms"] for one in term["conditions"]
    ]  # fmt: skip
    words = [*conditions, *(f"depends on {key}" for key in outcome["depends_on"]), *outcome["unknown"]]
    return "; ".join([outcome["effect"], *words])


def _by(each: dict[str, Any], brief: bool = False) -> str:
    told = (event_words({"event": event, "layer": ""}, brief) for event in each["events"])
    return "; ".join(dict.fromkeys(words for words in told if words)) or "the clock"


_DIFFERENCES = (
    Column("principal", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("change", lambda each: each["change"], colour=lambda each: _COLOURS[each["change"]]),
    Column("actions", _actions),
    Column("resources", lambda each: _patterns(each["resources"])),
    Column("before", lambda each: _outcome(each, "before")),
    Column("after", lambda each: _outcome(each, "after")),
    Column("by", _by, brief=lambda each: _by(each, True)),
    Column("event", lambda each: " ".join(f"@{event['position']}" for event in each["events"])),
    Column(
        "when",
        lambda each: " ".join(dict.fromkeys(shown(event["occurred_at"]) for event in each["events"])),
        usual=False,
    ),
    Column("account", lambda each: each["account"], usual=False),
    Column("unique-id", lambda each: each["unique_id"], usual=False),
    Column("resource-account", lambda each: each.get("resource_account", ""), usual=False),
)

_SUPPOSED = (
    *(each for each in _DIFFERENCES if each.name not in ("by", "event", "when")),
    Column("by", lambda each: "; ".join(change["name"] for change in each["changes"])),
    Column("number", lambda each: " ".join(str(change["number"]) for change in each["changes"]), usual=False),
)


def diff(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    whose = short(answer["principal"] or "") or (f"account {answer['account']}" if answer["account"] else "everybody")
    what = f"{whose} on {answer['resource']}" if answer["resource"] else whose
    times = f"{shown(answer['from'])} and {shown(answer['to'])}"
    aside.print(f"[bold]{console.text(what)}[/] between {times}, known at position {answer['known_at']}")
    _show(console, answer, form)


def effect(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    event = answer["event"]
    words = event_words({"event": event, "layer": ""}) if event else ""
    at = f" at {shown(event['occurred_at'])}" if event else ""
    aside.print(f"[bold]@{answer['position']}[/] {console.text(words)}{at}, known at position {answer['known_at']}")
    for change in answer["changes"]:
        aside.print(f"  {console.text(change_words(change))}")
    _show(console, answer, form)


def _step_rows(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each difference, and one for an event without any."""
    for step in answer["steps"]:
        for each in step["differences"] or [_NOTHING]:
            yield each | {"step": step}


_NOTHING = {"principal": "", "change": "", "is_whole": False, "actions": [], "resources": []}


def _what_changed(step: dict[str, Any]) -> str:
    return "; ".join(change_words(each, True) for each in step["changes"])


_STEPS = (
    Column("when", lambda each: shown(each["step"]["at"])),
    Column("event", lambda each: f"@{each['step']['position']}"),
    Column(
        "by",
        lambda each: event_words({"event": each["step"]["event"], "layer": ""}),
        brief=lambda each: event_words({"event": each["step"]["event"], "layer": ""}, True),
    ),
    Column("principal", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("change", lambda each: each["change"], colour=lambda each: _COLOURS.get(each["change"], "dim")),
    Column("actions", lambda each: _actions(each) if each["change"] else _what_changed(each["step"])),
    Column("resources", lambda each: _patterns(each["resources"])),
    Column("before", lambda each: _outcome(each, "before"), usual=False),
    Column("after", lambda each: _outcome(each, "after"), usual=False),
)


def replay(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    whose = short(answer["principal"] or "") or (f"account {answer['account']}" if answer["account"] else "everybody")
    times = f"from {shown(answer['from'])} to {shown(answer['to'])}, known at position {answer['known_at']}"
    aside.print(f"the access of [bold]{console.text(whose)}[/] {times}")
    show(console, Listing(_STEPS, list(_step_rows(answer)), "no event changed that"), form)
    for step in answer["steps"]:
        for each in step["unclear"]:
            labelled(aside, "magenta", "unclear", f"@{step['position']}: {each}")
    aside.print(f"{answer['events']:,} events in all")
    for note in answer["notes"]:
        labelled(aside, "yellow", "note", note)


def what_if(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    aside.print(f"[bold]what if[/], as of {shown(answer['as_of'])}, known at position {answer['known_at']}")
    for each in answer["changes"]:
        aside.print(f"  {each['number']:>3}  {console.text(each['name'])}")
    show(console, Listing(_SUPPOSED, answer["differences"], "no access would change"), form)
    _say_unclear(aside, answer)
    for each in answer["not_understood"]:
        labelled(aside, "magenta", "not understood", f"{each['address']}: {each['why']}")


_HOW = {"would_fail": "red", "may_fail": "yellow"}
_CALLS = (
    Column("when", lambda each: shown(each["occurred_at"])),
    Column("who", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("action", lambda each: each["action"]),
    Column("resource", lambda each: each["resource"]),
    Column("how", lambda each: each["how"].replace("_", " "), colour=lambda each: _HOW[each["how"]]),
    Column("by", lambda each: _because(each["after"])),
    Column("evidence", lambda each: each["record"], usual=False),
)


def _because(decision: dict[str, Any]) -> str:
    """What denies a call, or what it depends on."""
    denying = [f"{each['layer']}: {each['policy']}" for each in decision["determining"] if each["effect"] == "Deny"]
    layers = [f"nothing allows it in {each}" for each in decision.get("blocked_by", ())]
    keys = [f"depends on {each}" for each in decision.get("missing_context", ())]
    return "; ".join([*denying, *layers, *keys, *decision.get("unknown", ())]) or decision["effect"].replace("_", " ")


def calls_that_would_fail(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    window = f"from {shown(answer['from'])} to {shown(answer['to'])}, known at position {answer['known_at']}"
    aside.print(f"[bold]calls that would have failed[/] {window}, with these changes at {shown(answer['as_of'])}")
    for each in answer["changes"]:
        aside.print(f"  {each['number']:>3}  {console.text(each['name'])}")
    show(console, Listing(_CALLS, answer["calls"], "no recorded call would have failed"), form)
    undecided = f", {answer['undecided']:,} of them by callers that were not known then" if answer["undecided"] else ""
    aside.print(f"{answer['looked_at']:,} calls that succeeded were decided about again{undecided}")
    for note in answer["notes"]:
        labelled(aside, "yellow", "note", note)
    for each in answer["not_understood"]:
        labelled(aside, "magenta", "not understood", f"{each['address']}: {each['why']}")


def _show(console: SafeConsole, answer: dict[str, Any], form: Form) -> None:
    aside = beside(console, form)
    show(console, Listing(_DIFFERENCES, answer["differences"], "no access changed"), form)
    _say_unclear(aside, answer)
    for note in answer["notes"]:
        labelled(aside, "yellow", "note", note)


def _say_unclear(aside: SafeConsole, answer: dict[str, Any]) -> None:
    for each in answer["unclear"]:
        labelled(aside, "magenta", "unclear", f"{each} has too many policies to be compared")

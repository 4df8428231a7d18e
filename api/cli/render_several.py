"""Decisions: one with all that it rests on, many as a listing."""

from __future__ import annotations

from typing import Any

from erstwhile.api.asking.whole_lines import WholeLines
from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import asked, beside, coverage, granted, labelled, path, short
from erstwhile.api.cli.render_access import WHO_CAN, extent, first, holders

_COLOURS = {"allow": "green", "conditional": "yellow"}


def _because(each: dict[str, Any], brief: bool = False) -> str:
    if each["determining"]:
        return path(first(each).get("path", ()), brief)
    words = [*each.get("unknown", ()), *(f"depends on {key}" for key in each.get("missing_context", ()))]
    return "; ".join(words) or ", ".join(each.get("blocked_by", ()))


_DECISIONS = (
    Column("principal", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("action", lambda each: each["action"]),
    Column("resource", lambda each: each["resource"]),
    Column(
        "decision", lambda each: (each["effect"].replace("_", " ") + extent(each)),
        colour=lambda each: _COLOURS.get(each["effect"], "red"),
    ),
    Column("because", _because, brief=lambda each: _because(each, True)),
    Column("granted", lambda each: granted(first(each)), brief=lambda each: granted(first(each), brief=True)),
    Column("policy", lambda each: first(each).get("policy", ""), usual=False),
    Column("sid", lambda each: first(each).get("sid", ""), usual=False),
)  # fmt: skip


def can_each(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    count = len(answer["answers"])
    asked(aside, f"{count:,} decision{'' if count == 1 else 's'}", answer)
    show(console, Listing(_DECISIONS, answer["answers"]), form)
    coverage(aside, answer["coverage"])


_WHO_CAN_EACH = (
    Column("action", lambda each: each["action"]),
    Column("resource", lambda each: each["resource"]),
    *WHO_CAN,
)


def who_can_each(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    asked(aside, f"who can, {len(answer['answers']):,} combinations", answer)
    whole = WholeLines(answer)
    rows = [
        {**holder, "action": each["action"], "resource": each["resource"]}
        for each in answer["answers"] for holder in holders(whole, each)
    ]  # fmt: skip
    show(console, Listing(_WHO_CAN_EACH, rows, "nobody that is known"), form)
    coverage(aside, answer["coverage"])


def decision(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    if form.as_csv or form.columns:
        can_each(console, answer | {"answers": [answer]}, form)
        return
    asked(console, f"{short(answer['principal'])} {answer['action']} on {answer['resource']}", answer)
    colour = _COLOURS.get(answer["effect"], "red")
    blocked = f", by {', '.join(answer['blocked_by'])}" if answer.get("blocked_by") else ""
    console.print(f"[{colour}]{answer['effect']}[/]{console.text(blocked)}")
    for each in answer["determining"]:
        sid = f" ({each['sid']})" if each["sid"] else ""
        effect = f"{each['effect']} if its conditions hold" if each.get("undecided") else each["effect"]
        words = f"{effect}: {each['policy']} statement {each['statement']}{sid}"
        console.print(console.text(f"  {words}; {path(each['path'], brief=True)}; {granted(each, brief=True)}"))
    for each in answer.get("missing_context", ()):
        console.print(f"  depends on {console.text(each)}")
    for each in answer.get("unknown", ()):
        labelled(console, "magenta", "  unknown", each)
    if answer.get("nearest"):
        console.print(f"  nearest: {console.text(answer['nearest']['words'])}")
    coverage(console, answer["coverage"])

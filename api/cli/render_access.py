"""Who can, what can, which resources, can: their listings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from erstwhile.api.asking.whole_lines import WholeLines
from erstwhile.api.cli.console import SafeConsole, err
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import asked, beside, coverage, granted, labelled, path, short
from erstwhile.api.cli.run import print_json
from erstwhile.api.cli.times import shown

_ANSWERS = {"allowed": "green", "conditional": "yellow", "unknown": "magenta"}


def _holder(holder: dict[str, Any]) -> str:
    if holder["kind"] == "root":
        return f"root of {holder['account']}"
    return f"{short(holder['principal'])} ({holder['account']})"


_LIMITING = ("rcp", "scp", "vpc_endpoint", "permissions_boundary", "session")
"""Layers that take away and never grant."""


def first(holder: dict[str, Any]) -> dict[str, Any]:
    """The first statement that grants; before all others, one whose conditions decide. Empty where there is none."""
    return min(
        holder["determining"], key=lambda each: (each["layer"] in _LIMITING, not each.get("undecided")), default={}
    )  # fmt: skip


def _because(holder: dict[str, Any], brief: bool = False) -> str:
    if holder["answer"] == "allowed":
        words = path(first(holder).get("path", ()), brief)
    else:
        words = "; ".join(holder["why"])
    call = holder.get("successful_call")
    if call:
        words += f"; but it did so with success at {shown(call['occurred_at'])}"
    return words + extent(holder)


def extent(reach: dict[str, Any]) -> str:
    """How much of a pattern: all of it, or some, with a resource that is not."""
    how = reach.get("extent") or reach.get("how")
    if not how:
        return ""
    but = f", not {reach['denied_example']}" if reach.get("denied_example") else ""
    return f" [{how} of it{but}]" if how in ("all", "some") else f" [{how}]"


_ANYBODY = "* (anybody, anonymous callers too)"


def _principal(holder: dict[str, Any]) -> str:
    return _ANYBODY if holder.get("is_public") else str(holder["principal"])


def _answer(holder: dict[str, Any]) -> str:
    who = "public" if holder.get("is_public") else "outsider" if holder.get("is_outsider") else ""
    return f"{holder['answer']} ({who})" if who else str(holder["answer"])


def _lasting(name: str, otherwise: str) -> Callable[[dict[str, Any]], str]:
    """Since when, or until when, where that was asked."""

    def words(each: dict[str, Any]) -> str:
        if "lasting" not in each:
            return ""
        return shown(each["lasting"][name]) if each["lasting"][name] else otherwise

    return words


def _allowed(which: str, name: str, otherwise: str) -> Callable[[dict[str, Any]], str]:
    """When it was allowed first or last, where that was asked and it ever was."""

    def words(each: dict[str, Any]) -> str:
        span = each.get("lasting", {}).get(which)
        if span is None:
            return ""
        return shown(span[name]) if span[name] else otherwise

    return words


SINCE, UNTIL = (
    Column("since", _lasting("from", "before all records"), usual=False),
    Column("until", _lasting("to", "now"), usual=False),
)


def with_lasting(columns: tuple[Column, ...], rows: list[dict[str, Any]]) -> tuple[Column, ...]:
    """The columns, with since and until among the usual ones where that was asked."""
    if not any("lasting" in row for row in rows):
        return columns
    return tuple(msgspec.structs.replace(each, usual=True) if each in (SINCE, UNTIL) else each for each in columns)


WHO_CAN = (
    Column("answer", _answer, colour=lambda holder: _ANSWERS[holder["answer"]]),
    Column("principal", _principal, brief=lambda holder: _ANYBODY if holder.get("is_public") else _holder(holder)),
    Column("because", _because, brief=lambda holder: _because(holder, brief=True)),
    Column("granted", lambda holder: granted(first(holder)), brief=lambda holder: granted(first(holder), brief=True)),
    SINCE,
    UNTIL,
    Column("first-allowed", _allowed("first", "from", "before all records"), usual=False),
    Column("last-allowed", _allowed("last", "to", "now"), usual=False),
    Column("account", lambda holder: holder["account"], usual=False),
    Column("kind", lambda holder: holder["kind"], usual=False),
    Column("unique-id", lambda holder: holder["unique_id"], usual=False),
    Column("policy", lambda holder: first(holder).get("policy", ""), usual=False),
    Column("statement", lambda holder: str(first(holder).get("statement", "")), usual=False),
    Column("sid", lambda holder: first(holder).get("sid", ""), usual=False),
)


def holders(whole: WholeLines, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an answer: who, and in which of the three lists."""
    return [{**holder, "answer": name} for name in _ANSWERS for holder in whole.of(answer[name])]


def who_can(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE, question: str = "who can") -> None:
    rows = holders(WholeLines(answer), answer)
    aside = beside(console, form)
    asked(aside, question, answer)
    show(console, Listing(with_lasting(WHO_CAN, rows), rows, "nobody that is known"), form)
    for note in answer.get("notes", ()):
        labelled(aside, "yellow", "note", note)
    coverage(aside, answer["coverage"])


_REACHES = (
    Column("resources", lambda each: each["resource"]),
    Column("how-much", lambda each: each["how"]),
    Column("but-not", lambda each: each["denied_example"]),
)


def which_resources(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    asked(aside, f"{answer['principal']}: {answer['action']}", answer)
    show(console, Listing(_REACHES, answer["resources"], "none that is known"), form)
    for each in answer["unknown"]:
        labelled(aside, "magenta", "unknown", each)
    coverage(aside, answer["coverage"])


def _actions(each: dict[str, Any]) -> str:
    return ", ".join(each["actions"]) or f"all but {', '.join(each['not_actions'])}"


def _resources(each: dict[str, Any]) -> str:
    return ", ".join(each["resources"]) or f"all but {', '.join(each['not_resources'])}"


def _conditions(each: dict[str, Any]) -> str:
    return "; ".join(f"{one['operator']} {one['key']} {', '.join(one['values'])}" for one in each["conditions"])


_PERMISSIONS = (
    Column("effect", lambda each: each["effect"], colour=lambda each: "green" if each["effect"] == "Allow" else "red"),
    Column("actions", _actions),
    Column("resources", _resources),
    Column("if", _conditions),
    Column("through", lambda each: path(each["path"]), brief=lambda each: path(each["path"], brief=True)),
    Column("granted", granted, brief=lambda each: granted(each, brief=True)),
    SINCE,
    UNTIL,
    Column("within", lambda each: each.get("within", ""), usual=False),
)
_EXPANDED = (Column("action", lambda each: each["action"]), *_REACHES)


def as_policy(_console: SafeConsole, answer: dict[str, Any], _form: Form = TABLE) -> None:
    """The document alone is output; what is not known, and so not in it, is said beside it."""
    print_json(answer["policy"])
    for each in answer["unknown"]:
        labelled(err, "magenta", "unknown", each)


def what_can(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    asked(aside, answer["principal"], answer)
    limits = [{**each, "within": answer["boundary"]} for each in answer["boundary_permissions"]]
    if answer["is_root"]:
        aside.print("the account's root: everything in the account")
    elif not form.as_csv:
        permissions = answer["permissions"]
        columns = with_lasting(_PERMISSIONS, permissions)
        show(console, Listing(columns, permissions, "no permission is known"), form)
        if answer["boundary"]:
            console.print(f"within the permissions boundary {console.text(answer['boundary'])}:")
            show(console, Listing(_PERMISSIONS, limits, "which allows nothing that is known"), form)
    elif "expanded" not in answer:
        show(console, Listing(_PERMISSIONS, [*answer["permissions"], *limits]), form)
    for each in answer["unknown"]:
        labelled(aside, "magenta", "unknown", each)
    if form.as_csv and "expanded" in answer:
        rows = [
            {**reach, "action": action}
            for group in answer["expanded"] for action in group["actions"] for reach in group["resources"]
        ]  # fmt: skip
        show(console, Listing(_EXPANDED, rows), form)
    for group in () if form.as_csv else answer.get("expanded", ()):
        console.print(f"\n{counted(len(group['actions']), 'action')}: {console.text(', '.join(group['actions']))}")
        show(console, Listing(_REACHES, group["resources"], "none that is known"))
    coverage(aside, answer["coverage"])

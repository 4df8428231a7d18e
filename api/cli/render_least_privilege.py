"""What is not used, and checks, for people."""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.api.asking.checks import context_words
from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import beside, labelled, short
from erstwhile.api.cli.times import shown

_COLOURS = {"not used": "yellow", "cannot know": "dim"}


def _what(each: dict[str, Any]) -> str:
    if each["kind"] == "permission set":
        return str(each["policy"])
    if each["statement"] is None:
        return str(each["key"] or each["principals"][0])
    held = f" of {short(each['holder'])}" if each["holder"] else ""
    named = f"statement {each['statement']}" + (f" ({each['sid']})" if each["sid"] else "")
    actions = f": {', '.join(each['actions'][:4])}" + (" …" if len(each["actions"]) > 4 else "")
    return f"{each['policy']}{held} {named}{actions}"


_UNUSED = (
    Column("kind", lambda each: each["kind"]),
    Column("what", _what),
    Column("state", lambda each: each["state"], colour=lambda each: _COLOURS[each["state"]]),
    Column("whose", lambda each: _whose(each["principals"])),
    Column("risk", lambda each: str(each["risk"])),
    Column("closes", lambda each: "" if each["closes"] is None else str(each["closes"]), usual=False),
    Column("takes away", lambda each: "; ".join(each["risk_words"])),
    Column("why", lambda each: each["why"], usual=False),
    Column("until", lambda each: shown(each["until"]) if each["until"] else "", usual=False),
    Column("account", lambda each: each["account"], usual=False),
)


def _whose(principals: list[str]) -> str:
    return short(principals[0]) + (f" and {len(principals) - 1} more" if len(principals) > 1 else "")


def unused_things(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    aside.print(f"from {shown(answer['from'])} to {shown(answer['to'])}, known at position {answer['known_at']}: "
                f"{answer['not_used']} not used, {answer['cannot_know']} of which nothing can be known, "
                f"{answer['young']} exempt for being younger")  # fmt: skip
    show(console, Listing(_UNUSED, answer["unused"], "all was used"), form)
    reasons = dict.fromkeys(each["why"] for each in answer["unused"] if each["why"])
    for note in [*answer["notes"], *list(reasons)[:3]]:
        labelled(aside, "yellow", "note", note)


_GROUPS = (
    Column("members", lambda each: str(len(each["members"]))),
    Column("who", lambda each: ", ".join(short(one["principal"]) for one in each["members"][:5])
           + (" …" if len(each["members"]) > 5 else "")),
    Column("shared", lambda each: ", ".join(each["shared"][:6]) + (" …" if len(each["shared"]) > 6 else "")),
    Column("besides", lambda each: str(len({one for member in each["members"] for one in member["besides"]}))),
)  # fmt: skip


def groups_of_like_use(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    aside.print(
        f"from {shown(answer['from'])} to {shown(answer['to'])}, known at position {answer['known_at']}: "
        f"{answer['principals']} principals used something, {len(answer['groups'])} groups of two or more"
    )
    show(console, Listing(_GROUPS, answer["groups"], "no two used the like"), form)
    for note in answer["notes"]:
        labelled(aside, "yellow", "note", note)


_FOUND = (
    Column("statement", lambda each: str(each["statement"])),
    Column("sid", lambda each: each["sid"]),
    Column("action", lambda each: each.get("action") or ", ".join(each["actions"])),
    Column("resource", lambda each: each.get("resource") or ", ".join(each.get("resources", ()))),
    Column("with", lambda each: each.get("why") or context_words(each["context"])),
)


def check_result(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    if answer["holds"]:
        console.print(f"[green]{answer['check']}: yes[/]")
        return
    console.print(f"[red]{answer['check']}: no[/]")
    show(console, Listing(_FOUND, answer["found"], ""), form)


_EVIDENCE = (
    Column("statement", lambda each: str(each["statement"])),
    Column("action", lambda each: each["action"]),
    Column("why", lambda each: each["why"] + (f": {each['told']}" if each["told"] else "")),
    Column("last", lambda each: shown(each["last"]) if each["last"] else ""),
    Column("calls", lambda each: str(each["calls"] or "")),
    Column("months", lambda each: ", ".join(each["months"])),
)


def narrowed_policy(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    replaced = console.text(", ".join(answer["replaces"]))
    console.print(f"a policy for {console.text(answer['what'])}, in place of {replaced}; "
                  f"use from {shown(answer['from'])} to {shown(answer['to'])}")  # fmt: skip
    for line in orjson.dumps(answer["policy"], option=orjson.OPT_INDENT_2).decode().splitlines():
        console.print(console.text(line), soft_wrap=True)
    show(console, Listing(_EVIDENCE, answer["evidence"], "nothing was used"), form)
    for each in answer["removed"]:
        labelled(console, "green", "goes", each)
    for each in (*answer["warnings"], *answer["notes"], *([answer["problem"]] if answer["problem"] else [])):
        labelled(console, "yellow", "note", each)
    for each in answer["last_needed"]:
        last = f"{shown(each['at'])} for {each['action']}" if each["at"] else "not in this window"
        labelled(console, "cyan", "last needed", f"{each['policy']}: {last}")
    new, replay = answer["nothing_new"], answer["replay"]
    labelled(console, "cyan", "nothing new", {True: "proved", False: "no", None: new["why"]}[new["holds"]])
    if replay is not None:
        labelled(console, "cyan", "replay", f"{replay['calls']} calls, {replay['broken_in_all']} would or may fail, "
                 f"{replay['passed_over']} that the present policies do not allow, as far as is known")  # fmt: skip
        for each in replay["broken"]:
            labelled(console, "red", each["how"], f"{each['action']} on {each['resource']} at {shown(each['at'])}, "
                     f"{each['record']}")  # fmt: skip

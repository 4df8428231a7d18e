"""Findings for people."""

from __future__ import annotations

from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import beside, labelled, short
from erstwhile.api.cli.times import shown

_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim", "informational": "dim"}


def _by(each: dict[str, Any], brief: bool = False) -> str:
    by = each["by"]
    if by is None:
        return ""
    who = by["actor"] or by["access_key"]
    actor = f" by {short(who) if brief else who}" if who else ""
    return f"{by['action']}{actor}" + (f" from {by['source_ip']}" if by["source_ip"] else "")


def _event(each: dict[str, Any]) -> str:
    by = each["by"]
    return "" if by is None else f"@{by['position']}" if by["position"] else by["evidence"] or ""


def _excepted(each: dict[str, Any]) -> str:
    found = each["excepted"]
    if found is None:
        return ""
    return f" (excepted by {found['owner']} until {shown(found['until'])}: {found['reason']})"


_FINDINGS = (
    Column("when", lambda each: shown(each["at"])),
    Column("severity", lambda each: each["severity"], colour=lambda each: _COLOURS[each["severity"]]),
    Column("what", lambda each: each["what"] + _excepted(each)),
    Column("sure", lambda each: each["certainty"]),
    Column("by", _by, brief=lambda each: _by(each, True)),
    Column("event", _event),
    Column("kind", lambda each: each["kind"], usual=False),
    Column("subject", lambda each: each["subject"], usual=False),
    Column("account", lambda each: each["account"], usual=False),
    Column("because", lambda each: "; ".join(each["because"]), usual=False),
    Column("evidence", lambda each: (each["by"] or {}).get("evidence") or "", usual=False),
    Column("id", lambda each: each["id"], usual=False),
)


def findings(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    aside.print(f"findings from {shown(answer['from'])} to {shown(answer['to'])}, "
                f"known at position {answer['known_at']}")  # fmt: skip
    show(console, Listing(_FINDINGS, answer["findings"], "nothing was found"), form)
    for note in answer["notes"]:
        labelled(aside, "yellow", "note", note)

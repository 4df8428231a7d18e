"""The audit trail and the activity: their listings."""

from __future__ import annotations

from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import more, short
from erstwhile.api.cli.times import shown

NOTHING = "nothing on record matches"


def _who(each: dict[str, Any], brief: bool = False) -> str:
    arn = str(each["actor"]["arn"])
    name = (short(arn) if brief else arn) or str(each["actor"]["type"])
    return f"{name} ({each['session']})" if each["session"] else name


def _to(each: dict[str, Any], brief: bool = False) -> str:
    """What was touched, each once; on a terminal without the unique ids that stand beside names."""
    found = list(dict.fromkeys(each["targets"]))
    if brief:
        named = list(dict.fromkeys(short(target) for target in found if "/" in target or ":" in target))
        found = named or found
    return ", ".join(found)


def _outcome(each: dict[str, Any]) -> str:
    words = f"{each['outcome']} {each['error_code']}".rstrip()
    if each["between"]:
        words += f" between {shown(each['between'][0])} and {shown(each['between'][1])}"
    return words


def _changed(each: dict[str, Any], brief: bool = False) -> str:
    """The facts that changed: added, removed, or changed for another value."""
    words = []
    for change in (change for entity in each["changes"] for change in entity["changes"]):
        how = "added" if change["before"] is None else "removed" if change["after"] is None else "changed"
        item = short(change["item"]) if brief else change["item"]
        words.append(f"{how} {change['attribute']} {item}".rstrip())
    return "; ".join(words)


def _colour(each: dict[str, Any]) -> str:
    return {"success": "green", "drift": "magenta"}.get(each["outcome"], "red")


_AUDIT = (
    Column("when", lambda each: shown(each["occurred_at"])),
    Column("who", _who, brief=lambda each: _who(each, brief=True)),
    Column("from", lambda each: each["source_ip"]),
    Column("what", lambda each: each["action"]),
    Column("to", _to, brief=lambda each: _to(each, brief=True)),
    Column("outcome", _outcome, colour=_colour),
    Column("changed", _changed, brief=lambda each: _changed(each, brief=True)),
    Column("account", lambda each: each["account"], usual=False),
    Column("recorded", lambda each: shown(each["recorded_at"]), usual=False),
    Column("position", lambda each: str(each["position"]), usual=False),
    Column("actor-id", lambda each: each["actor"]["id"] or "", usual=False),
    Column("actor-type", lambda each: each["actor"]["type"] or "", usual=False),
    Column("access-key", lambda each: each["actor"]["access_key"] or "", usual=False),
    Column("mfa", lambda each: {True: "yes", False: "no"}.get(each["actor"]["mfa"], ""), usual=False),
    Column("session", lambda each: each["session"], usual=False),
    Column("user-agent", lambda each: each["user_agent"], usual=False),
    Column("event", lambda each: each["event"], usual=False),
    Column("source", lambda each: each["source"], usual=False),
    Column("evidence", lambda each: each["evidence"], usual=False),
)


def audit(console: SafeConsole, page: dict[str, Any], form: Form = TABLE) -> None:
    show(console, Listing(_AUDIT, page["entries"], NOTHING), form)
    more(console, page["next_cursor"], form)


def _caller(each: dict[str, Any], brief: bool = False) -> str:
    name = short(each["principal"]) if brief else each["principal"]
    return f"{name} ({each['session']})" if each["session"] else name


_ACTIVITY = (
    Column("when", lambda each: shown(each["occurred_at"])),
    Column("who", _caller, brief=lambda each: _caller(each, brief=True)),
    Column("from", lambda each: each["source_ip"]),
    Column("what", lambda each: each["action"]),
    Column("to", lambda each: ", ".join(each["resources"])),
    Column(
        "outcome", lambda each: each["error_code"] or "success",
        colour=lambda each: "red" if each["error_code"] else "green",
    ),
    Column("account", lambda each: each["account"], usual=False),
    Column("access-key", lambda each: each["access_key"], usual=False),
    Column("session", lambda each: each["session"], usual=False),
    Column("user-agent", lambda each: each["user_agent"], usual=False),
    Column("evidence", lambda each: f"{each['account']}/{each['record_id']}", usual=False),
)  # fmt: skip


def activity(console: SafeConsole, page: dict[str, Any], form: Form = TABLE) -> None:
    show(console, Listing(_ACTIVITY, page["entries"], NOTHING), form)
    more(console, page["next_cursor"], form)

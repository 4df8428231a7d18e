"""The sections of a report as titled tables of text, and lines of words beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from erstwhile.api.cli.incident.tables_of_access import could, could_against_did, reach
from erstwhile.api.cli.incident.titled import Part, Table, at, span
from erstwhile.api.cli.times import shown

_SHOWN = 200
"""Rows of a table that may be long; JSON has all of them."""
_UNKNOWN = "whether it is over is not known"
TITLES = {
    "whose": "Whose it is",
    "could": "What it could do",
    "could_against_did": "What it could do, and what of that it did",
    "did": "What it did",
    "persistence": "What it left behind",
    "watch": "Tampering with the watch",
    "revocation": "What was done against it, and what is open",
    "timeline": "Timeline",
    "reach": "Whom it could have become",
    "closing": "Commands that would close what is open",
}


def part_of(section: dict[str, Any]) -> Part:
    """A section in words and tables."""
    name = section["section"]
    words, tables = _PARTS[name](section)
    return Part(title=TITLES[name], words=tuple(words), tables=tuple(tables), notes=tuple(section["notes"]))


def head_words(head: dict[str, Any]) -> list[str]:
    """The first lines of a report: about what, which time, known when; and its hash, where that is known already."""
    of = f" of {head['principal']}" if head["principal"] and head["principal"] != head["about"] else ""
    account = f", account {head['account']}" if head["account"] else ""
    window = f"from {shown(head['from'])} to {shown(head['to'])}, known at position {head['known_at']}"
    records = [
        f"{each['records']:,} records of {each['account']} from {shown(each['first_record'])} to "
        f"{shown(each['last_record'])}" for each in head["coverage"]
    ]  # fmt: skip
    lines = [
        f"Incident report: {head['kind'].replace('_', ' ')} {head['about']}{of}{account}",
        f"{window}; what stands is told as of {shown(head['as_of'])}",
        f"known are {'; '.join(records) or 'no records of it'}; made by {head['generated_by']}",
    ]
    if head["without_records"]:
        gaps = "; ".join(span(gap["from"], gap["to"]) for gap in head["without_records"][:10])
        more = len(head["without_records"]) - 10
        lines.append(f"without records: {gaps}" + (f"; and {more} more times" if more > 0 else ""))
    if "content_hash" in head:
        lines.append(hash_words(head["content_hash"]))
    return lines


def hash_words(content_hash: str) -> str:
    return f"content hash {content_hash} (SHA-256)"


def act_words(act: dict[str, Any] | None) -> str:
    """Who did it, from where, by which call."""
    if act is None:
        return ""
    place = f" from {act['source_ip']}" if act["source_ip"] else ""
    by = f" by {act['actor']}" if act["actor"] else ""
    return f"{act['action'] or 'event'}{by}{place}"


def evidence(act: dict[str, Any]) -> str:
    position = f"@{act['position']}" if act["position"] else ""
    return " ".join(part for part in (position, act["evidence"]) if part)


Made = tuple[Sequence[str], Sequence[Table]]


def _whose(section: dict[str, Any]) -> Made:
    words = []
    if section["principal"]:
        unique = f" ({section['unique_id']})" if section["unique_id"] else ""
        words.append(f"{section['principal']}{unique}")
    if section["account_by_form"]:
        words.append(f"its form tells the account {section['account_by_form']}")
    credentials = [
        (
            str(each["generation"]), each["kind"].replace("_", " "), each["access_key"] or each["principal"],
            each["principal"] if each["access_key"] else "", each["session"], at(each["made"] and each["made"]["at"]),
            act_words(each["made"]), at(each["expires_at"]), at(each["first_call"]), at(each["last_call"]),
            str(each["calls"]), str(each["refused"]), each["sure"],
        )
        for each in section["credentials"]
    ]  # fmt: skip
    places = [
        (
            each["access_key"], each["source_ip"], each["user_agent"], ", ".join(each["regions"]),
            at(each["first_call"]), at(each["last_call"]), str(each["calls"]),
        )
        for each in section["places"]
    ]  # fmt: skip
    return words, [
        Table("Keys, sessions and principals: 0 is what was asked about, 1 what that made, and so on",
              ("generation", "kind", "name", "principal", "session", "made", "made-by", "expires", "first-call",
               "last-call", "calls", "refused", "sure"), credentials, "none is known"),
        Table("From where", ("key", "address", "agent", "regions", "first-call", "last-call", "calls"),
              cut(places), "nowhere, as far as is on record"),
    ]  # fmt: skip


def cut(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The first rows of a long table, and a row that says how many more there are."""
    if len(rows) <= _SHOWN:
        return rows
    return [*rows[:_SHOWN], (f"and {len(rows) - _SHOWN:,} more: --output json", *[""] * (len(rows[0]) - 1))]


def _did(section: dict[str, Any]) -> Made:
    sessions = [
        (
            each["access_key"] or "no key", each["principal"], each["session"], intent["intent"],
            str(intent["calls"]), at(intent["first_call"]), at(intent["last_call"]), _actions(intent["actions"]),
        )
        for each in section["sessions"] for intent in each["intents"]
    ]  # fmt: skip
    refused = [
        (each["access_key"], each["action"], each["error_code"], str(each["calls"]), at(each["first_call"]),
         at(each["last_call"]), each["principal"])
        for each in section["refused"]
    ]  # fmt: skip
    touched = [
        (
            each["resource"],
            str(each["calls"]),
            ", ".join(each["actions"]),
            at(each["first_call"]),
            at(each["last_call"]),
        )
        for each in section["touched"]
    ]
    pivots = [
        (each["account"], each["principal"], each["how"].replace("_", " "), str(each["calls"] or ""),
         at(each["first"]["at"]), evidence(each["first"]))
        for each in section["pivots"]
    ]  # fmt: skip
    tables = [
        Table("Calls that succeeded, by session and intent",
              ("key", "principal", "session", "intent", "calls", "first-call", "last-call", "actions"),
              cut(sessions), "none on record"),
        Table("Refused calls", ("key", "action", "error", "calls", "first-call", "last-call", "principal"),
              cut(refused), "none on record"),
        Table("Resources", ("resource", "calls", "actions", "first-call", "last-call"), cut(touched),
              "none on record"),
    ]  # fmt: skip
    if pivots:
        tables.append(
            Table("Other accounts", ("account", "principal", "how", "calls", "first", "evidence"), pivots, "")
        )
    return (), tables


def _actions(actions: list[dict[str, Any]]) -> str:
    shown_ones = [
        f"{each['action']} x{each['calls']}" if each["calls"] > 1 else each["action"] for each in actions[:12]
    ]
    more = len(actions) - 12
    return ", ".join(shown_ones) + (f", and {more} more" if more > 0 else "")


def _persistence(section: dict[str, Any]) -> Made:
    lines = section["lines"]
    rows = [
        (
            at(each["act"]["at"]), each["change"], each["what"], each["item"], each["of"], _stands(each),
            each["detail"], act_words(each["act"]), evidence(each["act"]), each["sure"],
        )
        for each in lines
    ]  # fmt: skip
    counted = f"{section['standing']} of {len(lines)} still stand" if lines else "it made, changed and removed nothing"
    return [counted], [
        Table("Made, changed, removed",
              ("when", "change", "what", "item", "of", "state", "detail", "by", "evidence", "sure"), cut(rows),
              "nothing on record"),
    ]  # fmt: skip


def _stands(each: dict[str, Any]) -> str:
    state = str(each["stands"]).replace("_", " ")
    ended = each["ended"]
    return f"{state} {shown(ended['at'])}, {act_words(ended)}" if ended else state


def _watch(section: dict[str, Any]) -> Made:
    rows = [
        (
            at(each["act"]["at"]), each["act"]["action"], each["target"], each["error_code"] or "succeeded",
            each["words"], "its own" if each["is_own"] else "", _gap(each), act_words(each["act"]),
            evidence(each["act"]),
        )
        for each in section["tampering"]
    ]  # fmt: skip
    return (), [
        Table("Calls that turn off records, alarms or detectors",
              ("when", "call", "target", "outcome", "what-it-does", "made-by", "without-records", "by", "evidence"),
              rows, "none on record"),
    ]  # fmt: skip


def _gap(each: dict[str, Any]) -> str:
    return span(each["without_records_from"], each["without_records_to"]) if each["without_records_from"] else ""


def _revocation(section: dict[str, Any]) -> Made:
    over = {"yes": "it is over, as far as is known", "no": "it is not over", "unknown": _UNKNOWN}
    measures = [
        (
            at(each["act"]["at"]), each["what"], each["on"], act_words(each["act"]),
            f"from {at(each['new_calls'])}" if each["new_calls"] else "no effect", each["running"].replace("_", " "),
            str(each["calls_after"]), str(each["refused_after"]), at(each["last_after"]), evidence(each["act"]),
        )
        for each in section["measures"]
    ]  # fmt: skip
    rows = [
        (each["state"], each["kind"].replace("_", " "), each["name"], each["principal"], each["why"],
         at(each["until"]), each["sure"])
        for each in section["credentials"]
    ]  # fmt: skip
    return [over[section["is_over"]]], [
        Table("Measures", ("when", "measure", "on", "by", "new-calls", "running-sessions", "calls-after",
                           "refused-after", "last-after", "evidence"), measures, "none on record"),
        Table("Keys, sessions and passwords now", ("state", "kind", "name", "principal", "why", "until", "sure"), rows,
              "none is known"),
    ]  # fmt: skip


TIMELINE = ("when", "until", "what", "intent", "outcome", "calls", "actor", "session", "key", "address", "event",
            "evidence")  # fmt: skip


def timeline_rows(entries: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            at(each["at"]), at(each["until"]) if each["calls"] > 1 else "", each["what"], each["intent"],
            each["outcome"], str(each["calls"]), each["actor"], each["session"], each["access_key"],
            each["source_ip"], f"@{each['position']}" if each["position"] else "", each["evidence"],
        )
        for each in entries
    ]  # fmt: skip


def _timeline(section: dict[str, Any]) -> Made:
    return (), [Table("", TIMELINE, timeline_rows(section["entries"]), "nothing on record")]


def _closing(section: dict[str, Any]) -> Made:
    rows = [(each["command"], each["why"], each["account"], each["sure"]) for each in section["commands"]]
    return (), [Table("", ("command", "why", "account", "sure"), rows, "nothing is open, as far as is known")]


_PARTS: dict[str, Callable[[dict[str, Any]], Made]] = {
    "whose": _whose,
    "could": could,
    "reach": reach,
    "could_against_did": could_against_did,
    "did": _did,
    "persistence": _persistence,
    "watch": _watch,
    "revocation": _revocation,
    "timeline": _timeline,
    "closing": _closing,
}

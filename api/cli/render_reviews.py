"""Reviews, their lines, approvals and exceptions, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show as show_listing
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import labelled, short
from erstwhile.api.cli.render_over_time import instant
from erstwhile.api.cli.times import shown

_DECISIONS = {"approve": "green", "revoke": "red", "abstain": "yellow"}
_STATES = {"executed": "green", "open": "red", "returned": "red", "cannot know": "magenta"}


def about(review: dict[str, Any]) -> str:
    """What a review asks about."""
    accounts = ", ".join(review["accounts"]) or "all accounts"
    if review["action"]:
        return f"who can {review['action']} on {review['resource']} ({accounts})"
    return f"every grant of {' and '.join(f'{each}s' for each in review['kinds'])} ({accounts})"


def counts(review: dict[str, Any]) -> str:
    """How far it is."""
    found = [f"{number} {name}" for name, number in review["counts"].items() if name != "lines" and number]
    return f"{lines_in_words(review['counts']['lines'])}: {', '.join(found)}"


def lines_in_words(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _state(review: dict[str, Any]) -> str:
    return "overdue" if review.get("overdue") else review["state"]


_REVIEWS = (
    Column("name", lambda each: each["name"]),
    Column("state", _state, colour=lambda each: "red" if each.get("overdue") else ""),
    Column("about", about),
    Column("progress", counts),
    Column("deadline", lambda each: shown(each["deadline"]) if each["deadline"] else ""),
    Column("opened", lambda each: shown(each["opened"]["at"]), usual=False),
    Column("by", lambda each: each["opened"]["by"], usual=False),
    Column("sha256", lambda each: each["sha256"], usual=False),
    Column("note", lambda each: each["note"], usual=False),
)


def listing(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show_listing(console, Listing(_REVIEWS, answer["reviews"], "no review was opened yet"), form)


_PENDING = (
    Column("reviewer", lambda each: each["reviewer"]),
    Column("pending", lambda each: str(each["lines"])),
)


def show(console: SafeConsole, review: dict[str, Any], form: Form = TABLE) -> None:
    if not form.as_csv:
        for label, words in _told(review):
            labelled(console, "bold", label, words)
    show_listing(console, Listing(_PENDING, review["pending"], "nothing is left to decide"), form)


def _told(review: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "review", f"{review['name']}, {_state(review)}"
    yield "about", about(review)
    yield "as of", f"{shown(review['as_of'])}, known at @{review['known_at']}"
    yield "population", f"{counts(review)}; SHA-256 {review['sha256']}"
    yield "reviewers", "; ".join(review["rules"])
    yield "deadline", shown(review["deadline"]) if review["deadline"] else "none"
    yield "opened", _step(review["opened"])
    if review["closed"]:
        yield "closed", _step(review["closed"])
    if review["note"]:
        yield "note", review["note"]
    for each in review["reminders"]:
        yield "reminded", f"{each['reviewer']} of {lines_in_words(each['pending'])}, {_step(each)}"
    for each in review["exports"]:
        yield "exported", f"as {each['form']}, {_step(each)}, SHA-256 {each['sha256']}"


def _step(step: dict[str, Any]) -> str:
    return f"{shown(step['at'])} by {step['by']} (@{step['position']})"


def _use(line: dict[str, Any]) -> str:
    at = f" {shown(line['used_at'])}" if line["used_at"] else ""
    note = f" ({line['use_note']})" if line["use_note"] else ""
    return f"{line['use']}{at}{note}"


def _path(line: dict[str, Any]) -> str:
    return f"{line['path']} {line['via']}" if line["via"] else line["path"]


def _decided(line: dict[str, Any]) -> str:
    made = line["decision"]
    if made is None:
        return ""
    late = " (late)" if made["is_late"] else ""
    return f"{made['decision']} by {made['reviewer']}{late}{': ' + made['comment'] if made['comment'] else ''}"


_LINES = (
    Column("line", lambda each: str(each["line"])),
    Column("principal", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("path", _path, brief=lambda each: short(_path(each))),
    Column("policy", lambda each: each["policy"] or "", brief=lambda each: short(each["policy"] or "")),
    Column("access", lambda each: each["how"] or "", usual=False),
    Column("since", lambda each: instant(each["since"], "before all records")),
    Column("by", lambda each: each["by"] or "", brief=lambda each: short(each["by"] or "")),
    Column("event", lambda each: f"@{each['event']}" if each["event"] else "", usual=False),
    Column("use", _use, brief=lambda each: each["use"]),
    Column("reviewer", lambda each: ", ".join(each["reviewers"])),
    Column("decision", _decided, colour=lambda each: _DECISIONS.get((each["decision"] or {}).get("decision", ""), "")),
    Column("account", lambda each: each["account"], usual=False),
    Column("unique-id", lambda each: each["unique_id"] or "", usual=False),
)


def lines(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show_listing(console, Listing(_LINES, answer["lines"], "no line is meant"), form)


_REVOKED = (
    Column("line", lambda each: str(each["line"])),
    Column("answer", lambda each: each["answer"]),
    Column("state", lambda each: each["state"], colour=lambda each: _STATES[each["state"]]),
    Column("decided", lambda each: f"{shown(each['decided_at'])} by {each['reviewer']}"),
    Column("by", lambda each: _by(each["event"])),
    Column("approval", lambda each: each["approval"] or "", usual=False),
)


def _by(event: dict[str, Any] | None) -> str:
    if event is None:
        return ""
    return f"{event['action'] or event['event']} of {short(event['actor']) or event['actor_id']} (@{event['position']})"


def execution(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show_listing(console, Listing(_REVOKED, answer["revoked"], "nothing was revoked"), form)


_APPROVALS = (
    Column("ticket", lambda each: each["ticket"]),
    Column("approved-by", lambda each: each["approved_by"]),
    Column("at", lambda each: shown(each["approved_at"]) if each["approved_at"] else ""),
    Column("event", lambda each: each["event"]),
    Column("note", lambda each: each["note"]),
)


def approvals(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show_listing(console, Listing(_APPROVALS, answer["approvals"], "no approval is on record"), form)


_APPROVED = (
    Column("event", lambda each: _by(each["event"])),
    Column("approved-by", lambda each: each["words"]),
)


def approved(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    """By whom the events of a grant were approved."""
    if not form.as_csv:
        console.print(console.text(f"{answer['principal']}: {answer['action']} on {answer['resource']}: "
                                   f"{answer['effect']}; approved: {answer['words']}"))  # fmt: skip
    show_listing(console, Listing(_APPROVED, answer["events"], "no event that is on record gave it"), form)


_EXCEPTIONS = (
    Column("name", lambda each: each["name"]),
    Column("check", lambda each: each["check"]),
    Column("target", lambda each: each["target"]),
    Column("owner", lambda each: each["owner"]),
    Column("reason", lambda each: each["reason"]),
    Column("until", lambda each: shown(each["until"])),
    Column("holds", lambda each: "yes" if each["holds"] else "no", usual=False),
    Column("since", lambda each: shown(each["since"]), usual=False),
    Column("account", lambda each: each["account"] or "", usual=False),
)


def exceptions(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    show_listing(console, Listing(_EXCEPTIONS, answer["exceptions"], "nothing is excepted"), form)

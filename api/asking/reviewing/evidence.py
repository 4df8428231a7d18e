"""All of a review as one document, and whether what was revoked is gone. There is no clock in it: what is asked again
is asked at the instant that it says, so the same document comes again, byte for byte, as known at its position."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.reviewing.handed_out import handed_out
from erstwhile.api.asking.reviewing.reviews import Found, Reviews
from erstwhile.api.asking.reviewing.told_reviews import decision_json, line_json, step_json, whole_json
from erstwhile.api.problems import bad_request
from erstwhile.domain.commands.reviews import NoteReviewExport
from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.reviews.execution import Executed, executed
from erstwhile.domain.reviews.population import population_hash
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.approvals import TrailApprovals

FORMS = ("json", "csv")


def execution(reviews: Reviews, name: str, known_at: str | None = None) -> dict[str, Any]:
    """What became of each line that was revoked, as known at a log position: the event that executed it, and whether
    the principal can still. Raises Problem."""
    with reviews.found(name, known_at) as found:
        checked = _checked(reviews, found)
        states = [each["state"] for each in checked]
        return {
            "review": found.review.name,
            "revision": found.known_at,
            "asked_at": format_instant(_asked_at(found)),
            "counts": {state: states.count(state) for state in ("executed", "open", "returned", "cannot know")},
            "revoked": checked,
        }


def exported(
    reviews: Reviews, name: str, form: str = "json", known_at: str | None = None
) -> tuple[bytes, NoteReviewExport]:
    """A review as a document, and the command that notes that it was handed out. Raises Problem."""
    if form not in FORMS:
        raise bad_request("unknown_format", f"there is no form {form[:40]!r}; there are: {', '.join(FORMS)}")
    with reviews.found(name, known_at) as found:
        if form == "csv":
            data = handed_out(found.review, found.lines).encode()
        else:
            data = orjson.dumps(_whole(reviews, found), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        note = NoteReviewExport(
            account=OWN, name=found.review.name, form=form, known_at=found.known_at,
            sha256=hashlib.sha256(data).hexdigest(),
        )  # fmt: skip
        return data, note


def _whole(reviews: Reviews, found: Found) -> dict[str, Any]:
    review = found.review
    revoked = {each["line"]: each for each in _checked(reviews, found)}
    return {
        "review": whole_json(review, found.lines),
        "position": found.known_at,
        "asked_at": format_instant(_asked_at(found)),
        "population_is_whole": population_hash(review.opened, found.lines) == review.opened.sha256,
        "lines": [
            line_json(review, line)
            | {"decisions": [decision_json(each) for each in review.decisions.get(line.number, ())]}
            | ({"execution": revoked[line.number]} if line.number in revoked else {})
            for line in found.lines
        ],
        "delegations": [
            step_json(each) | {"line": number, "delegate": each.delegate, "by": each.delegated_by,
                               "comment": each.comment}
            for number, each in sorted(review.delegations.items())
        ],
    }  # fmt: skip


def _asked_at(found: Found) -> datetime:
    """The instant at which it is asked again: when the last event up to the position was recorded."""
    [(at,)] = found.connection.execute(
        "SELECT recorded_at FROM event WHERE position <= %s ORDER BY position DESC LIMIT 1", (found.known_at,)
    ).fetchall()
    recorded: datetime = at
    return recorded


def _checked(reviews: Reviews, found: Found) -> list[dict[str, Any]]:
    reviews.history.wait_for(found.connection, found.known_at)
    history, at = reviews.history.facts(found.known_at), _asked_at(found)
    told: list[tuple[FrozenLine, Executed]] = []
    for line in found.lines:
        made = found.review.decision(line.number)
        if made is not None and made.decision == "revoke":
            told.append((line, executed(history, found.review.opened, line, at)))
    events = ToldEvents(found.connection)
    positions = [each.event for _, each in told if each.event]
    events.read(positions)
    approved = TrailApprovals(found.connection, history).of_events(positions)
    return [_line(found, line, each, events, approved) for line, each in told]


def _line(
    found: Found, line: FrozenLine, each: Executed, events: ToldEvents, approved: Mapping[int, Any]
) -> dict[str, Any]:
    made = found.review.decision(line.number)
    approval = approved.get(each.event)
    return {
        "line": line.number,
        "principal": line.principal,
        "name": line.name,
        "policy": line.policy or None,
        "path": line.path,
        "decided_at": format_instant(made.at) if made is not None else None,
        "reviewer": made.reviewer if made is not None else None,
        "state": each.state,
        "since": format_instant(each.since) if each.since is not None else None,
        "answer": words(found, line, each),
        "still": list(each.still),
        "event": events.get(each.event),
        "approval": approval.words if approval is not None and each.state == "executed" else None,
    }


def words(found: Found, line: FrozenLine, each: Executed) -> str:
    """The question asked again, with its answer: "can grace still …? no, since 14:02"."""
    opened = found.review.opened
    who = line.name or line.principal
    what = f"{opened.action} on {opened.resource}" if opened.action else _what(line)
    since = f", since {format_instant(each.since)}" if each.since is not None and each.state != "open" else ""
    still = f" ({'; '.join(each.still)})" if each.still else ""
    return f"can {who} still {what}? {each.answer}{since}{still}"


def _what(line: FrozenLine) -> str:
    match line.path:
        case "trust":
            return f"assume {line.via}"
        case "none":
            return "act at all"
        case "group":
            return f"use {line.policy} by group {line.via}"
    return f"use {line.policy}"


def undone(checked: Iterable[Mapping[str, Any]]) -> int:
    """How many of the lines that were revoked hold still, or again."""
    return sum(each["state"] in ("open", "returned") for each in checked)

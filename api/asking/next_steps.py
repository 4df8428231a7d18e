"""Where to go on from what was found: questions that are ready to be asked, as commands and as paths of the API."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote, urlencode

from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.finding.found import Found


class Step(NamedTuple):
    """A question in words, and the two ways to ask it."""

    words: str
    command: str
    path: str

    def json(self) -> dict[str, str]:
        return {"words": self.words, "command": self.command, "path": self.path}


def next_steps(found: Found, as_of: str | None) -> list[dict[str, str]]:
    """What may be asked of a meaning next. `as_of`: an instant at which it existed, if it does not now."""
    return [step.json() for step in _steps(found, as_of)]


def _steps(found: Found, as_of: str | None) -> Iterator[Step]:
    match found.kind:
        case "user" | "role":
            yield _what_can(found.name, as_of)
            yield _moments(found)
            yield _audit("what changed it", **_target(found))
            yield _audit("what it changed", actor=found.name)
            yield _activity("what it did", actor=found.name)
            yield _incident(found.name)
        case "group" | "policy":
            yield _moments(found)
            yield _audit("what changed it", **_target(found))
        case "instance-profile":
            yield _audit("what changed it", **_target(found))
        case "resource":
            yield _moments(found)
            yield _audit("what changed it", target=found.name)
            yield _activity("which calls were about it", target=found.name)
        case "inline_policy":
            if ":group/" not in found.of:
                yield _what_can(found.of, as_of)
            yield _audit("what changed it", target=found.name)
        case "access_key":
            yield _what_can(found.name, as_of or _last(found))
            yield _activity("what was done with it", actor=found.name)
            yield _audit("what it changed", actor=found.name)
            yield _incident(found.name)
        case "session":
            yield _activity("what it did", session=found.name)
            yield _audit("what it changed", session=found.name)
            if found.of:
                yield _what_can(_session_arn(found), _last(found))
                yield _incident(_session_arn(found))
        case "address":
            yield _activity("what was done from it", source_ip=found.name)
            yield _audit("what was changed from it, or tried", source_ip=found.name)
            yield _incident(found.name)
        case "account":
            for kind in ("users", "roles"):
                yield Step(
                    f"its {kind}", f"erstwhile list {kind} --account {found.name}",
                    f"/v1/list/{kind}?account={found.name}",
                )  # fmt: skip
            yield _audit("what was changed in it", account=found.name)
        case "event":
            yield from _of_event(found)
        case "record":
            account, _, record = found.name.partition("/")
            yield _evidence(account, record)
            if found.of:
                yield _what_can(found.of, _last(found))


def _moments(found: Found) -> Step:
    """By its unique id, which means it alone, as far as it is known."""
    is_known = found.unique_id and not found.unique_id.startswith("~")
    what = found.unique_id if is_known else found.name
    return Step(
        "each change of what concerns it", f"erstwhile moments {shlex.quote(what)}",
        f"/v1/moments?{urlencode({'of': what})}",
    )  # fmt: skip


def _incident(about: str) -> Step:
    return Step(
        "what it could do and did, and what is left of that", f"erstwhile incident {shlex.quote(about)}",
        f"/v1/incident?{urlencode({'about': about})}",
    )  # fmt: skip


def _target(found: Found) -> dict[str, str]:
    """The filters of the trail for an entity. A unique id that is not known yet stands in no event."""
    is_known = found.unique_id and not found.unique_id.startswith("~")
    whose = {"account": AWS_MANAGED} if found.account == AWS_MANAGED else {}
    return whose | {"target": found.unique_id if is_known else found.name}


def _of_event(found: Found) -> Iterator[Step]:
    at = found.first_seen
    assert at is not None, "each event has an instant"
    since, until = format_instant(at), format_instant(at + timedelta(microseconds=1))
    yield Step("whose access it changed", f"erstwhile effect {found.position}", f"/v1/effect/{found.position}")
    yield _audit("its line of the trail", since=since, until=until)
    account, slash, record = found.evidence.partition("/")
    if slash:
        yield _evidence(account, record)
    if found.of:
        yield _what_can(found.of, since)


def _evidence(account: str, record: str) -> Step:
    return Step(
        "the record itself",
        f"erstwhile evidence {shlex.quote(f'{account}/{record}')}",
        f"/v1/evidence/{account}/{quote(record, safe='')}",
    )


def _last(found: Found) -> str | None:
    return None if found.last_seen is None else format_instant(found.last_seen)


def _session_arn(found: Found) -> str:
    before, role, name = found.of.partition(":role/")
    if not role:
        return found.of
    return f"{before.replace(':iam:', ':sts:')}:assumed-role/{name.rsplit('/', 1)[-1]}/{found.name}"


def _what_can(principal: str, as_of: str | None) -> Step:
    query = {"principal": principal} | ({"as_of": as_of} if as_of else {})
    command = f"erstwhile what-can {shlex.quote(principal)}" + (f" --as-of {as_of}" if as_of else "")
    return Step("what it could do" if as_of else "what it can do", command, f"/v1/what-can?{urlencode(query)}")


def _audit(words: str, **filters: str) -> Step:
    options = " ".join(f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in filters.items())
    return Step(words, f"erstwhile audit {options}", f"/v1/audit?{urlencode(filters)}")


def _activity(words: str, **filters: str) -> Step:
    options = " ".join(f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in filters.items())
    return Step(words, f"erstwhile audit --activity {options}", f"/v1/activity?{urlencode(filters)}")

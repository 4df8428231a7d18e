"""Which events a bundle has, from the words of a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import moment, parse_known_at, parse_time
from erstwhile.api.asking.principal_finder import find_subject
from erstwhile.api.problems import bad_request
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.slots import id_slot, name_slot
from erstwhile.domain.vocabulary.typed import decode
from erstwhile.projections.ledger.selected import Selection
from erstwhile.projections.sql import Connection


class _Header(msgspec.Struct, frozen=True):
    position: int
    accounts: list[str] = []


class _Report(msgspec.Struct, frozen=True):
    header: _Header


def select(
    connection: Connection,
    history: History,
    begin: str | None,
    end: str | None,
    known_at: str | None,
    accounts: tuple[str, ...],
    principal: str | None,
) -> tuple[Selection, dict[str, Any]]:
    """The selection, and the question as the manifest has it. Times are as questions take them. Raises Problem."""
    position = parse_known_at(connection, known_at)
    if position is None:
        position = EventLog.within(connection).head()
    since, until = parse_time(connection, "from", begin), parse_time(connection, "to", end)
    if since is not None and until is not None and since >= until:
        raise bad_request("malformed_window", "--from is not before --to: no event is in such a window")
    question: dict[str, Any] = {
        "from": format_instant(since) if since is not None else None,
        "to": format_instant(until) if until is not None else None,
        "accounts": list(accounts), "principal": None,
    }  # fmt: skip
    slots: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    if principal is not None:
        arn, slots, actors = _principal(connection, history, principal, end, str(position))
        question["principal"] = arn
    return Selection(
        known_at=position, since=since, until=until, accounts=accounts, slots=slots, actors=actors
    ), question  # fmt: skip


def of_report(path: Path) -> tuple[int, tuple[str, ...], bytes]:
    """The log position and the accounts that a report in JSON rests on, and its bytes. Raises Problem, OSError."""
    data = path.read_bytes()
    try:
        header = decode(data, _Report).header
    except msgspec.MsgspecError:
        raise bad_request(
            "malformed_report", f"{path} is no report in JSON, as `erstwhile report NAME --output json` writes it"
        ) from None
    return header.position, tuple(header.accounts), data


def _principal(
    connection: Connection, history: History, words: str, as_of: str | None, known_at: str
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The ARN that is meant; the slots of what happened to it; the ARNs as which it acted."""
    when = moment(connection, as_of, known_at)
    directory = history.at(connection, when)
    arn = find_subject(connection, directory, words, when)
    actors = [_literally(arn)]
    entity = directory.with_arn(arn)
    if entity is None:
        return arn, (), tuple(actors)
    name = entity.name
    slots = (name_slot(entity.account, entity.kind, name).stored, id_slot(entity.kind, entity.id).stored)
    if entity.kind == "role":
        partition = arn.split(":")[1]
        actors.append(_literally(f"arn:{partition}:sts::{entity.account}:assumed-role/{name}/") + "%")
    return arn, slots, tuple(actors)


def _literally(text: str) -> str:
    """As a pattern of LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

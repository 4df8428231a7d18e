"""Who took the session of a role, and by which right, as JSON."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from erstwhile.api.asking.moments import Moment
from erstwhile.api.asking.over_time.spans import Telling
from erstwhile.api.asking.over_time.told_provenance import provenance_json
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.provenance import provenance
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.session_calls import session_call
from erstwhile.projections.sql import Connection


def session_json(
    connection: Connection, telling: Telling, history: FactHistory, directory: Directory, principal: str, when: Moment
) -> dict[str, Any] | None:
    """None for what is no session of a role. `right`: how the decision about the call came about, just before it; None
    where no record shows the call, or nothing can be said of who made it."""
    caller = parse_caller(principal)
    if caller.kind != "session":
        return None
    call = session_call(connection, principal, when.as_of, when.known_at)
    if call is None:
        return {"actor": "", "action": "", "occurred_at": None, "evidence": None, "right": None}
    role = directory.named(caller.account, "role", principal.split("/")[1])
    right = None
    if role is not None:
        with suppress(MalformedArn, UnknownPrincipal):  # it is none of those of whom can be asked
            found = provenance(
                history, telling.events.happenings, call.actor, call.action, directory.arn_of(role),
                call.occurred_at - TICK, resource_account=caller.account,
            )  # fmt: skip
            right = provenance_json(telling, found)
    return {
        "actor": call.actor,
        "action": call.action,
        "occurred_at": format_instant(call.occurred_at),
        "evidence": call.evidence or None,
        "right": right,
    }

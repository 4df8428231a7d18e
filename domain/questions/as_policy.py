"""What a principal may, as one policy: the statements of its identity policies, as far as its boundary and the service
control policies over its account leave them, with all that denies.

An allowing statement is cut by every statement of a limit that meets it: their common actions, their common resources,
and the conditions of both. A limit that allows everything cuts nothing. What resources' own policies grant is theirs,
and no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.exemptions import SESSION_TOKEN
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.language.document import VARIABLES_SINCE
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.questions.cut_statement import Cut, cut_by, of_statement

MAX_STATEMENTS = 2_000
"""Statements of one policy, while it is made."""


class AsPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """`document` is a policy of version 2012-10-17. `unknown`: what of the principal's policies is not known, and so
    not in it."""

    principal: str
    unique_id: str
    document: str
    unknown: tuple[str, ...] = ()


def as_policy(directory: Directory, principal: str) -> AsPolicy:
    """What a user, role or root may by its own policies within its limits. As its only identity policy, without
    boundary and service control policies, the document allows the same; but for GetSessionToken where a limit allows it
    under conditions, for no statement can say that.

    Raises MalformedArn, UnknownPrincipal, and TooMuch where the limits cut the policies into more statements than are
    looked at, or into what no statement can say (patterns of which neither has all of the other)."""
    side = engine_of(directory).side(principal)
    limits = _limits(side)
    layers = [layer for layer in (side.identity, *limits) if layer is not None]
    allowed = [Cut.everything()] if side.caller.kind == "root" else _allowing(side.identity)
    for limit in limits:
        allowed = _within(allowed, _allowing(limit))
    denied = dict.fromkeys(cut for layer in layers for cut in _statements(layer, allows=False))
    if side.caller.kind in ("user", "root") and not all(_leaves_session_tokens(limit) for limit in limits):
        # It needs no permission, but the leave of all limits.
        denied[Cut.of_action(SESSION_TOKEN)] = None
    statements = [cut.as_json("Allow") for cut in _widest(allowed)] + [cut.as_json("Deny") for cut in denied]
    return AsPolicy(
        principal=principal,
        unique_id=side.caller.unique_id,
        document=orjson.dumps({"Version": VARIABLES_SINCE, "Statement": statements}).decode(),
        unknown=tuple(dict.fromkeys(why for layer in layers for why in layer.why)),
    )


def _limits(side: CallerSide) -> list[Layer]:
    """The boundary, and the levels of guardrails."""
    found = [side.boundary] if side.boundary is not None and side.boundary.sources else []
    if side.scp is not None and not side.caller.is_service_linked:
        found += side.scp.layers
    return found


def _statements(layer: Layer | None, *, allows: bool) -> list[Cut]:
    placed = layer.placed if layer is not None else ()
    is_of_identity = layer is not None and layer.name in ("identity", "permissions_boundary")
    return [of_statement(compiled, is_of_identity) for compiled, _, _ in placed if compiled.allows == allows]


def _allowing(layer: Layer | None) -> list[Cut]:
    return list(dict.fromkeys(_statements(layer, allows=True)))


def _within(allowed: list[Cut], limit: list[Cut]) -> list[Cut]:
    """What a limit leaves of the statements."""
    if any(each.is_everything for each in limit):
        return allowed
    found: dict[Cut, None] = {}
    for one in allowed:
        for other in limit:
            found |= dict.fromkeys(cut_by(one, other))
            if len(found) > MAX_STATEMENTS:
                raise TooMuch(f"the limits cut the policies into more than {MAX_STATEMENTS:,} statements")
    return list(found)


def _widest(cuts: Iterable[Cut]) -> list[Cut]:
    """Those that no other has as a whole; of several that say the same, one."""
    found: list[Cut] = []
    for one in cuts:
        if not any(other.has(one) for other in found):
            found = [*(other for other in found if not one.has(other)), one]
    return found


def _leaves_session_tokens(limit: Layer) -> bool:
    return any(each.speaks_of(SESSION_TOKEN) and each.is_about("*") for each in _allowing(limit))

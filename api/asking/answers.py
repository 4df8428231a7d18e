"""Answers as JSON: the same for HTTP and for `--json`."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.domain.policy.evaluation.explain import Near
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.questions.what_can import WhatCan
from erstwhile.domain.questions.what_can_by_action import Expanded
from erstwhile.domain.questions.which_resources import WhichResources
from erstwhile.domain.questions.who_can import Holder


def _builtins(value: Any) -> Any:
    """As JSON would have it: tuples are lists."""
    return msgspec.json.decode(msgspec.json.encode(value))


def is_plain(decision: Decision) -> bool:
    """Whether nothing is to be said beside yes or no: it is allowed, or the principal's own policies just do not."""
    return decision.effect in ("allow", "implicit_deny") and not (
        decision.missing_context or decision.residual or decision.unknown or set(decision.blocked_by) - {"identity"}
    )


def decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "effect": decision.effect,
        "determining": _builtins(decision.determining),
        **reasons_json(decision),
    }


def reasons_json(decision: Decision) -> dict[str, Any]:
    """What is said of a decision beside its effect and the statements that made it."""
    found = reasons(decision)
    if decision.residual:
        found["residual"] = _builtins(decision.residual)
    return found


def reasons(decision: Decision) -> dict[str, Any]:
    """The same, with structs in it."""
    found: dict[str, Any] = {}
    if decision.missing_context:
        found["missing_context"] = list(decision.missing_context)
    if decision.residual:
        found["residual"] = decision.residual
    if decision.unknown:
        found["unknown"] = list(decision.unknown)
    if decision.blocked_by:
        found["blocked_by"] = list(decision.blocked_by)
    return found


def nearest_json(near: Near | None) -> dict[str, Any] | None:
    return None if near is None else {**_builtins(near), "words": near.words()}


def holder_json(holder: Holder, determining: list[int]) -> dict[str, Any]:
    """`determining`: the numbers of its statements."""
    found: dict[str, Any] = {
        "principal": holder.principal,
        "kind": holder.kind,
        "account": holder.account,
        "unique_id": holder.unique_id,
        "effect": holder.decision.effect,
        "determining": determining,
        **reasons_json(holder.decision),
        "why": list(holder.why),
    }
    if holder.is_outsider or holder.is_public:
        found |= {"is_outsider": holder.is_outsider, "is_public": holder.is_public}
    if holder.extent:
        found |= {"extent": holder.extent, "example": holder.example, "denied_example": holder.denied_example}
    return found


def what_can_json(answer: WhatCan) -> dict[str, Any]:
    found: dict[str, Any] = _builtins(answer)
    return found


def which_resources_json(answer: WhichResources) -> dict[str, Any]:
    found: dict[str, Any] = _builtins(answer)
    return found


def expanded_json(answer: tuple[Expanded, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _builtins(answer)
    return found

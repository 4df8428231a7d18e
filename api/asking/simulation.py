"""Requests that bring their policies, as JSON in and out: for `erstwhile evaluate` and policy tests."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from erstwhile.api.asking.answers import nearest_json
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.explain import nearest
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.simulate import MalformedRequest, prepare


def evaluated(line: bytes, explain: bool = False) -> dict[str, Any]:
    """The answer to one line; {"id", "error"} for a bad one."""
    given: Any = None
    try:
        given = orjson.loads(line)
        request, side, target = prepare(given)
    except orjson.JSONDecodeError as error:
        return {"id": None, "error": f"the line is not JSON: {error}"}
    except MalformedRequest as error:
        return {"id": given.get("id") if isinstance(given, dict) else None, "error": str(error)}
    decision = evaluate(request, side, target)
    answer = {"id": given.get("id"), **simulated_json(decision)}
    if explain and decision.effect in ("implicit_deny", "conditional"):
        answer["nearest"] = nearest_json(nearest(request, side, target))
    return answer


def simulated_json(decision: Decision) -> dict[str, Any]:
    """A decision about given policies: they are named by their place, `identity[0]`, or by their name."""
    found: dict[str, Any] = {
        "decision": decision.effect,
        "determining": [
            {"policy": each.policy, "statement": each.statement, "sid": each.sid} for each in decision.determining
        ],
        "blocked_by": list(decision.blocked_by),
        "missing_context": list(decision.missing_context),
    }
    if decision.residual:
        found["residual"] = msgspec.to_builtins(decision.residual)
    return found

"""Recorded decisions as JSON."""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.decision_rows import Logged


def logged_json(each: Logged) -> dict[str, Any]:
    return {
        "id": each.id, "decided_at": format_instant(each.decided_at), "asked_by": each.asked_by,
        "subject": each.subject, "action": each.action, "resource": each.resource, "effect": each.effect,
        "question": orjson.loads(each.question), "answer": orjson.loads(each.answer), "masked": each.masked,
        "revision": each.revision, "latency_us": each.latency_us,
    }  # fmt: skip

"""Events of the trail as lines of a table."""

from __future__ import annotations

from typing import Any

import orjson

COLUMNS = (
    "position", "event_id", "occurred_at", "recorded_at", "account", "actor", "actor_id", "actor_type", "access_key",
    "mfa", "session", "source_ip", "user_agent", "action", "event", "targets", "outcome", "error_code", "source",
    "evidence", "request_id", "body",
)  # fmt: skip


def row_of(event: dict[str, Any]) -> list[str | int | bool | None]:
    """The cells of an event, in the order of `COLUMNS`: texts, but for the position and whether MFA was used. Targets
    are JSON, and so is the body; None: not known, or forgotten."""
    actor = event["actor"]
    return [
        event["position"], event["event_id"], event["occurred_at"], event["recorded_at"], event["account"],
        actor["arn"], actor["id"], actor["type"], actor["access_key"], actor["mfa"], event["session"],
        event["source_ip"], event["user_agent"], event["action"], event["event"],
        orjson.dumps(event["targets"]).decode(), event["outcome"], event["error_code"], event["source"],
        event["evidence"], event["request_id"], orjson.dumps(event["body"]).decode(),
    ]  # fmt: skip

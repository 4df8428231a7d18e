"""The filters of the decision log, from the words of a question."""

from __future__ import annotations

from collections.abc import Mapping

from erstwhile.api.asking.moments import parse_time
from erstwhile.api.problems import bad_request
from erstwhile.projections.decision_rows import EFFECTS, DecisionFilters
from erstwhile.projections.sql import Connection


def decision_filters(connection: Connection, given: Mapping[str, str]) -> DecisionFilters:
    """subject, action, resource, effect, asked_by, since, until; empty ones do not filter. Raises Problem 400."""
    effect = given.get("effect", "")
    if effect and effect not in EFFECTS:
        raise bad_request("malformed_parameter", f"effect must be one of {', '.join(EFFECTS)}, not {effect[:40]!r}")
    since, until = (parse_time(connection, name, given.get(name) or None) for name in ("since", "until"))
    texts = {name: given.get(name, "") for name in ("subject", "action", "resource", "asked_by")}
    return DecisionFilters(**texts, effect=effect, since=since, until=until)

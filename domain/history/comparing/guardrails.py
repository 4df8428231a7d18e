"""What limits an account at an instant, in a form that two instants are compared by."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.inputs.guardrails import guardrail_levels, place_of
from erstwhile.domain.policy.inputs.sources import Source

Limits = tuple[str, str, list[list[tuple[str, str]]] | None]
"""An organisation, the path to an account in it, and the guardrails of one type there, level by level: (name,
document); None where that type does not reach it."""
Guardrails = tuple[Limits | None, Limits | None]


def guardrails_of(directory: Directory, account: str) -> Guardrails:
    """What limits an account's principals, with its place; and what limits its resources."""
    place = place_of(directory, account)
    if place is None:
        return None, None

    def said(levels: list[list[Source]] | None) -> list[list[tuple[str, str]]] | None:
        if levels is None:
            return None
        return [sorted((each.policy, each.document or "") for each in level) for level in levels]

    scp, rcp = (guardrail_levels(place, kind) for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"))
    return (place.organization_id, place.path, said(scp)), (place.organization_id, place.path, said(rcp))

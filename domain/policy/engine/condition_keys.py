# mypyc: compiled
"""The condition keys that a decision may depend on: a kept decision holds for requests that have the same values of
them."""

from __future__ import annotations

from erstwhile.domain.policy.engine.indexed_layer import IndexedLayer
from erstwhile.domain.policy.evaluation.exemptions import KEY_ALIASES
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.evaluation.session_names import reads_session_name
from erstwhile.domain.policy.inputs.caller_keys import USER_ID


def keys_read(side: CallerSide, target: ResourceSide, action: str, resource: str) -> frozenset[str]:
    """The keys (lower case) that the statements about an action (lower case) on a resource may look at."""
    found: set[str] = set()
    if side.caller.kind == "role" and reads_session_name(side.caller, target):
        found.add(USER_ID)
    if target.rcp is not None and action.startswith("kms:"):
        found.update(KEY_ALIASES)
    layers: list[Layer | None] = [side.identity, side.boundary, side.session, target.policy]
    for guardrails in (side.scp, target.rcp):
        layers += guardrails.layers if guardrails is not None else ()
    for layer in layers:
        if layer is not None:
            assert isinstance(layer, IndexedLayer)
            found |= layer.keys_read(action, resource)
    return frozenset(found)

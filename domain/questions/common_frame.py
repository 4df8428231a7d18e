"""What decides about an account's principals alike: guardrails over the account, whose the resource is, and the
resource's policy as far as it names nobody of them."""

from __future__ import annotations

from typing import NamedTuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.engine.indexed_layer import IndexedLayer
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.guardrails import FULL_ACCESS
from erstwhile.domain.policy.inputs.request import Decision, Determining
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.held_statements import varies_by_caller

SHUT, USUAL, UNCLEAR, VARIES, OPEN_TO_ALL = range(5)
"""Whom identity policies allow it is denied for certain; allowed for certain; that depends on what is not known; on the
caller; it may be allowed even to those whom no identity policy allows it."""
_NOBODY = "\0"
"""The name of no principal, and of no policy."""


class Frame(NamedTuple):
    """Of one account. `allowing`: what allows it beside identity policies and a boundary."""

    state: int
    scp: Levels | None
    target: ResourceSide
    allowing: tuple[Determining, ...] = ()


def frame_of(directory: Directory, asked: Asked, resource: str, account: str) -> Frame:
    engine = engine_of(directory)
    request = asked.of("", resource)
    target, scp = engine.target(request, account), engine.policies.scp(account)
    layers: list[Layer] = [*(scp.layers if scp is not None else ()), *(target.rcp.layers if target.rcp else ())]
    if target.policy is not None:
        layers.append(target.policy)
    varies = varies_by_caller(resource, Context(asked.context, {}, {}, asked.mode == "discover"))
    action = asked.action.lower()
    if any(
        varies(compiled)
        for layer in layers
        for compiled, _, _ in layer.about(action)
        if not compiled.is_fixed and compiled.may_cover(resource)
    ):
        return Frame(VARIES, scp, target)

    def decided(identity: Layer) -> Decision:
        caller = Caller(f"arn:aws:iam::{account}:user/{_NOBODY}", "user", account)
        caller.known = engine.policies.add_known
        return evaluate(request, CallerSide(caller, identity, None, scp), target)

    if decided(IndexedLayer("identity", ())).effect not in ("implicit_deny", "explicit_deny"):
        return Frame(OPEN_TO_ALL, scp, target)
    best = decided(IndexedLayer("identity", [Source(_NOBODY, "", FULL_ACCESS)]))
    if best.effect == "conditional":
        return Frame(UNCLEAR, scp, target)
    if best.effect != "allow":
        return Frame(SHUT, scp, target)
    return Frame(USUAL, scp, target, tuple(each for each in best.determining if each.policy != _NOBODY))

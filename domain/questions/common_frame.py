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
from erstwhile.domain.policy.inputs.request import Decision, Determining, Residual
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
    """Of one account. Of a usual one, what decides beside identity policies and a boundary: what allows it, what would
    if its conditions held, the conditions on keys that are missing, and all keys that were missed."""

    state: int
    scp: Levels | None
    target: ResourceSide
    allowing: tuple[Determining, ...] = ()
    would_allow: tuple[Determining, ...] = ()
    residual: tuple[Residual, ...] = ()
    missing: frozenset[str] = frozenset()


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
    full = Source(_NOBODY, "", FULL_ACCESS)
    best = decided(IndexedLayer("identity", [full]))
    if best.effect == "conditional":
        return Frame(UNCLEAR, scp, target)
    if best.effect != "allow":
        return Frame(SHUT, scp, target)
    # Another policy, of which nothing is known, lets the decision tell what it rests on otherwise.
    open_one = decided(IndexedLayer("identity", [full], ("",)))
    told = [each for each in open_one.determining if each.policy != _NOBODY]
    allowing, would_allow = (
        tuple(each for each in told if (each.undecided is True) is is_open) for is_open in (False, True)
    )
    return Frame(USUAL, scp, target, allowing, would_allow, open_one.residual, frozenset(open_one.missing_context))

# mypyc: compiled
"""The policies that bear on one question, compiled as far as it needs them: what an instant of the past is asked once,
is not worth compiling whole policies for."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.evaluation.applicable import ApplicablePolicies
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.explain import Near, nearest
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.guardrails import Place, place_of
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.part import compile_about, compile_near
from erstwhile.domain.policy.language.statement import CompiledDocument

Compiled = dict[tuple[str, bool], CompiledDocument]
"""By document, and whether its ARNs are completed: what was compiled for a question before."""


class LayerAbout(Layer):
    """The statements about one action (lower case) and resource, and perhaps others. `kept`: the documents that were
    compiled before, for these."""

    def __init__(
        self, name: str, sources: Iterable[Source], why: Iterable[str], action: str, resource: str, kept: Compiled
    ) -> None:
        self._action = action
        self._resource = resource
        self._kept = kept
        super().__init__(name, sources, why)

    def compiled(self, document: str, completes: bool) -> CompiledDocument:
        found = self._kept.get((document, completes))
        if found is None:
            found = compile_about(document, completes, self._action, self._resource)
            self._kept[document, completes] = found
        return found


class LayerNear(Layer):
    """The statements that would allow an action (lower case) on a resource but for one part, and perhaps others."""

    def __init__(self, name: str, sources: Iterable[Source], why: Iterable[str], action: str, resource: str) -> None:
        self._action = action
        self._resource = resource
        super().__init__(name, sources, why)

    def compiled(self, document: str, completes: bool) -> CompiledDocument:
        return compile_near(document, completes, self._action, self._resource)


class PoliciesAbout(ApplicablePolicies):
    """As far as they speak of the action and resource of a request."""

    def __init__(self, directory: Directory, request: Request, kept: Compiled) -> None:
        super().__init__(directory)
        self._action = request.action.lower()
        self._resource = request.resource
        self._kept = kept
        self._places: dict[str, Place | None] = {}

    def place(self, account: str) -> Place | None:
        if account not in self._places:
            self._places[account] = place_of(self.directory, account)
        return self._places[account]

    def layer(self, name: str, held: Iterable[Source], why: Iterable[str] = ()) -> Layer:
        # Policies with principals are looked at whole: a role stands for the sessions that they name.
        if name in ("resource", "vpc_endpoint"):
            return Layer(name, held, why)
        return LayerAbout(name, held, why, self._action, self._resource, self._kept)


def decide_once(directory: Directory, request: Request) -> tuple[Decision, Near | None]:
    """What `authorize` and `why_not` answer; nothing is kept. Raises MalformedArn, UnknownPrincipal."""
    policies = PoliciesAbout(directory, request, {})
    side = policies.caller_side(request.principal)
    target = policies.resource_side(request, side.caller.account)
    decision = evaluate(request, side, target, policies.session_layer(request))
    if decision.allowed:
        return decision, None
    near = CallerSide(side.caller, _near(side.identity, request), _near(side.boundary, request))
    return decision, nearest(request, near, target)


def _near(layer: Layer | None, request: Request) -> Layer | None:
    if layer is None:
        return None
    return LayerNear(layer.name, layer.sources, (), request.action.lower(), request.resource)

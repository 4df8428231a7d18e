# mypyc: compiled
"""The policies that bear on one question, compiled as far as it needs them: what an instant of the past is asked once,
is not worth compiling whole policies for."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.evaluation.applicable import ApplicablePolicies
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.evaluation import PlacedStatement
from erstwhile.domain.policy.evaluation.explain import Near, nearest
from erstwhile.domain.policy.evaluation.layers import OF_IDENTITIES, Layer, Levels
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.guardrails import GuardrailType, Place, place_of
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.part import KnownStatements, statements_about, statements_near
from erstwhile.domain.policy.language.statement import CompiledStatement

Needed = dict[str, tuple[CompiledStatement, ...]]
"""By document: the statements of it that a question needs."""


class LayerOfSome(Layer):
    """A layer of policies about principals that has those of their statements which are needed."""

    def __init__(
        self,
        name: str,
        sources: Iterable[Source],
        why: Iterable[str],
        action: str,
        resource: str,
        found: Needed | None = None,
    ) -> None:
        """`action` in lower case. `found`: what was found for the same action and resource; it is added to."""
        found = {} if found is None else found
        self.name = name
        self.sources = tuple(sources)
        self.documents = []
        self.action = action
        self.resource = resource
        unread = list(why)
        placed: list[PlacedStatement] = []
        for source in self.sources:
            if source.document is None:
                unread.append(source.why or f"the document of {source.policy} was never seen")
                continue
            needed = found.get(source.document)
            if needed is None:
                try:
                    needed = found[source.document] = self.needed(source.document, source.known)
                except (MalformedDocument, UnknownOperator) as error:
                    unread.append(f"{source.policy} cannot be read: {error}")
                    continue
            placed += [(statement, source, name) for statement in needed]
        self.placed = tuple(placed)
        self.why = tuple(dict.fromkeys(unread))

    def needed(self, document: str, known: KnownStatements | None) -> tuple[CompiledStatement, ...]:
        """The statements of a document. Raises MalformedDocument, UnknownOperator."""
        if known is not None:
            return known.about(self.action, self.resource)
        return statements_about(document, self.action, self.resource)


class LayerNear(LayerOfSome):
    """The statements that would allow an action on a resource but for one part, and perhaps others."""

    def needed(self, document: str, known: KnownStatements | None) -> tuple[CompiledStatement, ...]:
        if known is not None:
            return known.near(self.action, self.resource)
        return statements_near(document, self.action, self.resource)


class PoliciesAbout(ApplicablePolicies):
    """As far as they speak of the action and resource of a request."""

    def __init__(
        self,
        directory: Directory,
        request: Request,
        needed: Needed | None = None,
        own: tuple[Layer | None, Layer | None] | None = None,
    ) -> None:
        """`needed`: what was found of documents for the same action and resource. `own`: the identity policies and the
        boundary of the principal, where these are known."""
        super().__init__(directory)
        self._own = own
        self._needed: Needed = {} if needed is None else needed
        self._action = request.action.lower()
        self._resource = request.resource
        self._places: dict[str, Place | None] = {}

    def add_policies(self, side: CallerSide, entity: Entity) -> None:
        if self._own is None:
            super().add_policies(side, entity)
        else:
            side.identity, side.boundary = self._own

    def place(self, account: str) -> Place | None:
        if account not in self._places:
            self._places[account] = place_of(self.directory, account)
        return self._places[account]

    def guardrails(self, name: str, account: str, kind: GuardrailType) -> Levels | None:
        """What is made of them is kept with the facts of the organisation."""
        place = self.place(account)
        kept = None if place is None else place.organization.found
        if place is None or kept is None:
            return super().guardrails(name, account, kind)
        found: tuple[Levels | None]
        of = ("layers", kind, place.nodes, place.is_management)
        found = kept.get(of) or kept.keep(of, (super().guardrails(name, account, kind),))
        return found[0]

    def layer(self, name: str, held: Iterable[Source], why: Iterable[str] = ()) -> Layer:
        # Policies with principals are looked at whole: a role stands for the sessions that they name.
        if name not in OF_IDENTITIES:
            return Layer(name, held, why)
        return LayerOfSome(name, held, why, self._action, self._resource, self._needed)


def decide_once(directory: Directory, request: Request) -> tuple[Decision, Near | None]:
    """What `authorize` and `why_not` answer; nothing is kept. Raises MalformedArn, UnknownPrincipal."""
    policies = PoliciesAbout(directory, request)
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

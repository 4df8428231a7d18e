"""The one function that decides: authorize(directory, request) -> Decision.

This first evaluator knows identity policies (inline, attached, through groups), permissions boundaries and
resource policies. Guardrails, session policies and trust policies are not evaluated yet.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import orjson

from domain.directory import Directory, Entity
from domain.policy import sources
from domain.policy.conditions import kleene_and, kleene_or
from domain.policy.evaluation import Evaluation, Layer
from domain.policy.principals import find_principal, find_resource
from domain.policy.request import Decision, Determining, Request

NO_LIMIT = Layer(True, False, [])
ROOT = Layer(
    True, False, [Determining(effect="Allow", policy="account root", statement=0, path=("root",), layer="root")]
)


def authorize(directory: Directory, request: Request) -> Decision:
    """Decides. Raises MalformedArn and UnknownPrincipal for a principal that cannot be asked about.

    An explicit deny settles it whatever else is unknown; an unknown document or principal otherwise makes
    the decision conditional and is named.
    """
    entity = find_principal(directory, request.principal)
    evaluation = Evaluation(directory, request, entity)
    on_resource = _on_resource(find_resource(directory, request.resource))
    resource = evaluation.layer(on_resource, "resource", with_principal=True)
    identity, boundary = (ROOT, NO_LIMIT) if entity is None else _of_principal(evaluation, directory, entity)

    denies = kleene_or((identity.denies, boundary.denies, resource.denies))
    decided = identity.determining + boundary.determining + resource.determining
    if denies is True:
        return Decision(effect="explicit_deny", determining=_those("Deny", decided))

    from_identity = kleene_and((identity.allows, boundary.allows))
    if evaluation.owner is None:
        # Whose resource it is decides whether its own policy must allow too.
        allows = kleene_and((from_identity, True if resource.allows is True else None))
        if allows is None:
            evaluation.missing.add("aws:ResourceAccount")
    elif evaluation.owner == evaluation.account:
        # Same account: either side is enough; a boundary does not limit what a resource grants by name.
        allows = kleene_or((from_identity, resource.allows))
    else:
        allows = kleene_and((from_identity, resource.allows))

    if allows is False:
        return Decision(effect="implicit_deny", blocked_by=_blocked_by(evaluation, identity, boundary, from_identity))
    if allows is None or denies is None:
        return Decision(
            effect="conditional",
            determining=_those("Allow", decided),
            missing_context=tuple(sorted(evaluation.missing)),
            unknown=tuple(dict.fromkeys(evaluation.unknown)),
        )
    return Decision(effect="allow", determining=_those("Allow", decided))


def _of_principal(evaluation: Evaluation, directory: Directory, entity: Entity) -> tuple[Layer, Layer]:
    """The identity policies of a user or role, and its permissions boundary."""
    identity = evaluation.layer(sources.identity_sources(directory, entity), "identity")
    hidden = sources.unknowns(directory, entity)
    evaluation.unknown += hidden
    fact = entity.items("boundary").get("")
    if fact is not None:
        boundary = evaluation.layer([sources.boundary_source(directory, entity, fact)], "permissions_boundary")
    else:
        boundary = NO_LIMIT._replace(allows=None) if hidden else NO_LIMIT
    if hidden:
        allows, denies = kleene_or((identity.allows, None)), kleene_or((identity.denies, None))
        identity = identity._replace(allows=allows, denies=denies)
    return identity, boundary


def _those(effect: str, decided: list[Determining]) -> tuple[Determining, ...]:
    return tuple(each for each in decided if each.effect == effect)


def _blocked_by(evaluation: Evaluation, identity: Layer, boundary: Layer, from_identity: bool | None) -> str:
    if identity.allows is True and boundary.allows is False:
        return "permissions_boundary"
    if from_identity is True and evaluation.owner not in (None, evaluation.account):
        return "resource"
    return ""


def _on_resource(resource: Entity | None) -> list[sources.Source]:
    if resource is None:
        return []
    here = (f"resource/{resource.id}",)
    found = [
        sources.Source(resource.id, "", fact.value["document"], here, fact.opened_by, fact.opened_by)
        for fact in resource.items("policy").values()
    ]
    for label, fact in resource.items("statement").items():
        statement = fact.value["statement"]
        text = None
        if statement is not None:
            text = f'{{"Version":"2012-10-17","Statement":[{orjson.dumps(orjson.loads(statement)).decode()}]}}'
        found.append(sources.Source(f"{resource.id}#{label}", "", text, here, fact.opened_by, fact.opened_by))
    return found

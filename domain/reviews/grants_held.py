"""The population of a review of accounts: every way by which a user or role has a policy, and everyone who may become a
role. A principal without any policy is a line, too: the population has all accounts (PCI DSS 4.0.1, 7.2.4)."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.policy.inputs.sources import managed
from erstwhile.domain.reviews.asked import AskedReview, Population, actions_allowed, trusted
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.vocabulary.instants import format_instant


def grants_held(population: Population, asked: AskedReview) -> Iterator[FrozenLine]:
    """The lines without numbers, reviewers and actors, in no order. `event` is that of the younger of the facts by
    which the principal has the policy."""
    entities = [
        entity
        for kind in asked.kinds
        for entity in population.directory.of_kind(kind)
        if entity.exists and (not asked.accounts or entity.account in asked.accounts)
    ]
    population.prepare(population.directory.arn_of(entity) for entity in entities)
    for entity in entities:
        yield from _of_principal(population, entity)
        if entity.kind == "role":
            yield from _trust(population, entity)


def _of_principal(population: Population, entity: Entity) -> Iterator[FrozenLine]:
    found = list(_own(population, entity, entity, "direct", ()))
    for group_id, joined in entity.group_ids.items():
        group = population.directory.get(entity.account, "group", group_id)
        if group is not None:
            found += _own(population, entity, group, "group", (joined,))
    yield from found
    existence = entity.existence
    if existence is None:
        return
    if not entity.is_covered:
        yield population.entity_line(
            entity, path="none", how="unknown", **_since((existence,)), use="cannot know",
            use_note="no source has shown its policies",
        )  # fmt: skip
    elif not found:
        yield population.entity_line(entity, path="none", **_since((existence,)), **_use(population, entity, ("*",)))


def _own(
    population: Population, entity: Entity, holder: Entity, path: str, joined: tuple[Fact, ...]
) -> Iterator[FrozenLine]:
    """The policies of a principal, or of a group that it is in."""
    via = {"via": holder.name, "via_id": holder.id} if path == "group" else {}
    for arn, fact in holder.attached_policies.items():
        document = managed(population.directory, arn, holder.account).document
        yield population.entity_line(
            entity, path=path, policy=arn, **via, **_since((fact, *joined)),
            **_use(population, entity, actions_allowed(document)),
        )  # fmt: skip
    for name, fact in holder.inline_policies.items():
        yield population.entity_line(
            entity, path="inline" if path == "direct" else path, policy=f"inline:{name}", **via,
            **_since((fact, *joined)), **_use(population, entity, actions_allowed(fact.value.get("document"))),
        )  # fmt: skip


def _trust(population: Population, role: Entity) -> Iterator[FrozenLine]:
    """Those whom the trust policy of a role names: a line each."""
    fact = role.trust_fact
    arn = population.directory.arn_of(role)
    if fact is None:
        return
    names = trusted(role.trust_policy)
    if names is None:
        yield population.entity_line(
            role, path="trust", policy="trust policy", via=arn, via_id=role.id, how="unknown", **_since((fact,)),
            use="cannot know", use_note="no source has shown whom its trust policy names",
        )  # fmt: skip
    for name in names or ():
        entity = _entity(population, name)
        told = {"path": "trust", "policy": "trust policy", "via": arn, "via_id": role.id} | _since((fact,))
        told |= population.use(arn)
        if told["use"] != "cannot know":
            told["use_note"] = "use of the role, by whomever"
        if entity is not None:
            yield population.entity_line(entity, **told)
        else:
            yield FrozenLine(number=0, account=role.account, principal=name, **told)  # type: ignore[arg-type]


def _entity(population: Population, name: str) -> Entity | None:
    try:
        found = find_principal(population.directory, name)
    except (MalformedArn, UnknownPrincipal):
        return None
    return found if found is not None and found.kind in ("user", "role") else None


def _use(population: Population, entity: Entity, actions: tuple[str, ...]) -> dict[str, str]:
    return population.use(population.directory.arn_of(entity), actions)


def _since(facts: tuple[Fact, ...]) -> dict[str, object]:
    """Since when all of some facts hold, and the event that made it so: that of the youngest."""
    last = max(facts, key=lambda each: (each.since, each.opened_by))
    return {"since": format_instant(last.since), "event": last.opened_by}

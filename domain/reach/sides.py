"""The policies of a principal that gained something; and policies with something left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.engine.decision_engine import DecisionEngine
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.caller import Caller, parse_caller
from erstwhile.domain.policy.inputs.caller_keys import OWN_KEYS
from erstwhile.domain.policy.inputs.guardrails import FULL_ACCESS
from erstwhile.domain.policy.inputs.sources import Source, find_policy, managed, own_sources, unknowns
from erstwhile.domain.reach.nodes import Gain
from erstwhile.domain.vocabulary.context_values import ContextDict

ANY_POLICY = "any policy"
"""What the answer calls the policy that a principal got."""


def way(source: Source) -> str:
    """The path by which a principal has a policy, as `Gain.what` says it: from the group on, where it is a group's."""
    return " > ".join(source.path[1:] if len(source.path) > 1 and "/" in source.path[0] else source.path)


def side_after(engine: DecisionEngine, principal: str, gains: Iterable[Gain]) -> CallerSide:
    """The side of a user or role that gained something, or is made anew. Raises MalformedArn, UnknownPrincipal."""
    kept = tuple(gains)
    if any(gain.kind == "made" for gain in kept):
        return _side_of_made(engine, principal, kept)
    before = engine.side(principal)
    entity = before.caller.entity
    found = CallerSide(before.caller, before.identity, before.boundary, before.scp, before.session)
    if entity is None or before.identity is None:
        return found
    directory = engine.directory
    held = list(_held(before))
    for gain in kept:
        if gain.kind == "no-boundary":
            found.boundary = None
        elif gain.kind == "within":
            found.boundary = _boundary_in_version(engine, found, gain.what)
        else:
            held = _gained(directory, entity, held, gain)
    found.identity = engine.policies.layer("identity", held, unknowns(directory, entity))
    return found


def _side_of_made(engine: DecisionEngine, principal: str, gains: Iterable[Gain]) -> CallerSide:
    """The side of a user or role that is made: its name may be any, so what follows from it is a condition."""
    caller = parse_caller(principal)

    def known(of: Caller, keys: ContextDict) -> None:
        engine.policies.add_known(of, keys)
        for key in OWN_KEYS:
            keys.pop(key, None)

    caller.known = known
    found = CallerSide(caller, scp=engine.policies.scp(caller.account))
    directory, here = engine.directory, f"{caller.kind}/*"
    held: list[Source] = []
    why: list[str] = []
    for gain in gains:
        if gain.kind == "any-policy":
            held.append(Source(ANY_POLICY, "", FULL_ACCESS, (here, ANY_POLICY)))
        elif gain.kind == "bounded":
            there = managed(directory, gain.what, caller.account)
            path = (here, f"boundary:{gain.what}")
            limit = Source(gain.what, there.version, there.document, path, defined_by=there.defined_by, why=there.why)
            found.boundary = engine.policies.layer("permissions_boundary", [limit])
        elif gain.kind == "joined":
            group = directory.named(caller.account, "group", gain.what)
            if group is not None:
                held += own_sources(directory, group, (here, f"group/{group.name}"))
                why += unknowns(directory, group)
    found.identity = engine.policies.layer("identity", held, why)
    return found


def _held(side: CallerSide) -> Iterable[Source]:
    """The principal's policies, each with the whole path by which it has it."""
    prefix = (side.path_prefix,) if side.path_prefix else ()
    for each in side.identity.sources if side.identity is not None else ():
        yield Source(
            each.policy, each.version, each.document, (*prefix, *each.path), each.granted_by, each.defined_by,
            each.saved, each.why,
        )  # fmt: skip


def _gained(directory: Directory, entity: Entity, held: list[Source], gain: Gain) -> list[Source]:
    here = f"{entity.kind}/{entity.name}"
    match gain.kind:
        case "any-policy":
            return [*held, Source(ANY_POLICY, "", FULL_ACCESS, (here, ANY_POLICY))]
        case "without":
            return [each for each in held if not f"{way(each)} > ".startswith(f"{gain.what} > ")]
        case "joined":
            group = directory.named(entity.account, "group", gain.what)
            return held if group is None else [*held, *own_sources(directory, group, (here, f"group/{group.name}"))]
        case _:
            return [_in_version(directory, each, gain.what) for each in held]


def _boundary_in_version(engine: DecisionEngine, side: CallerSide, what: str) -> Layer | None:
    """The boundary with another of its versions in force."""
    if side.boundary is None:
        return None
    sources = [_in_version(engine.directory, each, what) for each in side.boundary.sources]
    return engine.policies.layer("permissions_boundary", sources)


def _in_version(directory: Directory, source: Source, what: str) -> Source:
    """A policy with another of its versions in force, if it is the one that is meant."""
    arn, _, version = what.rpartition("@")
    policy = find_policy(directory, arn)
    if source.policy != arn or policy is None or version not in policy.versions:
        return source
    fact = policy.versions[version]
    document: str | None = fact.value["document"]
    return Source(arn, version, document, source.path, source.granted_by, fact.opened_by, source.saved)


def without_unknown(engine: DecisionEngine, side: CallerSide, target: ResourceSide) -> tuple[CallerSide, ResourceSide]:
    """The same with nothing in the place of what is not known: what is allowed then rests on something that is."""

    def known(layer: Layer | None) -> Layer | None:
        if layer is None or not layer.why:
            return layer
        return engine.policies.layer(layer.name, [each for each in layer.sources if each.document is not None])

    found = CallerSide(side.caller, known(side.identity), side.boundary, side.scp, side.session)
    if found.boundary is not None and found.boundary.why and not found.boundary.sources:
        found.boundary = None
    found.path_prefix = side.path_prefix
    there = ResourceSide(
        target.owner, known(target.policy), target.rcp, target.vpc_endpoint, target.keys, target.is_common
    )
    return found, there


def with_sources(engine: DecisionEngine, side: CallerSide, changed: Callable[[Source], Source | None]) -> CallerSide:
    """The side with its identity policies changed, or left out where the function returns None."""
    found = CallerSide(side.caller, side.identity, side.boundary, side.scp, side.session)
    if side.identity is not None:
        held = [each for each in (changed(source) for source in _held(side)) if each is not None]
        entity = side.caller.entity
        why = unknowns(engine.directory, entity) if entity is not None else side.identity.why
        found.identity = engine.policies.layer("identity", held, why)
    return found

"""Actions that are alike: of the same service, with the same statements about them, on both sides. How much of a
pattern a principal may is computed once for all of them."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.exemptions import (
    BUCKET_POLICY,
    NEEDS_NO_PERMISSION,
    OUTSIDE_RCP,
    WITHOUT_CREDENTIALS,
    has_own_rules,
)
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import Asked, is_pattern
from erstwhile.domain.questions.asked_pattern import layers_there
from erstwhile.domain.questions.own_patterns import Own, context_of, layers_of
from erstwhile.domain.questions.principal_reach import Reach, Reaching, allowed_patterns, reach
from erstwhile.domain.questions.resource_reach import Share

_APART = BUCKET_POLICY | NEEDS_NO_PERMISSION | OUTSIDE_RCP | WITHOUT_CREDENTIALS
"""Actions (lower case) with rules that other actions of their services do not have."""
_Statements = tuple[CompiledStatement, ...]


def speaks_of_service(compiled: CompiledStatement, service: str) -> bool:
    """Whether a statement may be about actions of a service (lower case)."""
    named = services_named(compiled)
    return named is None or service in named


@lru_cache(maxsize=16_384)
def services_named(compiled: CompiledStatement) -> frozenset[str] | None:
    """The services (lower case) whose actions a statement may be about; None where it may be about any."""
    if compiled.statement.actions is None:
        return None
    found = set()
    for action in compiled.statement.actions:
        prefix, colon, _ = action.lower().partition(":")
        if not colon or "*" in prefix or "?" in prefix:
            return None
        found.add(prefix)
    return frozenset(found)


class Alike:
    """What one principal may, action by action.

    `at_all`: only whether it may something of a pattern is asked; it is not looked at how much of it, and a `Reach`
    says no more than that."""

    def __init__(
        self, directory: Directory, principal: str, side: CallerSide, effort: Effort, at_all: bool = False
    ) -> None:
        self._engine = engine_of(directory)
        self._side = side
        self._effort = effort
        self._at_all = at_all
        self._reaching = Reaching(directory, principal, side, effort, at_all)
        self._service = ""
        self._speaking: list[tuple[CompiledStatement, bool]] = []
        """The statements that may speak of the service that was asked about last, and whether they are of limits."""
        self._owns: dict[_Statements, Own] = {}
        self._layers: dict[tuple[str, str | None], list[Layer]] = {}
        self._extents: dict[Hashable, Share] = {}

    def reaches(self, action: str) -> tuple[Reach, ...]:
        """What its own policies allow of an action, within its limits. Raises TooManyParts."""
        lowered = action.lower()
        self._listen_to(lowered.partition(":")[0])
        self._effort.spend(len(self._speaking))
        about = [each for each in self._speaking if each[0].speaks_of(lowered)]
        statements = tuple(compiled for compiled, _ in about)
        asked = Asked(action=action)
        own = self._owns.get(statements)
        if own is None:
            own = self._owns[statements] = Own(statements, context_of(self._side, asked), self._effort)
        identity = [compiled for compiled, is_limit in about if not is_limit]
        found = [self._reach(pattern, asked, own) for pattern in allowed_patterns(self._side, asked, identity)]
        return tuple(each for each in found if each is not None)

    def _listen_to(self, service: str) -> None:
        if service == self._service:
            return
        self._service = service
        self._speaking = [
            (compiled, layer is not self._side.identity)
            for layer in layers_of(self._side)
            for _, compiled in layer.statements()
            if speaks_of_service(compiled, service)
        ]

    def _reach(self, pattern: str, asked: Asked, own: Own) -> Reach | None:
        if pattern == "*":
            asked = msgspec.structs.replace(asked, resource_account=self._side.caller.account)
        extents = []
        for region in self._reaching.regions(pattern, asked.action):
            extents.append(self._extent(region, asked, own))
            if self._at_all and extents[-1].how != "none":
                break
        return reach(pattern, extents)

    def _extent(self, region: str, asked: Asked, own: Own) -> Share:
        lowered = asked.action.lower()
        if has_own_rules(lowered) or lowered in _APART:
            return self._reaching.extent(region, asked, own)
        layers = self._layers_there(region, asked)
        self._effort.spend(len(layers))
        there = tuple(compiled for layer in layers for compiled, _, _ in layer.about(lowered))
        key = (self._service, region, asked.resource_account, own, there)
        found = self._extents.get(key)
        if found is None:
            found = self._extents[key] = self._reaching.extent(region, asked, own)
        return found

    def _layers_there(self, region: str, asked: Asked) -> list[Layer]:
        """The policies on the resources' side, whatever they are about."""
        key = (region, asked.resource_account)
        found = self._layers.get(key)
        if found is None:
            known = self._reaching.known.inside(region, self._effort).entities if is_pattern(region) else []
            arns = [entity.arn for entity in known] if is_pattern(region) else [region]
            targets: list[ResourceSide] = [self._target(asked, arn) for arn in arns]
            found = self._layers[key] = list(layers_there([*targets, self._target(asked, self._nowhere(asked))]))
        return found

    def _target(self, asked: Asked, arn: str) -> ResourceSide:
        return self._engine.target(asked.of("", arn), self._side.caller.account)

    def _nowhere(self, asked: Asked) -> str:
        return f"arn:aws:x::{asked.resource_account or self._side.caller.account}:x"

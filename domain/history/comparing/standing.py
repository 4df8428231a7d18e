"""A principal at one instant: the statements that bear on it, and what it may."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.comparing.outcome import DENIED, Outcome, outcome_of
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.exemptions import needs_resource_policy
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import Statement
from erstwhile.domain.policy.language.statement import CompiledStatement

Content = tuple[object, ...]
"""What a statement says, without its name and place."""


class Said(NamedTuple):
    """A statement where it stands: in which layer, and in which level of it."""

    place: tuple[str, int]
    content: Content
    compiled: CompiledStatement
    source: Source


@lru_cache(maxsize=65_536)
def content_of(statement: Statement) -> Content:
    """Two statements of one content say the same."""

    def texts(values: tuple[str, ...] | None, lower: bool = False) -> frozenset[str] | None:
        return None if values is None else frozenset(value.lower() if lower else value for value in values)

    return (
        statement.allows,
        texts(statement.actions, True),
        texts(statement.not_actions, True),
        texts(statement.resources),
        texts(statement.not_resources),
        None if statement.principals is None else frozenset(statement.principals),
        None if statement.not_principals is None else frozenset(statement.not_principals),
        frozenset((each.operator.lower(), each.key.lower(), frozenset(each.values)) for each in statement.conditions),
        statement.has_variables,
    )


def forget_contents() -> None:
    """Of the statements of one comparison, another one meets few again: what was made of them takes tens
    of megabytes."""
    content_of.cache_clear()


def said_in(layers: list[Layer]) -> list[Said]:
    """The statements of layers that stand in this order."""
    return [
        Said((layer.name, level), content_of(compiled.statement), compiled, source)
        for level, layer in enumerate(layers)
        for compiled, source, _ in layer.placed
    ]


class Standing:
    """Raises MalformedArn, UnknownPrincipal."""

    def __init__(self, directory: Directory, arn: str, other: Directory | None = None) -> None:
        """`other`: the Directory of another instant, which may know whose a resource is."""
        self.directory = directory
        self.other = other or directory
        self.arn = arn
        self.side = engine_of(directory).side(arn)
        self.caller = self.side.caller
        limits = self.target("", f"arn:aws:x::{self.caller.account}:x").rcp
        levels = list(self.side.scp.layers) if self.side.scp is not None else []
        own = [layer for layer in (self.side.identity, self.side.boundary) if layer is not None]
        self.said = [*said_in(own), *said_in(levels)]
        self._layers = [*own, *levels, *(limits.layers if limits is not None else ())]
        self.said_of_resources = said_in(list(limits.layers)) if limits is not None else []
        """The resource control policies over the resources of its own account."""
        self.has_limits = limits is not None
        self._levels_of_resources = len(limits.layers) if limits is not None else None

    @property
    def shape(self) -> object:
        """What of the caller's side no statement tells: which layers there are, and what of them is not known."""
        caller = self.caller
        return (self.arn, caller.kind, caller.begun, caller.is_service_linked, *self.layers_known)

    @property
    def layers_known(self) -> tuple[object, ...]:
        """Which layers there are, and what of them is not known."""
        side = self.side
        return (
            side.identity is None,
            side.boundary is not None,
            len(side.scp.layers) if side.scp is not None else None,
            self._levels_of_resources,
            *(tuple(sorted(layer.why)) for layer in self._layers),
        )

    def leave_out(self, bears: Callable[[CompiledStatement], bool]) -> None:
        """Leaves the statements out of `said` that do not bear: these decide as before."""
        self.said = [each for each in self.said if bears(each.compiled)]

    def context(self) -> Context:
        """What variables in patterns are replaced from."""
        return Context({}, self.caller.keys, {}, True)

    def request(self, action: str, resource: str) -> Request:
        """A resource whose account neither its ARN nor a Directory tells counts as one of the principal's own."""
        account = None
        is_open = resource != "*" and self.caller.account and not owner_of(resource, "")
        if is_open and not find_resources(self.directory, resource):
            known = find_resources(self.other, resource)
            account = known[0].account if known else self.caller.account
        return Request(principal=self.arn, action=action, resource=resource, resource_account=account, mode="discover")

    def target(self, action: str, resource: str) -> ResourceSide:
        return engine_of(self.directory).target(self.request(action, resource), self.caller.account)

    def outcome(self, action: str, resource: str) -> Outcome:
        if self._is_not_there(action, resource):
            return DENIED
        request = self.request(action, resource)
        decision = authorize(self.directory, request)
        if decision.effect != "conditional":
            return outcome_of(decision, self.side, _NOWHERE)
        found = outcome_of(decision, self.side, engine_of(self.directory).target(request, self.caller.account))
        # One resource answers for others.
        unknown = tuple(text.replace(f" {resource} ", " the resource ") for text in found.unknown)
        return msgspec.structs.replace(found, unknown=unknown)

    def _is_not_there(self, action: str, resource: str) -> bool:
        """Whether it is about a role or key that is there at the other instant only: nothing can be done to it, where
        otherwise its policy would be unknown."""
        return (
            self.other is not self.directory
            and needs_resource_policy(action.lower(), resource)
            and not find_resources(self.directory, resource)
            and bool(find_resources(self.other, resource))
        )


class Absent(Standing):
    """A principal at an instant at which it is not there, made from what it is at another: it may nothing."""

    def __init__(self, other: Standing) -> None:
        super().__init__(other.directory, other.arn, other.other)
        self.said = []
        self.said_of_resources = []

    @property
    def shape(self) -> object:
        return None

    def outcome(self, action: str, resource: str) -> Outcome:
        return DENIED


def absent(other: Standing | None) -> Absent:
    assert other is not None
    return Absent(other)


_NOWHERE = ResourceSide(None)

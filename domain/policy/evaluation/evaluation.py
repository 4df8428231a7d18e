# mypyc: compiled
"""One request on its way through the layers, and the statements that it meets."""

from __future__ import annotations

from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.context import Context
from erstwhile.domain.policy.inputs.request import Determining, Request
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.kleene import Kleene
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.context_values import ContextDict

Standing = tuple[CompiledStatement, Source, str]
"""A statement where it stands: the policy that has it, and the layer."""


class Evaluation:
    """Who asks for what, and what was found so far."""

    __slots__ = (
        "_context",
        "_resource_keys",
        "allowing",
        "beyond",
        "caller",
        "denies",
        "denying",
        "has_boundary",
        "request",
        "resource",
        "undecided",
        "unknown",
    )

    def __init__(
        self, request: Request, caller: Caller, resource_keys: ContextDict, has_boundary: bool = False
    ) -> None:
        self.request = request
        self.resource = request.resource
        self.caller = caller
        self.has_boundary = has_boundary
        self.denies: Kleene = False
        self.allowing: list[Standing] = []
        self.beyond: list[Determining] = []
        """What allows although no statement says so."""
        self.denying: list[Standing] = []
        self.unknown: list[str] = []
        self.undecided: list[Standing] = []
        self._resource_keys = resource_keys
        self._context: Context | None = None

    @property
    def context(self) -> Context:
        """Made when a condition or variable first asks."""
        if self._context is None:
            self._context = Context(self.request, self.caller.keys, self._resource_keys)
        return self._context

    @property
    def missing(self) -> set[str]:
        return set() if self._context is None else self._context.missing


def determining(standing: Standing, prefix: str = "") -> Determining:
    """The statement as an answer tells it. `prefix`: how the paths of the caller's identity policies begin, where
    these are kept for several callers at once."""
    statement, source, layer = standing
    return Determining(
        effect="Allow" if statement.allows else "Deny",
        policy=source.policy,
        version=source.version,
        statement=statement.statement.index,
        sid=statement.statement.sid,
        path=(prefix, *source.path) if prefix and layer == "identity" else source.path,
        granted_by=source.granted_by,
        defined_by=source.defined_by,
        layer=layer,
    )

"""What is asked of the engine, and what it answers."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from erstwhile.domain.vocabulary.context_values import ContextValues

Effect = Literal["allow", "explicit_deny", "implicit_deny", "conditional"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """May this principal do this action on this resource?

    `resource_account` None: not said; it is then looked
    for in the ARN and the Directory, and never assumed to be the caller's. `mode` strict: a missing key is
    absent, as AWS has it; discover: it makes the decision conditional. `session_policies` are the documents
    that were passed when the session began; None: none were.
    """

    principal: str
    action: str
    resource: str
    resource_account: str | None = None
    context: ContextValues = {}
    session_policies: tuple[str, ...] | None = None
    mode: Literal["strict", "discover"] = "strict"


def as_values(value: Any) -> tuple[str, ...]:
    """A context key's value or values as texts. Raises ValueError for what is neither text, number nor boolean."""
    return tuple(_text(item) for item in (value if isinstance(value, list | tuple) else (value,)))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise ValueError(f"expected a string, number, boolean, or a list of such, not {type(value).__name__}")


class Residual(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A condition on a key that was not given: whether it holds decides about its statement."""

    effect: str
    policy: str
    statement: int
    operator: str
    key: str
    values: tuple[str, ...]


class Determining(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A statement that decided: where it stands, and the path by which the principal has it. `undecided`: it would
    allow the request if its conditions held, which depends on keys that were not given."""

    effect: str  # Allow, Deny
    policy: str  # ARN, or inline:NAME
    version: str = ""
    statement: int
    sid: str = ""
    path: tuple[str, ...] = ()
    granted_by: int = 0  # position of the event that gave the principal this policy
    defined_by: int = 0  # position of the event that put these words in force
    layer: str = "identity"  # rcp, scp, vpc_endpoint, resource, identity, permissions_boundary, session
    undecided: bool | msgspec.UnsetType = msgspec.UNSET


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer, with what it rests on.

    `missing_context` names the keys that would settle a conditional decision, `residual` the conditions on
    them, `unknown` the documents and principals about which too little is known, `blocked_by` the layers that
    deny, or that do not allow and would have to.
    """

    effect: Effect
    determining: tuple[Determining, ...] = ()
    missing_context: tuple[str, ...] = ()
    residual: tuple[Residual, ...] = ()
    unknown: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.effect == "allow"

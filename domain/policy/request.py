"""What is asked of the engine, and what it answers."""

from __future__ import annotations

from typing import Literal

import msgspec

Effect = Literal["allow", "explicit_deny", "implicit_deny", "conditional"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """May this principal do this action on this resource?

    `context` maps lower-case condition keys to values. `resource_account` None: not said; it is then looked
    for in the ARN and the Directory, and never assumed to be the caller's. `mode` strict: a missing key is
    absent, as AWS has it; discover: it makes the decision conditional.
    """

    principal: str
    action: str
    resource: str
    resource_account: str | None = None
    context: dict[str, tuple[str, ...]] = {}
    mode: Literal["strict", "discover"] = "strict"


class Determining(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that decided: where it stands, and the path by which the principal has it."""

    effect: str  # Allow, Deny
    policy: str  # ARN, or inline:NAME
    version: str = ""
    statement: int
    sid: str = ""
    path: tuple[str, ...] = ()
    granted_by: int = 0  # position of the event that gave the principal this policy
    defined_by: int = 0  # position of the event that put these words in force
    layer: str = "identity"  # identity, permissions_boundary, resource


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, with what it rests on.

    `missing_context` names the keys that would settle a conditional decision, `unknown` the documents and
    principals about which too little is known.
    """

    effect: Effect
    determining: tuple[Determining, ...] = ()
    missing_context: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    blocked_by: str = ""

    @property
    def allowed(self) -> bool:
        return self.effect == "allow"

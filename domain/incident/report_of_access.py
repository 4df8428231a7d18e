"""The sections of a report about what principals could do, and what of that they did."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from erstwhile.domain.incident.parts import Act, Section, Sure


class ServiceLevel(Struct, frozen=True, kw_only=True):
    """How many actions of a service and access level: those that it could do, of those that there are."""

    service: str
    level: str
    actions: int
    of: int


class SensitiveAction(Struct, frozen=True, kw_only=True):
    """An action of the list, and on which resources: patterns, or parts of them."""

    action: str
    why: str
    resources: tuple[str, ...]


class CouldPeriod(Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """An interval in which nothing of a principal's permissions changed. `exists`: whether it was there;
    `is_everything`: every action on every resource, so that `services` lists none. `sure`: inferred from the policies
    that are on record; unknown where some are not."""

    since: datetime
    until: datetime
    exists: bool
    is_root: bool
    is_everything: bool
    changed_by: tuple[Act, ...]
    sensitive: tuple[SensitiveAction, ...]
    services: tuple[ServiceLevel, ...]
    notes: tuple[str, ...]
    sure: Sure


class CouldPrincipal(Struct, frozen=True, kw_only=True):
    principal: str
    unique_id: str
    periods: tuple[CouldPeriod, ...]


class Could(Section, frozen=True, kw_only=True, tag="could"):
    """What it could do by its own policies within its limits, at any time of the window."""

    principals: tuple[CouldPrincipal, ...]


class CouldDid(Struct, frozen=True, kw_only=True):
    """Of one principal, service and access level: how many actions it could do, and how many it did. `unused`: the
    sensitive ones of the rest; `beyond`: actions it did that no policy of its own is known to allow."""

    principal: str
    service: str
    level: str
    could: int
    did: int
    unused: tuple[str, ...]
    beyond: tuple[str, ...]
    sure: Sure


class CouldAgainstDid(Section, frozen=True, kw_only=True, tag="could_against_did"):
    lines: tuple[CouldDid, ...]


class ReachStep(Struct, frozen=True, kw_only=True):
    """One step of a path. `family`: the kind of step, as `erstwhile reach` names it."""

    source: str
    target: str
    family: str
    how: str


class ThroughReachLine(Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """A principal that another could have become, by a shortest path, and the first interval in which it could."""

    principal: str
    target: str
    is_administrator: bool
    how: str
    since: datetime
    until: datetime
    steps: tuple[ReachStep, ...]
    conditions: tuple[str, ...]
    sure: Sure


class ThroughReach(Section, frozen=True, kw_only=True, tag="reach"):
    """Who it could have become: what these could do, it could."""

    lines: tuple[ThroughReachLine, ...]

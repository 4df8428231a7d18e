"""What a family of edges says: which actions it needs, on what, and what it yields."""

from __future__ import annotations

from typing import Literal, NamedTuple

from erstwhile.domain.reach.catalogue.pages import page_of

Kind = Literal[
    "assume", "federated", "credential", "trust", "gain", "new-principal", "new-service", "existing-service", "lead"
]
GainKind = Literal["any-policy", "no-boundary", "without", "joined", "version", "made", "bounded", "within"]

TARGET = "target"
"""The principal that the edge leads to."""
NEW = "new"
"""A user or role that is made: each need is asked of one and the same free name."""
NEW_GROUP = "new-group"
"""A group that is made, in the same way."""
GROUP = "group"
"""A group that it is in, or, for a family that makes it join one, that it is not in."""
POLICY = "policy"
"""A managed policy of the account that it, or a group of it, has; or that bounds it."""
RUNNING = "running"
"""A resource that runs as the role."""
PROFILE = "instance-profile"
"""An instance profile of the account, to be made."""
NO_RESOURCE = "*"
"""What actions are asked of that are about no resource."""


class Need(NamedTuple):
    """One action that must be allowed. `on`: one of the words above, or a pattern, after the account: `function:*`; the
    resource is then one of the source's account and of the action's service. Needs of one pattern must be allowed on
    one and the same resource."""

    action: str
    on: str
    given: tuple[tuple[str, str], ...] = ()
    """Condition keys that the request has, with their values; `{partition}` is filled in."""


class Family(NamedTuple):
    """`of`: what may be the target. `trusted`: the service that the role must trust, for `trusted_action`. `gain`: what
    the target has after it. `where`: what must be so of the target, in the words of `openings`."""

    id: str
    kind: Kind
    service: str
    needs: tuple[Need, ...]
    yields: str
    of: tuple[str, ...] = ("role",)
    trusted: str = ""
    trusted_action: str = "sts:AssumeRole"
    gain: GainKind | None = None
    where: str = ""
    terms: tuple[str, ...] = ()
    """Conditions that no policy says, in words."""

    @property
    def source(self) -> str:
        """AWS's page about what it does: that of its last action."""
        return page_of(self.needs[-1].action)

# mypyc: compiled
"""The policies that bear on a request, on its two sides: the caller's and the resource's."""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.evaluation import PlacedStatement
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.vocabulary.context_values import ContextDict


class CallerSide:
    """The caller, its policies and what limits them. None: that layer does not apply."""

    __slots__ = ("boundary", "caller", "identity", "path_prefix", "scp", "session")

    def __init__(
        self,
        caller: Caller,
        identity: Layer | None = None,
        boundary: Layer | None = None,
        scp: Levels | None = None,
        session: Layer | None = None,
    ) -> None:
        self.caller = caller
        self.identity = identity
        self.boundary = boundary
        self.scp = scp
        self.session = session
        self.path_prefix = ""
        """What stands before the paths of the identity policies (`user/ada`), where the layer is several callers'."""

    def determining(self, placed: PlacedStatement) -> Determining:
        """A statement as an answer names it, with the path by which the caller has it."""
        statement, source, layer = placed
        has_prefix = self.path_prefix and layer == "identity"
        return Determining(
            effect="Allow" if statement.allows else "Deny",
            policy=source.policy,
            version=source.version,
            statement=statement.statement.index,
            sid=statement.statement.sid,
            path=(self.path_prefix, *source.path) if has_prefix else source.path,
            granted_by=source.granted_by,
            defined_by=source.defined_by,
            layer=layer,
        )


class ResourceSide:
    """The owner of the resource, and the policies on it and on the way to it. None: that layer does not apply."""

    __slots__ = ("has_policies", "is_common", "keys", "owner", "policy", "rcp", "vpc_endpoint")

    def __init__(
        self,
        owner: str | None,
        policy: Layer | None = None,
        rcp: Levels | None = None,
        vpc_endpoint: Layer | None = None,
        keys: ContextDict | None = None,
        is_common: bool = False,
    ) -> None:
        self.owner = owner
        """The account that owns it; None where it is not known."""
        self.is_common = is_common
        """Whether its ARN has no account, and it no policy of its own: the caller's account alone has a say."""
        self.policy = policy
        self.rcp = rcp
        self.vpc_endpoint = vpc_endpoint
        self.has_policies = policy is not None or rcp is not None or vpc_endpoint is not None
        self.keys: ContextDict = keys or {}
        """Condition keys that follow from the resource."""
        if owner is not None:
            self.keys.setdefault("aws:resourceaccount", (owner,))

# mypyc: compiled
"""AWS's evaluation logic: how what the layers say becomes one answer.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html with
…_policy-eval-basics.html, …_policy-eval-denyallow.html, …_policy-eval-basics-cross-account… and
access_policies_boundaries.html#access_policies_boundaries-eval-logic; for keys, the KMS developer guide's
"Troubleshooting key access"; for roles, access_policies-cross-account-resource-access.html.
"""

from __future__ import annotations

from erstwhile.domain.policy.inputs.caller import AS_ACCOUNT, AS_ROLE
from erstwhile.domain.policy.language.kleene import Kleene, kleene_and, kleene_or


class Grants:
    """What a policy with principals gives the caller, by how it names it: directly, by its role, by its account."""

    __slots__ = ("as_account", "as_role", "directly")

    def __init__(self) -> None:
        self.directly: Kleene = False
        self.as_role: Kleene = False
        self.as_account: Kleene = False

    def by_any_name(self) -> Kleene:
        return kleene_or((self.directly, self.as_role, self.as_account))

    def settle(self, strength: int) -> bool:
        """Whether another statement that names the caller this strongly would add nothing to what is given for
        certain."""
        if self.directly is True or (self.as_role is True and strength <= AS_ROLE):
            return True
        return self.as_account is True and strength <= AS_ACCOUNT


class Verdicts:
    """What each layer says. None: not known. A layer that does not apply allows."""

    __slots__ = (
        "boundary", "grants", "identity", "needs_resource", "possible", "rcp", "same_account", "scp", "session",
        "vpc_endpoint",
    )  # fmt: skip

    def __init__(self) -> None:
        self.grants = Grants()
        """Of the resource's policy."""
        self.identity: Kleene = False
        self.boundary: Kleene = True
        self.session: Kleene = True
        self.scp: Kleene = True
        self.rcp: Kleene = True
        self.vpc_endpoint: Kleene = True
        self.same_account: Kleene = True
        self.needs_resource = False
        self.possible = True
        """Whether AWS lets any policy allow it."""

    def allows(self) -> Kleene:
        """Whether the request is allowed as far as no statement denies it."""
        # Guardrails and endpoint policies never grant; without their leave nothing does.
        guards = kleene_and((self.possible, self.rcp, self.scp, self.vpc_endpoint))
        if guards is False:
            return False
        if self.same_account is None:
            same, cross = self._same_account(), self._cross_account()
            granted = same if same == cross else None
        else:
            granted = self._same_account() if self.same_account else self._cross_account()
        return kleene_and((guards, granted))

    def _by_identity(self) -> Kleene:
        # Identity policies grant what boundary and session policies allow too.
        return kleene_and((self.identity, self.boundary, self.session))

    def _same_account(self) -> Kleene:
        by_resource = kleene_or(
            (
                # The user, the role session or everybody is named: a boundary or session policy limits it no more.
                self.grants.directly,
                # The role is named: the implicit denies of its boundary and session policy still count.
                kleene_and((self.grants.as_role, self.boundary, self.session)),
            )
        )
        if self.needs_resource:
            # Keys and roles: identity policies count only where the resource's policy lets the account decide.
            return kleene_or((by_resource, kleene_and((self.grants.by_any_name(), self._by_identity()))))
        # Either side is enough.
        return kleene_or((by_resource, self._by_identity()))

    def _cross_account(self) -> Kleene:
        # Both accounts must agree; on the resource's side the account's name is enough.
        return kleene_and((self._by_identity(), self.grants.by_any_name()))

    def blocked_by(self) -> tuple[str, ...]:
        """The layers that do not allow and would have to, of a request that is implicitly denied."""
        guards = (("aws", self.possible), ("rcp", self.rcp), ("scp", self.scp), ("vpc_endpoint", self.vpc_endpoint))
        found = [name for name, says in guards if says is False]
        by_resource = self.grants.by_any_name()
        if (self._cross_account() if self.same_account is False else self._same_account()) is True:
            return tuple(found)
        if by_resource is not True and (self.needs_resource or self.same_account is False):
            found.append("resource")
        own = (("identity", self.identity), ("permissions_boundary", self.boundary), ("session", self.session))
        # A resource policy that names the role needs no identity policy beside it, within the account.
        is_granted = self.same_account is not False and self.grants.as_role is True
        found += [name for name, says in own if says is False and not (name == "identity" and is_granted)]
        return tuple(found)

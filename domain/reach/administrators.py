"""Who is an administrator: may do everything on everything in its account, as far as the guardrails leave that to
anybody.

It is decided by probes: one request of each sort below, about things that do not exist and so have no policies of
their own. A principal is an administrator if the engine allows it every probe that it allows the account's root. One
probe is of a service that there is not, which only a policy that allows all services matches.
"""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.inputs.sources import own_sources
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.questions.held_statements import follows_from_caller
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.nodes import Gain, Node
from erstwhile.domain.reach.questions import RANK, How, Questions

ANY_POLICY = Gain("any-policy")
_NAME = "erstwhile-probe"
PROBES: tuple[tuple[str, str], ...] = (
    ("iam:PutUserPolicy", "arn:{partition}:iam::{account}:user/" + _NAME),
    ("iam:AttachRolePolicy", "arn:{partition}:iam::{account}:role/" + _NAME),
    ("iam:CreatePolicyVersion", "arn:{partition}:iam::{account}:policy/" + _NAME),
    ("iam:PassRole", "arn:{partition}:iam::{account}:role/" + _NAME),
    ("s3:GetObject", "arn:{partition}:s3:::" + _NAME + "/key"),
    ("secretsmanager:GetSecretValue", "arn:{partition}:secretsmanager:us-east-1:{account}:secret:" + _NAME),
    ("ec2:TerminateInstances", "arn:{partition}:ec2:us-east-1:{account}:instance/i-0000000000"),
    ("lambda:UpdateFunctionCode", "arn:{partition}:lambda:us-east-1:{account}:function:" + _NAME),
    ("rds:DeleteDBInstance", "arn:{partition}:rds:us-east-1:{account}:db:" + _NAME),
    (_NAME + ":Anything", "*"),
)


_ALL = (1 << len(PROBES)) - 1


class Administrators:
    """Of one Directory."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._left: dict[str, list[tuple[Ask, Decision]]] = {}
        self._known: dict[Node, How] = {}
        self._any_policy: dict[str, How] = {}
        """Of principals with any policy that nothing of their own limits, by account."""
        self._by_caller: dict[str, bool] = {}
        self._of_groups: dict[tuple[str, str], int] = {}
        self._of_principals: dict[str, int] = {}

    def probes(self, account: str) -> list[tuple[Ask, Decision]]:
        """The probes that an account's root is allowed, perhaps under a condition, and how."""
        found = self._left.get(account)
        if found is None:
            directory = self._questions.directory
            partition = directory.partition(account)
            root = Node(f"arn:{partition}:iam::{account}:root")
            found = []
            for action, pattern in PROBES:
                ask = Ask((action,), pattern.format(partition=partition, account=account), (), account)
                decision = self._questions.decide(root, action, ask.resource, ask)
                if decision.effect in ("allow", "conditional"):
                    found.append((ask, decision))
            self._left[account] = found
        return found

    def how(self, node: Node, account: str) -> How:
        """Whether a user or role is an administrator. Raises MalformedArn, UnknownPrincipal."""
        found = self._known.get(node)
        if found is None:
            is_plain = ANY_POLICY in node.gains and not self._is_limited(node)
            found = self._any_policy.get(account) if is_plain else None
            if found is None:
                found = self._how(node, account)
            if is_plain:
                self._any_policy[account] = found
            self._known[node] = found
        return found

    def may_join(self, node: Node, account: str) -> bool:
        """Whether a principal that joined a group may be an administrator at all: of each probe, a statement of its
        own or of the group must allow the action on something. Raises MalformedArn, UnknownPrincipal."""
        spoken = self._spoken_by(node.plain, account) if not node.is_made else 0
        for gain in node.gains:
            if gain.kind == "joined":
                spoken |= self._spoken_in(account, gain.what)
            elif gain.kind in ("any-policy", "version"):
                return True
        return spoken == _ALL

    def _spoken_by(self, plain: Node, account: str) -> int:
        found = self._of_principals.get(plain.principal)
        if found is None:
            found = self._of_principals[plain.principal] = _spoken(self._questions.side(plain).identity)
        return found

    def _spoken_in(self, account: str, name: str) -> int:
        found = self._of_groups.get((account, name))
        if found is None:
            directory = self._questions.directory
            group = directory.named(account, "group", name)
            held = own_sources(directory, group) if group is not None else ()
            layer = self._questions.engine.policies.layer("identity", held)
            found = self._of_groups[account, name] = _spoken(layer)
        return found

    def _is_limited(self, node: Node) -> bool:
        """Whether something keeps from a principal what a policy that allows all would give it, guardrails apart."""
        side = self._questions.side(node)
        if side.identity is None or side.identity.why or side.boundary is not None or side.caller.is_service_linked:
            return True
        if self._guardrails_look_at_callers(side):
            return True
        return any(not compiled.allows for _, compiled in side.identity.statements())

    def _guardrails_look_at_callers(self, side: CallerSide) -> bool:
        """Whether those over an account may say something else of one principal than of another."""
        account = side.caller.account
        found = self._by_caller.get(account)
        if found is None:
            layers = () if side.scp is None else side.scp.layers
            none = Context({}, {}, {})
            found = self._by_caller[account] = any(
                follows_from_caller(key, "", none)
                for layer in layers
                for action, _ in PROBES
                for compiled, _, _ in layer.about(action.lower())
                for key in compiled.keys_read
            )
        return found

    def _how(self, node: Node, account: str) -> How:
        worst: How = "allow"
        probes = self.probes(account)
        if not probes:
            return "deny"  # the guardrails leave nothing to anybody
        for ask, of_root in probes:
            best = self._questions.best(node, ask).how
            if best == "conditional" and of_root.effect == "conditional":
                own = self._questions.decide(node, ask.actions[0], ask.resource, ask)
                if set(own.missing_context) <= set(of_root.missing_context):
                    continue  # the condition is that of the guardrails: all that anybody may
            if RANK[best] < RANK[worst]:
                worst = best
            if worst == "deny":
                break
        return worst


def _spoken(layer: Layer | None) -> int:
    """The probes, as bits, whose action some statement of a layer allows on something."""
    if layer is None:
        return 0
    return sum(
        1 << place
        for place, (action, _) in enumerate(PROBES)
        if any(compiled.allows for compiled, _, _ in layer.about(action.lower()))
    )

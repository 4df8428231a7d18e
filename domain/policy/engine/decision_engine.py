# mypyc: compiled
"""Decides over one Directory: from a decision that is kept, else by evaluation."""

from __future__ import annotations

from msgspec.structs import astuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.engine.cached_policies import CachedPolicies
from erstwhile.domain.policy.engine.caller_only import decide_by_caller
from erstwhile.domain.policy.engine.condition_keys import keys_read
from erstwhile.domain.policy.engine.decision_cache import DecisionsByContext, KnownCaller
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.language.context import ENCRYPTION_KEYS
from erstwhile.domain.vocabulary.context_values import ContextValues

_ENDPOINT = "aws:sourcevpce"
"""The condition key (lower case) that names the VPC endpoint of a request."""
_BEARS_ON_ALL = frozenset(("organization", "account"))
"""Kinds of entities from which everything may follow."""
_BEARS_ON_RESOURCES = frozenset(("resource", "role", "user"))
"""Kinds of entities that have policies with principals, or tags."""


class DecisionEngine:
    """The Directory must report every entity that changed: `forget`."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.policies = CachedPolicies(directory)
        self._callers = self.policies.callers.entries
        self._generation = 1
        """Of the decisions: those of an earlier one do not count."""
        self._has_endpoints: bool | None = None

    def evaluate(self, request: Request) -> Decision:
        """Raises MalformedArn and UnknownPrincipal for a principal that cannot be asked about."""
        # All fields at once: where this is compiled, reading them one by one takes longer than all the rest.
        principal, action, resource, account, context, session_policies, mode = astuple(request)
        side = self._callers.get(principal)
        if side is None:
            side = self.policies.caller(principal)
        elif account is None and session_policies is None and side.generation == self._generation:
            kept = side.kept.get((action, resource))
            if kept is not None:
                if not isinstance(kept, DecisionsByContext):
                    return kept
                decision = kept.find(mode, context)
                if decision is not None:
                    return decision
        if account is not None or session_policies is not None or _ENDPOINT in context:
            target = self.target(request, side.caller.account)
            return evaluate(request, side, target, self.policies.session_layer(request))
        # Nearly all fields are needed again below: they are handed on, for the same reason.
        target = self.policies.usual_resource_side(resource, side.caller.account)
        decided = decide_by_caller(side, target, action, resource, context, mode == "discover")
        if decided is not None:
            decision, keys = decided
        else:
            target = self.policies.with_unseen_policy(target, request)
            decision = evaluate(request, side, target)
            keys = keys_read(side, target, action.lower(), resource)
        self._keep(side, (action, resource), mode, context, keys, decision)
        return decision

    def side(self, principal: str) -> CallerSide:
        """The caller's side. Raises MalformedArn, UnknownPrincipal."""
        return self.policies.caller(principal)

    def target(self, request: Request, account: str) -> ResourceSide:
        """The resource's side, as a caller of an account finds it."""
        # Else it does not follow from the resource alone.
        if request.resource_account is None and _ENDPOINT not in request.context:
            target = self.policies.usual_resource_side(request.resource, account)
        else:
            target = self.policies.known_resource_side(request, account)
        return self.policies.with_unseen_policy(target, request)

    def is_lasting(self, request: Request) -> bool:
        """Whether the decision of a request is kept, and depends on no clock."""
        if request.resource_account or request.session_policies:
            return False
        kept = self._kept(request)
        if isinstance(kept, DecisionsByContext):
            return not kept.reads_clock and kept.find(request.mode, request.context) is not None
        return kept is not None

    def is_context_free(self, request: Request) -> bool:
        """Whether the decision of a request is kept, and looks at no condition key: caller, action and resource settle
        it."""
        return isinstance(self._kept(request), Decision)

    def forget(self, key: EntityKey) -> None:
        """An entity changed: drops what was made from it. The package's docstring says what that is."""
        kind = key[1]
        if kind in _BEARS_ON_ALL:
            self.policies.forget_all()
            self._generation += 1
            return
        if kind in _BEARS_ON_RESOURCES:
            self.policies.forget_resources()
            self._generation += 1
            if kind == "resource":
                self._has_endpoints = None
        self.policies.forget_dependents(key)

    def _keep(
        self,
        side: KnownCaller,
        question: tuple[str, str],
        mode: str,
        context: ContextValues,
        keys: frozenset[str],
        decision: Decision,
    ) -> None:
        """Keeps a decision, by the values of the condition keys that it may depend on."""
        if self._has_endpoints is not False and self._meets_endpoints():
            return
        if side.generation != self._generation:
            side.decisions.clear()
            side.generation = self._generation
        if not keys:
            side.decisions.keep(question, decision)
            return
        kept = side.kept.get(question)
        if not isinstance(kept, DecisionsByContext):
            if ENCRYPTION_KEYS in keys:
                return  # it is made of all keys of the encryption context
            kept = DecisionsByContext(tuple(sorted(keys)))
            side.decisions.keep(question, kept)
        kept.keep_in(mode, context, decision)

    def _kept(self, request: Request) -> Decision | DecisionsByContext | None:
        side = self._callers.get(request.principal)
        if side is None or side.generation != self._generation:
            return None
        return side.decisions.get((request.action, request.resource))

    def _meets_endpoints(self) -> bool:
        """Whether a policy of a VPC endpoint may have a say, which depends on the context."""
        if self._has_endpoints is None:
            self._has_endpoints = next(iter(self.directory.vpc_endpoints()), None) is not None
        return self._has_endpoints

# mypyc: compiled
"""The callers' sides of one Directory: compiled when first asked about, forgotten with any entity they rest on."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.evaluation.evaluate import CallerSide
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.accounts import Accounts
from erstwhile.domain.policy.inputs.caller import Caller, parse_caller
from erstwhile.domain.policy.inputs.guardrails import FULL_ACCESS
from erstwhile.domain.policy.inputs.known_keys import add_known, recognise
from erstwhile.domain.policy.inputs.principals import is_stranger, principal_entity
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import is_account_id

MAX_SIDES = 200_000
MAX_SHARED = 10_000
"""Sets of groups whose policies are kept."""
Groups = tuple[str, ...]
"""(account, group's id, …)"""


class CallerCache:
    """Users who have all of their policies through the same groups share what is compiled of these."""

    def __init__(self, directory: Directory, accounts: Accounts) -> None:
        self.held: dict[str, CallerSide] = {}
        """What was compiled, by principal."""
        self._directory = directory
        self._accounts = accounts
        self.of_groups: dict[Groups, Layer] = {}
        self._members: dict[Groups, set[str]] = {}
        """The principals that share it."""
        self._dependents: dict[EntityKey, set[str | Groups]] = {}
        self._known = self._add_known

    def of(self, principal: str) -> CallerSide:
        """Raises MalformedArn, UnknownPrincipal."""
        found = self.held.get(principal)
        if found is not None:
            return found
        if len(self.held) >= MAX_SIDES:
            self.clear()
        entity = self._directory.by_arn.get(principal)
        if entity is not None and entity.kind == "user":
            caller = Caller(principal, "user", entity.account)
        elif entity is not None and entity.kind == "role":
            caller = Caller(principal, "role", entity.account, entity.name)
        else:
            caller = parse_caller(principal)
            if caller.kind != "federated_user":
                entity = principal_entity(self._directory, caller)
        caller.known = self._known
        side = CallerSide(caller)
        if entity is not None:
            recognise(caller, entity)
            self._equip(side, entity)
        elif caller.kind == "federated_user":
            # Its ARN does not tell whose session it is, and so not of whose policies it has a part.
            side.identity = Layer("identity", (), (f"whose session {principal} is, and what that user may",))
        if caller.account:
            side.scp = self._accounts.scp(caller.account)
        if entity is None and is_stranger(self._directory, caller):
            if not is_account_id(caller.account):
                # AWS's own (arn:aws:iam::cloudfront:user/…): the resource's policy alone decides.
                side.identity = Layer("identity", [sources.Source("AWS's own principal", "", FULL_ACCESS)])
                return side
            unseen = (f"the policies of {principal} were never seen",)
            side.identity = Layer("identity", (), unseen)
            if caller.kind == "federated_user":
                side.session = Layer("session", (), unseen)
            else:
                side.boundary = Layer("permissions_boundary", (), unseen)
            return side  # not kept: nobody tells when something is learnt of it
        self.held[principal] = side
        return side

    def _equip(self, side: CallerSide, entity: Entity) -> None:
        """With the policies of a user or role."""
        principal = side.caller.arn
        self._depend(entity.key, principal)
        boundary = entity.items("boundary").get("")
        if boundary is not None:
            side.boundary = Layer("permissions_boundary", [sources.boundary_source(self._directory, entity, boundary)])
            self._depend(sources.boundary_key(self._directory, boundary), principal)
        side.identity = self._through_groups(principal, entity)
        if side.identity is not None:
            side.prefix = f"{entity.kind}/{entity.name}"
            return
        hidden = sources.unknowns(self._directory, entity)
        side.identity = Layer("identity", sources.identity_sources(self._directory, entity), hidden)
        for key in sources.dependencies(self._directory, entity):
            self._depend(key, principal)
        if boundary is None and sources.never_seen(self._directory, entity):
            # Where nothing was ever seen, a boundary may be too.
            side.boundary = Layer("permissions_boundary", (), hidden)

    def _depend(self, key: EntityKey, dependent: str | Groups) -> None:
        held = self._dependents.get(key)
        if held is None:
            self._dependents[key] = {dependent}
        else:
            held.add(dependent)

    def _through_groups(self, principal: str, entity: Entity) -> Layer | None:
        """The policies of a user that has all of them through groups; None for any other."""
        facts = entity.facts
        member_of = facts.get("member_of")
        if not member_of or facts.get("inline") or facts.get("attached") or not entity.is_covered:
            return None
        if "vanished" in facts:
            return None
        groups = (entity.account, *member_of)
        found = self.of_groups.get(groups)
        if found is None:
            held = sources.of_groups(self._directory, entity)
            if held is None:
                return None
            if len(self.of_groups) >= MAX_SHARED:
                self._forget_shared()
            found = self.of_groups[groups] = Layer("identity", held.sources)
            self._members[groups] = set()
            for key in held.depends:
                self._depend(key, groups)
        self._members[groups].add(principal)
        return found

    def _add_known(self, caller: Caller, keys: ContextDict) -> None:
        place = self._accounts.place(caller.account) if caller.account else None
        add_known(caller, place, self._directory.as_of, keys)

    def forget(self, key: EntityKey) -> None:
        """An entity changed: what was compiled from it is stale."""
        concerned = self._dependents.pop(key, set())
        if key[1] == "policy":
            concerned |= self._dependents.pop((key[0], "policy", ""), set())
        for each in concerned:
            if isinstance(each, str):
                self.held.pop(each, None)
                continue
            self.of_groups.pop(each, None)
            for principal in self._members.pop(each, ()):
                self.held.pop(principal, None)

    def _forget_shared(self) -> None:
        """With the sides that rest on it."""
        for members in self._members.values():
            for principal in members:
                self.held.pop(principal, None)
        self.of_groups.clear()
        self._members.clear()

    def clear(self) -> None:
        self.held.clear()
        self.of_groups.clear()
        self._members.clear()
        self._dependents.clear()

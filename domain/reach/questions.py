"""One thing that an edge needs, asked of the engine: an action on a resource, or on some resource of a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import msgspec
import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.patterns.pattern_parts import (
    WELL_FORMED,
    Effort,
    TooManyParts,
    intersect,
    parts,
    surely_covers,
)
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.own_patterns import layers_of
from erstwhile.domain.reach.asks import ASSUME, Ask, context_of
from erstwhile.domain.reach.lacking import is_tag, lacking
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.sharing import Sharing
from erstwhile.domain.reach.sides import side_after, without_unknown
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import account_in

How = Literal["allow", "conditional", "unknown", "deny"]
"""`unknown`: nothing that is known allows it, and something is not known."""
RANK: dict[How, int] = {"deny": 0, "unknown": 1, "conditional": 2, "allow": 3}
EFFORT = 200_000
"""Steps for the parts of one pattern."""
MAX_KEPT = 200_000


class Proof(NamedTuple):
    """A decision that an edge rests on."""

    principal: str
    action: str
    resource: str
    decision: Decision


class Found(NamedTuple):
    """The best answer: how, and on which resource."""

    how: How
    resource: str


DENIED = Found("deny", "")


class Questions:
    """Of one Directory as it is now. It keeps answers: principals whose policies say the same of the actions share one,
    where nothing that follows from the principal has a say."""

    def __init__(self, directory: Directory, look: Callable[[], None] = lambda: None) -> None:
        """`look` is called before each decision; it may end the question by an exception."""
        self._look = look
        self.directory = directory
        self.engine = engine_of(directory)
        self.asked = 0
        """Decisions that were made."""
        self._sides: Bounded[Node, CallerSide] = Bounded(MAX_KEPT)
        self._sharing = Sharing()
        self._kept: Bounded[tuple[object, ...], Found] = Bounded(MAX_KEPT)

    def side(self, node: Node) -> CallerSide:
        """The policies of a node. Raises MalformedArn, UnknownPrincipal."""
        if not node.gains:
            return self.engine.side(node.principal)
        found = self._sides.get(node)
        if found is None:
            found = self._sides.keep(node, side_after(self.engine, node.principal, node.gains))
        return found

    def decide(self, node: Node, action: str, resource: str, ask: Ask) -> Decision:
        """One decision, in discover mode: what is not said is a condition."""
        self.asked += 1
        self._look()
        decision = self._decided(node, self._plain(node, action, resource, ask))
        # What is settled without what the request surely lacks is settled with it, too.
        if decision.effect == "conditional" and any(map(is_tag, decision.missing_context)):
            return self._decided(node, self.request(node, action, resource, ask))
        return decision

    def _decided(self, node: Node, request: Request) -> Decision:
        if not node.gains:
            return authorize(self.directory, request)
        side = self.side(node)
        return evaluate(request, side, self.engine.target(request, side.caller.account))

    def _plain(self, node: Node, action: str, resource: str, ask: Ask) -> Request:
        return Request(
            principal=node.principal, action=action, resource=resource, resource_account=ask.owner,
            context=context_of(ask.given_to(action)), mode="discover",
        )  # fmt: skip

    def request(self, node: Node, action: str, resource: str, ask: Ask) -> Request:
        """One request, with what it brings and surely lacks. Raises MalformedArn, UnknownPrincipal."""
        plain, side = self._plain(node, action, resource, ask), self.side(node)
        absent = self._lacking(side, self.engine.target(plain, side.caller.account), plain)
        return msgspec.structs.replace(plain, context={**absent, **plain.context}) if absent else plain

    def _lacking(self, side: CallerSide, target: ResourceSide, request: Request) -> ContextDict:
        there = self.directory.with_arn(request.resource)
        is_principal = there is not None and there.kind in ("user", "role")
        return lacking(side, target, there if is_principal else None, request.action)

    def how(self, node: Node, action: str, resource: str, ask: Ask) -> How:
        """The decision in one word."""
        decision = self.decide(node, action, resource, ask)
        if decision.effect == "allow":
            return "allow"
        if decision.effect != "conditional":
            return "deny"
        return (
            "unknown" if decision.unknown and not self._rests_on_known(node, action, resource, ask) else "conditional"
        )

    def _rests_on_known(self, node: Node, action: str, resource: str, ask: Ask) -> bool:
        request = self.request(node, action, resource, ask)
        side = self.side(node)
        target = self.engine.target(request, side.caller.account)
        known_side, known_target = without_unknown(self.engine, side, target)
        if side.caller.entity is None:
            known_side = side  # a stranger: that the resource's policy lets it in is what is known
        known = evaluate(request, known_side, known_target)
        return known.effect in ("allow", "conditional")

    def best(self, node: Node, ask: Ask) -> Found:
        """The best answer to all actions on one resource. Raises MalformedArn, UnknownPrincipal."""
        side = self.side(node)
        key: tuple[object, ...] | None = None
        if self._sharing.is_shared(node, side, ask, lambda: self._target(ask, side)):
            key = (self._sharing.signature(node, side, ask.decided), ask)
            kept = self._kept.get(key)
            if kept is not None:
                return kept
        found = self._best(node, side, ask)
        if key is not None:
            self._kept.keep(key, found)
        return found

    def _best(self, node: Node, side: CallerSide, ask: Ask) -> Found:
        best = DENIED
        try:
            examples = self._examples(side, ask)
        except TooManyParts:
            return Found("unknown", ask.resource)
        for resource in examples:
            worst: How = "allow"
            for action in ask.actions:
                how = self.how(node, action, resource, ask)
                if RANK[how] < RANK[worst]:
                    worst = how
                if RANK[worst] <= RANK[best.how]:
                    break
            if ask.makes == "role" and RANK[worst] > RANK[best.how]:
                how = self.after_trust(node, resource)
                worst = how if RANK[how] < RANK[worst] else worst
            if RANK[worst] > RANK[best.how]:
                best = Found(worst, resource)
                if worst == "allow":
                    break
        return best

    def proofs(self, node: Node, ask: Ask, resource: str) -> Iterator[Proof]:
        """The decisions behind an answer."""
        for action in ask.actions:
            yield Proof(node.principal, action, resource, self.decide(node, action, resource, ask))

    def after_trust(self, node: Node, role: str) -> How:
        """Whether a node could assume a role whose trust named it: denies of its own and guardrails would still
        stand."""
        side = self.side(node)
        request = Request(principal=node.principal, action=ASSUME, resource=role, mode="discover")
        there = self.engine.target(request, side.caller.account)
        statement = {"Effect": "Allow", "Principal": {"AWS": node.principal}, "Action": ASSUME}
        trust = orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
        policy = self.engine.policies.layer("resource", [Source("trust policy", "", trust)])
        changed = ResourceSide(there.owner, policy, there.rcp, there.vpc_endpoint, there.keys, there.is_common)
        self.asked += 1
        request = msgspec.structs.replace(request, context=self._lacking(side, changed, request))
        decision = evaluate(request, side, changed)
        if decision.effect == "allow":
            return "allow"
        return "conditional" if decision.effect == "conditional" else "deny"

    # Patterns.

    def _examples(self, side: CallerSide, ask: Ask) -> list[str]:
        """One resource of each part that the policies tell apart; the resource itself where it is one. Raises
        TooManyParts."""
        if not is_pattern(ask.resource):
            return [ask.resource]
        cutting: dict[str, None] = {}
        is_named = dict.fromkeys(ask.actions, False)
        for action in ask.decided:
            context = Context(context_of(ask.given_to(action)), side.caller.keys, {}, True)
            lowered = action.lower()
            layers = [*layers_of(side), *self._rcp(ask, side)]
            for layer in layers:
                for compiled, _, name in layer.about(lowered):
                    if compiled.allows and name == "identity" and action in is_named:
                        is_named[action] = True
                    cutting.update(dict.fromkeys(compiled.resource_patterns(context.get)))
        is_sure = side.identity is not None and not side.identity.why and side.caller.kind != "root"
        if is_sure and not all(is_named.values()):
            return []  # nothing allows it
        effort = Effort(EFFORT)
        near = [
            each for each in cutting if not surely_covers(each, ask.resource) and intersect(each, ask.resource, effort)
        ]
        if ask.makes:
            found = self._free(ask, near, effort)
        else:
            found = parts((ask.resource, WELL_FORMED), tuple(sorted(near)), effort)
            if any(_has_colon(each, ask.resource) for each in found):
                near += _with_colons(ask.resource)
                found = parts((ask.resource, WELL_FORMED), tuple(sorted(near)), effort)
        return [each for each in found if not _has_colon(each, ask.resource)]

    def _free(self, ask: Ask, near: list[str], effort: Effort) -> tuple[str, ...]:
        """One resource of each part that there is not yet. Raises TooManyParts."""
        account = account_in(ask.resource)

        def is_taken(resource: str) -> bool:
            return self.directory.named(account, ask.makes, resource.rsplit("/", 1)[-1]) is not None

        before = ask.resource.removesuffix("?*")
        cut = {*near, *_with_colons(ask.resource), f"{before}/*", f"{before}*//*", f"{before}*/"}
        found = parts((ask.resource, WELL_FORMED), tuple(sorted(cut)), effort)
        while more := [each for each in found if each not in cut and is_taken(each)]:
            # Others of this part may be free: what is taken is a part of its own.
            cut.update(more)
            found = parts((ask.resource, WELL_FORMED), tuple(sorted(cut)), effort)
        return tuple(each for each in found if not is_taken(each) and _is_name(each.removeprefix(before)))

    def _rcp(self, ask: Ask, side: CallerSide) -> list[Layer]:
        """The resource control policies over the account, which bear on a resource that is new."""
        rcp = self._target(ask, side).rcp
        return [] if rcp is None else list(rcp.layers)

    def _target(self, ask: Ask, side: CallerSide) -> ResourceSide:
        resource = ask.resource if not is_pattern(ask.resource) else f"arn:aws:x::{side.caller.account}:x"
        request = Request(
            principal="", action=ask.actions[0], resource=resource, resource_account=ask.owner, context=ask.context
        )
        return self.engine.target(request, side.caller.account)


def _is_name(text: str) -> bool:
    """Whether something may be a path and a name: no part of it is empty."""
    return all(text.split("/"))


def _has_colon(resource: str, pattern: str) -> bool:
    """Whether a resource has a colon where a pattern has a wildcard: no resource has, though a policy's wildcard
    would match it."""
    return resource.count(":") != pattern.count(":")


def _with_colons(pattern: str) -> list[str]:
    """The patterns of what has a colon where a star or question mark of a pattern stands: they cut it off from the
    rest."""
    colons = {"*": "*:*", "?": ":"}
    return [
        f"{pattern[:place]}{colons[letter]}{pattern[place + 1 :]}"
        for place, letter in enumerate(pattern)
        if letter in colons
    ]

"""The inverted index: action → resource → statements → principals, as bitmaps.

It answers for most principals at once: those that have a statement that allows, and none that denies, where neither
conditions nor other layers have a say. The other principals are decided one by one, so the answer always equals the
loop over all of them. `make bench-engine`, row "who-can".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pyroaring import BitMap

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.exemptions import NEEDS_NO_PERMISSION, WITHOUT_CREDENTIALS
from erstwhile.domain.policy.evaluation.impossible import ISSUES_TOKEN, is_reserved
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.known_keys import clock_keys
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.kleene import Kleene
from erstwhile.domain.questions.held_statements import (
    HeldStatements,
    OpenStatement,
    follows_from_caller,
    may_meet,
    varies_by_caller,
)
from erstwhile.domain.questions.indexed_principals import IndexedPrincipals
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextValues

_ONE_BY_ONE = NEEDS_NO_PERMISSION | WITHOUT_CREDENTIALS | ISSUES_TOKEN
"""Actions (lower case) of which the kind of principal decides."""
_NOBODY = BitMap()
MAX_ACTIONS = 1_000
"""Actions whose statements are kept: questions may make them up."""


class Who(NamedTuple):
    """Numbers of principals: surely allowed, and to be decided one by one. All others are denied."""

    allowed: BitMap
    unsettled: BitMap


class Index:
    """Of one Directory as it is now; make another when that changed."""

    def __init__(
        self,
        directory: Directory,
        asked: tuple[str, str] | None = None,
        among: Iterable[Entity] | None = None,
    ) -> None:
        """`asked`: the only action, and the only resource or pattern, that will be asked about. Then the principals are
        those whom it may concern, as far as the Directory can tell that, or those of `among`; others are added where
        they must be asked."""
        self.directory = directory
        self._indexed = IndexedPrincipals(directory, None if asked is None else (asked[0].lower(), asked[1]), among)
        self._about: Bounded[str, tuple[int, HeldStatements, HeldStatements]] = Bounded(MAX_ACTIONS)

    @property
    def principals(self) -> list[Entity]:
        """By their numbers."""
        return self._indexed.principals

    def _held(self, action: str) -> tuple[HeldStatements, HeldStatements]:
        """(allowing, denying) statements about an action (lower case), of all who are among the principals by now."""
        count = len(self.principals)
        found = self._about.get(action)
        if found is None or found[0] != count:
            allowing, denying = HeldStatements(), HeldStatements()
            for text, holders in self._indexed.documents.items():
                for compiled in self._indexed.compiled[text].about(action):
                    (allowing if compiled.allows else denying).add(compiled, holders)
            found = self._about.keep(action, (count, allowing, denying))
        return found[1:]

    def who(
        self,
        action: str,
        resource: str,
        context: ContextValues | None = None,
        resource_account: str | None = None,
        discover: bool = False,
    ) -> Who:
        """Who can do the action on the resource. The numbers are places in `principals`."""
        lowered = action.lower()
        if lowered in _ONE_BY_ONE:
            return Who(BitMap(), self._indexed.everybody())
        if is_reserved(lowered, resource):
            # Only AWS itself, by a role of its own, if anybody.
            self._indexed.everybody()
            return Who(BitMap(), self._indexed.service_linked.copy())
        request = Request(
            principal="", action=action, resource=resource, resource_account=resource_account,
            context=context or {}, mode="discover" if discover else "strict",
        )  # fmt: skip
        own_account = next(iter(self._indexed.accounts), "")
        target = engine_of(self.directory).target(request, own_account)
        # Those whom the resource's policy names are added to the principals, before their policies are read.
        named = self._named(target, lowered)
        allowing, denying = self._held(lowered)
        asked = Context(request.context, clock_keys(self.directory.as_of), target.keys, discover)
        allowed, unsettled = self._ask(allowing, resource, asked)
        denied, maybe_denied = self._ask(denying, resource, asked)
        allowed -= denied
        unsettled |= maybe_denied & allowed
        unsettled |= self._indexed.unsure
        rcp = target.rcp is not None or ((resource == "*" or target.is_common) and len(self._indexed.accounts) > 1)
        if target.policy is not None or rcp or target.vpc_endpoint is not None:
            # The resource's side has a say: about those whom their own policies allow, and those whom it names.
            unsettled |= allowed | named
            unsettled -= denied
            return Who(BitMap(), unsettled)
        for boundary, holders in self._indexed.boundaries.items():
            if holders & allowed:
                allowed, unsettled = self._limited(lowered, [boundary], holders, allowed, unsettled, resource, asked)
        for account, those in self._indexed.accounts.items():
            if resource != "*" and not target.is_common and target.owner not in (account, "aws"):
                unsettled |= allowed & those
                allowed -= those
                continue
            guardrails = engine_of(self.directory).policies.scp(account)
            if guardrails is not None and allowed & those:
                linked = allowed & self._indexed.service_linked
                levels = guardrails.layers
                allowed, unsettled = self._limited(lowered, levels, those, allowed, unsettled, resource, asked)
                unsettled |= linked & those
        unsettled -= denied
        allowed -= unsettled
        return Who(allowed, unsettled)

    def may_within(self, action: str, pattern: str, targets: Iterable[ResourceSide]) -> BitMap:
        """Whoever may be allowed it on some resource that the pattern matches. `targets` are the known ones."""
        lowered = action.lower()
        if lowered in _ONE_BY_ONE:
            return self._indexed.everybody()
        found = self._indexed.unsure.copy()
        for text, holders in self._indexed.documents.items():
            about = self._indexed.compiled[text].about(lowered)
            if any(each.allows and may_meet(each, pattern) for each in about):
                found |= holders
        for target in targets:
            found |= self._named(target, lowered)
        return found

    def _limited(
        self,
        action: str,
        layers: Iterable[Layer],
        those: BitMap,
        allowed: BitMap,
        unsettled: BitMap,
        resource: str,
        context: Context,
    ) -> tuple[BitMap, BitMap]:
        """What a limit that bears on some of the principals leaves of (allowed, unsettled)."""
        verdicts = [
            layer.verdict_for_all(action, resource, context, varies_by_caller(resource, context)) for layer in layers
        ]
        if all(verdict == (True, False) for verdict in verdicts):
            return allowed, unsettled
        if any(verdict is not None and (verdict[0] is False or verdict[1] is True) for verdict in verdicts):
            return allowed - those, unsettled
        return allowed - those, unsettled | (allowed & those)

    def _ask(self, held: HeldStatements, resource: str, context: Context) -> tuple[BitMap, BitMap]:
        """(who surely has such a statement, who may have one)"""
        sure = held.sure(resource)
        maybe = BitMap()
        for opened in held.open(resource):
            verdict, those = self._narrowed(opened, resource, context)
            if verdict is True:
                sure |= those
            elif verdict is None:
                maybe |= those
        return sure, maybe - sure

    def _narrowed(self, opened: OpenStatement, resource: str, context: Context) -> tuple[Kleene, BitMap]:
        """What a statement says of its holders: of all the same, of those with certain tags, or of each his own."""
        compiled, those, tagged, rest, keys = opened
        if tagged and any(key in context.given for key, _, _ in tagged):
            # The request gives the principal's tags.
            tagged, rest, keys = (), compiled.conditions, compiled.keys_read
        for _, tag, values in tagged:
            if context.discover:
                # A principal without the tag may get it with its session.
                return None, opened.holders
            bearers = _NOBODY
            for value in values:
                held = self._indexed.tags.get((tag, value))
                if held is not None:
                    bearers = bearers | held if bearers else held
            those = those & bearers  # a new set: the holders stay as they are
        for key in keys:
            if follows_from_caller(key, resource, context):
                return None, those
        found: Kleene = compiled.fits(resource, context) if compiled.varies else True
        for condition in rest:
            holds = condition.holds(context)
            if holds is False:
                return False, those
            if holds is None:
                found = None if found is not False else False
        return found, those

    def _named(self, target: ResourceSide, action: str) -> BitMap:
        """Whom the resource's own policy may allow, with or without identity policies."""
        found = BitMap()
        if target.policy is None:
            return found
        for _, compiled in target.policy.statements():
            if not compiled.allows or not compiled.speaks_of(action):
                continue
            statement = compiled.statement
            if statement.not_principals is not None or ("AWS", "*") in (statement.principals or ()):
                return self._indexed.everybody()
            for kind, name in statement.principals or ():
                # An account's name alone grants nothing: its identity policies must, and those were asked.
                if kind == "AWS" and not account_named(name):
                    found.update(self._indexed.named(name))
        if target.policy.why:
            return self._indexed.everybody()
        return found

    def arn(self, number: int) -> str:
        """The ARN of a principal by its number."""
        return self.directory.arn_of(self.principals[number])

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
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.engine.indexed_layer import IndexedLayer
from erstwhile.domain.policy.evaluation.exemptions import NEEDS_NO_PERMISSION, WITHOUT_CREDENTIALS
from erstwhile.domain.policy.evaluation.impossible import ISSUES_TOKEN, is_reserved
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.known_keys import is_service_linked
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.kleene import Kleene
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.questions.held_statements import (
    HeldStatements,
    OpenStatement,
    follows_from_caller,
    may_meet,
    varies_by_caller,
)
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

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.principals: list[Entity] = []
        self._number: dict[tuple[str, str, str], int] = {}
        self._accounts: dict[str, BitMap] = {}
        self._documents: dict[str, BitMap] = {}
        self._boundaries: dict[Layer, BitMap] = {}
        self._service_linked = BitMap()
        self._tags: dict[tuple[str, str], BitMap] = {}
        self._tagged: dict[str, BitMap] = {}
        self._unsure = BitMap()
        self._about: Bounded[str, tuple[HeldStatements, HeldStatements]] = Bounded(MAX_ACTIONS)
        self._read()

    def _read(self) -> None:
        directory = self.directory
        members: dict[EntityKey, BitMap] = {}
        bounded: dict[str, BitMap] = {}
        for entity in directory.of_kind("user", "role"):
            if not entity.exists:
                continue
            number = self._number[entity.key] = len(self.principals)
            self.principals.append(entity)
            self._accounts.setdefault(entity.account, BitMap()).add(number)
            for unique_id in entity.group_ids:
                members.setdefault((entity.account, "group", unique_id), BitMap()).add(number)
            for key, value in entity.tags.items():
                self._tags.setdefault((key.lower(), value), BitMap()).add(number)
                self._tagged.setdefault(key.lower(), BitMap()).add(number)
            if sources.unknowns(directory, entity):
                self._unsure.add(number)
            boundary = entity.boundary
            if boundary is not None:
                bounded.setdefault(boundary, BitMap()).add(number)
            if is_service_linked(entity):
                self._service_linked.add(number)
            for source in sources.own_sources(directory, entity):
                self._put(source, BitMap((number,)))
        for group_key, those in members.items():
            group = directory.get(*group_key)
            if group is None:
                self._unsure |= those
                continue
            for source in sources.own_sources(directory, group):
                self._put(source, those)
        for those in bounded.values():
            any_of_them = self.principals[those.min()]
            limit = sources.boundary_source(directory, any_of_them)
            if limit is not None:
                self._boundaries[IndexedLayer("permissions_boundary", [limit])] = those

    def _put(self, source: sources.Source, holders: BitMap) -> None:
        if source.document is None:
            self._unsure |= holders
            return
        held = self._documents.get(source.document)
        if held is None:
            try:
                compile_document(source.document, True)
            except (MalformedDocument, UnknownOperator):
                self._unsure |= holders
                return
            self._documents[source.document] = held = BitMap()
        held |= holders

    def _held(self, action: str) -> tuple[HeldStatements, HeldStatements]:
        """(allowing, denying) statements about an action (lower case)."""
        found = self._about.get(action)
        if found is None:
            found = (HeldStatements(), HeldStatements())
            for text, holders in self._documents.items():
                for compiled in compile_document(text, True).about(action):
                    found[0 if compiled.allows else 1].add(compiled, holders)
            self._about.keep(action, found)
        return found

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
            return Who(BitMap(), BitMap(range(len(self.principals))))
        if is_reserved(lowered, resource):
            # Only AWS itself, by a role of its own, if anybody.
            return Who(BitMap(), self._service_linked.copy())
        request = Request(
            principal="", action=action, resource=resource, resource_account=resource_account,
            context=context or {}, mode="discover" if discover else "strict",
        )  # fmt: skip
        own_account = next(iter(self._accounts), "")
        target = engine_of(self.directory).target(request, own_account)
        allowing, denying = self._held(lowered)
        asked = Context(request.context, {}, target.keys, discover)
        allowed, unsettled = self._ask(allowing, resource, asked)
        denied, maybe_denied = self._ask(denying, resource, asked)
        allowed -= denied
        unsettled |= maybe_denied & allowed
        unsettled |= self._unsure
        rcp = target.rcp is not None or ((resource == "*" or target.is_common) and len(self._accounts) > 1)
        if target.policy is not None or rcp or target.vpc_endpoint is not None:
            # The resource's side has a say: about those whom their own policies allow, and those whom it names.
            unsettled |= allowed | self._named(target, lowered)
            unsettled -= denied
            return Who(BitMap(), unsettled)
        for boundary, holders in self._boundaries.items():
            if holders & allowed:
                allowed, unsettled = self._limited(lowered, [boundary], holders, allowed, unsettled, resource, asked)
        for account, those in self._accounts.items():
            if resource != "*" and not target.is_common and target.owner not in (account, "aws"):
                unsettled |= allowed & those
                allowed -= those
                continue
            guardrails = engine_of(self.directory).policies.scp(account)
            if guardrails is not None and allowed & those:
                linked = allowed & self._service_linked
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
            return BitMap(range(len(self.principals)))
        found = self._unsure.copy()
        for text, holders in self._documents.items():
            if any(each.allows and may_meet(each, pattern) for each in compile_document(text, True).about(lowered)):
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
            # The request tells the tags of whoever asks.
            tagged, rest, keys = (), compiled.conditions, compiled.keys_read
        for _, tag, values in tagged:
            if context.discover:
                # A principal without the tag may get it with its session.
                return None, opened.holders
            bearers = _NOBODY
            for value in values:
                held = self._tags.get((tag, value))
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
                return BitMap(range(len(self.principals)))
            for kind, name in statement.principals or ():
                # An account's name alone grants nothing: its identity policies must, and those were asked.
                if kind == "AWS" and not account_named(name):
                    found.update(self._number[entity.key] for entity in self._by_name(name))
        if target.policy.why:
            return BitMap(range(len(self.principals)))
        return found

    def _by_name(self, name: str) -> Iterable[Entity]:
        entity = self.directory.with_arn(name)
        if entity is None or entity.key not in self._number:
            parts = name.split(":", 5)
            account, rest = (parts[4], parts[5].split("/")) if len(parts) == 6 else ("", [name])
            # A session is its role's.
            role = rest[1] if rest[0] == "assumed-role" and len(rest) > 1 else rest[-1]
            entity = self.directory.named(account, "role", role)
        if entity is not None and entity.key in self._number:
            yield entity
        for kind in ("user", "role"):
            for account in self._accounts:
                by_id = self.directory.get(account, kind, name)
                if by_id is not None and by_id.key in self._number:
                    yield by_id

    def arn(self, number: int) -> str:
        """The ARN of a principal by its number."""
        return self.directory.arn_of(self.principals[number])

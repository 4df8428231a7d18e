"""What nobody used: principals, roles, credentials, statements, and single actions of statements.

Each is in one of the three states of use. What is younger than the window is exempt: nobody had the whole window to use
it. A statement counts as used where one that has it used an action of it, whatever the resource: another statement may
have allowed that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.least_privilege.held import HeldPolicy, held_policies, principals_of
from erstwhile.domain.least_privilege.risk import Risk, risk_of, together
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.use.used import Covered, LastUse, State, Unrecorded
from erstwhile.domain.vocabulary.identifiers import account_in

Kind = Literal["user", "role", "access key", "password", "statement", "action", "permission set"]
_SIGN_IN = "signin:consolelogin"
_OF_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
"""Source: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html"""


class Unused(msgspec.Struct, frozen=True, kw_only=True):
    """`principals`: whose it is (of a statement, all that have it). `state`: not used, or cannot know with `why`.
    `risk`: what its removal takes away; `closes`: how many paths to administrator, where that was asked. `policy`: of a
    permission set, its name; its principals are the roles that IAM Identity Center made of it in the accounts."""

    kind: Kind
    account: str
    principals: tuple[str, ...]
    state: State
    until: datetime | None
    why: str
    risk: Risk
    key: str = ""
    policy: str = ""
    holder: str = ""
    statement: int = -1
    sid: str = ""
    actions: tuple[str, ...] = ()
    closes: int | None = None


class UnusedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`found`: what was not used, the greatest risk first, then that of which nothing can be known. `looked_at`:
    principals; `young`: what is exempt for being younger than the window."""

    found: tuple[Unused, ...]
    looked_at: int
    young: int


class UseOfAll(Protocol):
    """What an answer about everybody reads: `projections/use` has it."""

    def actions_used(self, begin: datetime, end: datetime) -> Mapping[str, Collection[str]]:
        """Principal → the actions (as policies name them) with which its calls in [begin, end) succeeded."""

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        """What records of an account cover of [begin, end)."""

    def keys_used(self, begin: datetime, end: datetime) -> Mapping[str, datetime]:
        """Long-lived access key → its last call in [begin, end)."""


def unused(
    directory: Directory,
    use: UseOfAll,
    begin: datetime,
    end: datetime,
    account: str | None = None,
    closes: Callable[[Unused], int] | None = None,
) -> UnusedAnswer:
    """What the users and roles of an account, or of all, did not use in [begin, end). `directory`: of its end;
    `closes`: how many paths to administrator close where one of these goes. What closes most then comes first."""
    answer = _Answer(directory, use, begin, end, account)
    found = list(answer.all())
    if closes is not None:
        found = [msgspec.structs.replace(each, closes=closes(each)) for each in found]
    found.sort(key=lambda each: (each.state is State.CANNOT_KNOW, -(each.closes or 0), -each.risk.score, *_order(each)))
    return UnusedAnswer(found=tuple(found), looked_at=len(answer.principals), young=answer.young)


def _order(each: Unused) -> tuple[str, tuple[str, ...], str, str, int, tuple[str, ...]]:
    return each.kind, each.principals, each.policy, each.key, each.statement, each.actions


class _Answer:
    def __init__(
        self, directory: Directory, use: UseOfAll, begin: datetime, end: datetime, account: str | None
    ) -> None:
        self._directory, self._use, self._begin, self._end = directory, use, begin, end
        self.principals = principals_of(directory, account)
        self._policies, self._held_by = held_policies(directory, self.principals)
        self._used = use.actions_used(begin, end)
        self._keys = use.keys_used(begin, end)
        self._accounts: dict[str, Unrecorded] = {}
        self._said: dict[str, _Said] = {}
        """By document."""
        self.young = 0

    def all(self) -> Iterator[Unused]:
        for entity in self.principals:
            yield from self._of_principal(entity)
        yield from self._of_permission_sets()
        for held in self._policies:
            yield from self._of_policy(held)

    def _without(self, account: str) -> Unrecorded:
        found = self._accounts.get(account)
        if found is None:
            found = self._accounts[account] = Unrecorded(self._use.covered(account, self._begin, self._end))
        return found

    def _is_young(self, since: datetime | None) -> bool:
        young = since is not None and since >= self._begin
        self.young += young
        return young

    def _of_principal(self, entity: Entity) -> Iterator[Unused]:
        if self._is_young(entity.begun):
            return
        arn = self._directory.arn_of(entity)
        # Any call is a sign of use. Where there is none, what it may do says what could have left no record.
        own, policies = self._used.get(arn, ()), self._held_by[arn]
        access_keys = [
            key for key, fact in sorted(entity.access_keys.items())
            if not self._is_young(fact.since) and key not in self._keys
        ]  # fmt: skip
        password = entity.login_profile
        is_signed_in = password is None or self._is_young(password.since) or _SIGN_IN in map(str.lower, own)
        if own and not access_keys and is_signed_in:
            return
        silent, risk = self._may(policies, entity.account), self._risk(policies)
        if not own:
            yield self._made("role" if entity.kind == "role" else "user", entity.account, (arn,), silent, risk)
        for key in access_keys:
            yield self._made("access key", entity.account, (arn,), silent, risk, key=key)
        if not is_signed_in:
            yield self._made("password", entity.account, (arn,), self._without(entity.account).of((_SIGN_IN,)), risk)

    def _of_permission_sets(self) -> Iterator[Unused]:
        """Those of which no account's role was used. IAM Identity Center makes a role of a permission set in each
        account that it is assigned in."""
        roles: dict[str, list[Entity]] = {}
        for entity in self.principals:
            named = _OF_PERMISSION_SET.fullmatch(entity.name) if entity.kind == "role" else None
            if named is not None:
                roles.setdefault(named[1], []).append(entity)
        for name, those in sorted(roles.items()):
            if any(each.begun is not None and each.begun >= self._begin for each in those):
                continue
            arns = [self._directory.arn_of(each) for each in those]
            # One that was used, by whichever of its roles, is in use.
            if not any(self._used.get(arn) for arn in arns):
                found = [self._may(self._held_by[arn], each.account) for each, arn in zip(those, arns, strict=True)]
                least = min(found, key=_least_known)
                risk = self._risk(held for arn in arns for held in self._held_by[arn])
                yield self._made("permission set", those[0].account, tuple(arns), least, risk, policy=name)

    def _may(self, policies: Iterable[HeldPolicy], account: str) -> LastUse:
        """What is known of a principal that used nothing of what its policies allow."""
        return self._without(account).of(action for held in policies for action in self._of(held).actions)

    def _risk(self, policies: Iterable[HeldPolicy]) -> Risk:
        return together([self._of(held).risk for held in policies])

    def _of(self, held: HeldPolicy) -> _Said:
        """What a policy allows: nothing where it was never seen, or cannot be read."""
        if held.document is None:
            return _NOTHING
        found = self._said.get(held.document)
        if found is None:
            found = self._said[held.document] = _said(held.document)
        return found

    def _of_policy(self, held: HeldPolicy) -> Iterator[Unused]:
        statements = self._of(held).statements
        if not statements or self._is_young(held.since):
            return
        accounts = sorted({account_in(arn) for arn in held.principals})
        used = {action.lower() for arn in held.principals for action in self._used.get(arn, ())}
        for each in statements:
            given = each.statement
            if not _is_used(each, used):
                found = self._least(accounts, given.actions or ("*",))
                if given.actions is None and used:
                    # What was used are actions that the statement leaves out.
                    found = LastUse(state=State.NOT_USED, until=self._without(accounts[0]).covered.until)
                yield self._statement("statement", held, accounts[0], each, given.actions or ("*",), found)
            elif given.actions is not None and len(given.actions) > 1:
                for action in given.actions:
                    if not _is_any(action, used):
                        one = self._least(accounts, (action,))
                        yield self._statement("action", held, accounts[0], each, (action,), one)

    def _least(self, accounts: Iterable[str], actions: Iterable[str]) -> LastUse:
        """What is known of actions that nobody used. Of several accounts, what is known the least: nothing may be known
        of one of them."""
        patterns = [each.lower() for each in actions]
        return min((self._without(account).of(patterns) for account in accounts), key=_least_known)

    def _statement(
        self,
        kind: Kind,
        held: HeldPolicy,
        account: str,
        each: CompiledStatement,
        actions: tuple[str, ...],
        last: LastUse,
    ) -> Unused:
        given = each.statement
        return self._made(
            kind, account, tuple(held.principals), last, risk_of(actions), policy=held.policy, holder=held.holder,
            statement=given.index, sid=given.sid, actions=actions,
        )  # fmt: skip

    def _made(
        self, kind: Kind, account: str, principals: tuple[str, ...], last: LastUse, risk: Risk, *, key: str = "",
        policy: str = "", holder: str = "", statement: int = -1, sid: str = "", actions: tuple[str, ...] = (),
    ) -> Unused:  # fmt: skip
        return Unused(
            kind=kind, account=account, principals=principals, state=last.state, until=last.until, why=last.why,
            risk=risk, key=key, policy=policy, holder=holder, statement=statement, sid=sid, actions=actions,
        )  # fmt: skip


def _least_known(each: LastUse) -> int:
    return (State.USED, State.CANNOT_KNOW, State.NOT_USED).index(each.state)


class _Said(NamedTuple):
    """The allowing statements of a policy, their actions (lower case), and what all of them risk."""

    statements: tuple[CompiledStatement, ...]
    actions: tuple[str, ...]
    risk: Risk


_NOTHING = _Said((), (), together([]))


def _said(document: str) -> _Said:
    try:
        statements = tuple(each for each in compile_document(document, completes=True).statements if each.allows)
    except (MalformedDocument, UnknownOperator):
        return _NOTHING
    given = [each.statement.actions or ("*",) for each in statements]
    actions = dict.fromkeys(action.lower() for each in given for action in each)
    return _Said(statements, tuple(actions), together([risk_of(each) for each in given]))


def _is_used(each: CompiledStatement, used: Collection[str]) -> bool:
    """Whether one of some actions (lower case) is one of a statement."""
    actions = each.statement.actions
    if actions is None:
        return any(map(each.speaks_of, used))
    return any(_is_any(action, used) for action in actions)


def _is_any(action: str, used: Collection[str]) -> bool:
    """Whether an action or pattern of a statement is or matches one of some actions (lower case)."""
    pattern = action.lower()
    return pattern in used or (("*" in pattern or "?" in pattern) and any(matches(pattern, each) for each in used))

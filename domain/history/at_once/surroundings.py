"""What all but a principal's own policies say of a question over a window: guardrails, and the resource's policy, as
far as these mean all users and roles of an account alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.at_once.readings import says
from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.organizations_over import OrganizationsOver
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.evaluation import Evaluation
from erstwhile.domain.policy.evaluation.exemptions import is_under_rcp, needs_resource_policy
from erstwhile.domain.policy.evaluation.impossible import is_impossible
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.evaluation.logic import Grants, Verdicts
from erstwhile.domain.policy.evaluation.one_question import PoliciesAbout
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.caller import Caller, CallerKind, account_named
from erstwhile.domain.policy.inputs.known_keys import add_known
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.kleene import Kleene, kleene_or
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.held_statements import PRINCIPAL_KEYS
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.instants import BEFORE

NOT_HELD, ALLOWED, CONDITIONAL, UNSURE = 0, 1, 2, 3
"""Of a principal in a state: denied, allowed, under conditions, to be decided about by itself."""
_OF_ACCOUNTS = frozenset(("aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"))
"""Condition keys (lower case) that all callers of an account have alike."""
_NOBODY = "\0"
"""The name of a user that no policy names."""
_EVERYBODY = ("AWS", "*")


class Root(NamedTuple):
    """The root of an account at an instant: its ARN, and what becomes of its request."""

    arn: str
    how: int


class Surroundings:
    """Of all users and roles of an account that no policy names, at one instant; and of its root.

    `verdicts` are those of a caller without policies of its own; None where statements tell callers apart."""

    def __init__(self, verdicts: Verdicts | None, denies: Kleene, is_open: bool, root: Root) -> None:
        self._verdicts = verdicts
        self._denies = denies
        self.is_open = is_open
        """Whether a principal without identity policies may be allowed it."""
        self.root = root

    def told(self) -> tuple[object, ...]:
        """What two that are equal have in common."""
        found = self._verdicts
        if found is None:
            return self.is_open, self.root
        grants = found.grants
        return (
            self._denies, self.is_open, self.root, found.possible, found.rcp, found.scp, found.same_account,
            found.needs_resource, grants.directly, grants.as_account,
        )  # fmt: skip

    def holds(self, identity: int, limit: int | None, is_unclear: bool) -> int:
        """What becomes of a principal. `identity` is what its identity policies say; `limit` what its boundary says,
        None where it has none; `is_unclear`: what some of these say is not known here."""
        if self._verdicts is None:
            return NOT_HELD if not self.is_open and not is_unclear and says(identity)[0] is False else UNSURE
        allows, denies = says(identity)
        if is_unclear:
            sure = kleene_or((self._denies, denies))
            return NOT_HELD if self._conclude(True, True, sure if sure is True else False) == NOT_HELD else UNSURE
        within: Kleene = True
        if limit is not None:
            within, also = says(limit)
            denies = kleene_or((denies, also))
        return self._conclude(allows, within, kleene_or((self._denies, denies)))

    def _conclude(self, identity: Kleene, boundary: Kleene, denies: Kleene) -> int:
        """As `conclude` does."""
        verdicts = self._verdicts
        assert verdicts is not None
        if denies is True:
            return NOT_HELD
        verdicts.identity, verdicts.boundary = identity, boundary
        allows = verdicts.allows()
        if allows is False:
            return NOT_HELD
        return ALLOWED if allows is True and denies is False else CONDITIONAL


class Around:
    """The surroundings of one request over [begin, end)."""

    def __init__(self, facts: ReadFacts, request: Request, begin: datetime, end: datetime) -> None:
        self._facts = facts
        self._request = request
        self._action = request.action.lower()
        self._window = begin, end
        self._organizations = OrganizationsOver(facts, self._action, request.resource)
        self._passed: dict[tuple[EntityKey, frozenset[str]], tuple[datetime, datetime]] = {}
        """Of an organisation and some accounts, an instant that was asked about last, and the next that has a say."""
        self.named: set[str] = set()
        """Whom the resource's policies name, but for accounts and everybody."""

    def of(self, account: str) -> Iterator[tuple[datetime, datetime, Surroundings]]:
        """Those of an account, from change to change."""
        at, end = self._window
        last: tuple[datetime, datetime, Surroundings] | None = None
        while at < end:
            instant = max(at, BEFORE + TICK)
            self._facts.turn_to(instant)
            found = self._at(DirectoryView(self._facts, 0, instant), account)
            accounts = frozenset((account, *(key[0] for key in self._facts.read)))
            read = self._facts.read.items()
            until = min((self._next(key, course, instant, accounts) for key, course in read), default=end)
            until = min(until, end)
            if last is not None and last[2].told() == found.told():
                last = last[0], until, last[2]
            else:
                if last is not None:
                    yield last
                last = at, until, found
            at = until
        if last is not None:
            yield last

    def _next(self, key: EntityKey, course: Course, instant: datetime, accounts: frozenset[str]) -> datetime:
        """The next instant at which something of an entity may have a say."""
        if key[1] != "organization":
            return course.next_change(instant, accounts)
        since, until = self._passed.get((key, accounts), (instant, instant))
        if not since <= instant < until:
            until = self._next_of_organization(key, course, instant, accounts)
            self._passed[key, accounts] = instant, until
        return until

    def _next_of_organization(
        self, key: EntityKey, course: Course, instant: datetime, accounts: frozenset[str]
    ) -> datetime:
        at, over = course.next_change(instant, accounts), self._organizations
        while at < self._window[1] and course.goes_on(at):
            if not (over.are_beside(key, course, at, accounts) or over.say_the_same(key, course, at, accounts)):
                break
            at = course.next_change(at, accounts)
        return at

    def _at(self, directory: Directory, account: str) -> Surroundings:
        request, action = self._request, self._action
        policies = PoliciesAbout(directory, request)
        target, scp = policies.resource_side(request, account), policies.scp(account)
        self._note(target.policy)
        partition = directory.partition(account)
        layers = [layer for levels in (scp, target.rcp) if levels is not None for layer in levels.layers]
        about = [each for layer in layers for each, _, _ in layer.about(action)]
        of_resource = [] if target.policy is None else [each for each, _, _ in target.policy.about(action)]
        root = self._caller(directory, policies, f"arn:{partition}:iam::{account}:root", "root", account)
        if directory.mode(account) == NOT_YET:
            of_root = Root(root.arn, NOT_HELD)
        else:
            of_root = self._root(policies.side_of(root), scp, target, (*about, *of_resource))
        if target.vpc_endpoint is not None or self._tell_apart(about) or self._tell_apart(of_resource):
            is_open = target.policy is not None and self._may_be_open(target.policy, of_resource)
            return Surroundings(None, None, is_open, of_root)
        caller = self._caller(directory, policies, f"arn:{partition}:iam::{account}:user/{_NOBODY}", "user", account)
        evaluation = Evaluation(request, caller, target.keys)
        verdicts = Verdicts()
        verdicts.possible = not is_impossible(action, request.resource, caller)
        verdicts.rcp = self._limit(target.rcp, evaluation, is_under_rcp(action, request.resource, request.context))
        verdicts.scp = self._limit(scp, evaluation)
        verdicts.grants = target.policy.grants(action, evaluation) if target.policy is not None else Grants()
        verdicts.needs_resource = needs_resource_policy(action, request.resource)
        verdicts.same_account = _same_account(target, account)
        found = Surroundings(verdicts, evaluation.denies, True, of_root)
        found.is_open = found.holds(0, None, is_unclear=False) != NOT_HELD
        return found

    def _limit(self, levels: Levels | None, evaluation: Evaluation, reaches: bool = True) -> Kleene:
        return True if levels is None or not reaches else levels.verdict(self._action, evaluation)

    def _root(
        self, side: CallerSide, scp: Levels | None, target: ResourceSide, about: Iterable[CompiledStatement]
    ) -> Root:
        arn = side.caller.arn
        if target.vpc_endpoint is not None or any(self._reads_clock(each) for each in about):
            return Root(arn, UNSURE)
        side.scp = scp
        found = evaluate(msgspec.structs.replace(self._request, principal=arn), side, target)
        how = {"allow": ALLOWED, "conditional": CONDITIONAL}.get(found.effect, NOT_HELD)
        return Root(arn, how)

    def _reads_clock(self, compiled: CompiledStatement) -> bool:
        return any(key in CLOCK and key not in self._request.context for key in compiled.keys_read)

    def _caller(
        self, directory: Directory, policies: PoliciesAbout, arn: str, kind: CallerKind, account: str
    ) -> Caller:
        caller = Caller(arn, kind, account)

        def add(caller: Caller, keys: ContextDict) -> None:
            add_known(caller, policies.place(account), directory.as_of, keys)

        caller.known = add
        return caller

    def _tell_apart(self, about: Iterable[CompiledStatement]) -> bool:
        """Whether statements may say different things to different callers of an account, or at different instants."""
        return any(
            each.statement.not_principals is not None or any(self._is_personal(key) for key in each.keys_read)
            for each in about
            if each.may_cover(self._request.resource)
        )

    def _is_personal(self, key: str) -> bool:
        if key in self._request.context or key in _OF_ACCOUNTS:
            return False
        return key in CLOCK or key.startswith(PRINCIPAL_KEYS)

    def _may_be_open(self, policy: Layer, about: Iterable[CompiledStatement]) -> bool:
        """Whether a resource's policy may allow it to somebody whom it does not name."""
        return bool(policy.why) or any(
            each.statement.not_principals is not None or _EVERYBODY in (each.statement.principals or ())
            for each in about
            if each.allows
        )

    def _note(self, policy: Layer | None) -> None:
        for _, compiled in policy.statements() if policy is not None else ():
            statement = compiled.statement
            for _, name in (*(statement.principals or ()), *(statement.not_principals or ())):
                if name != "*" and not account_named(name):
                    self.named.add(name)


def _same_account(target: ResourceSide, account: str) -> Kleene:
    """Whether caller and resource are of one account: as `evaluate` finds it."""
    if target.owner is None:
        return True if target.is_common else None
    return target.owner in (account, "aws")

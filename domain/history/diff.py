"""Effective permissions at one instant against those at another: of effect, not of documents."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.comparing.causes import Changes
from erstwhile.domain.history.comparing.comparison import Comparison
from erstwhile.domain.history.comparing.concerned import Concerned
from erstwhile.domain.history.comparing.elsewhere import forget_cells
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.outsiders import MOST_OUTSIDERS, outsiders_named
from erstwhile.domain.history.comparing.standing import Standing, absent, forget_contents
from erstwhile.domain.history.comparing.unchanged import Bearing, Unchanged
from erstwhile.domain.history.difference import Change, Diff, Difference, Whole, are_named_alike, order
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.policy.engine.attached import detach_engine, engine_of
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, TooManyParts, TooMuch
from erstwhile.domain.policy.language.statement import forget_documents

EFFORT = 2_000_000
"""Steps for one principal."""
EFFORT_FOR_ALL = 20_000_000
"""Steps for all principals of one answer."""
_KEPT = 500
"""Principals of whom is kept what their policies say."""


def diff(
    history: FactHistory,
    before: datetime,
    after: datetime,
    *,
    principal: str | EntityKey | None = None,
    account: str | None = None,
    resource: str | None = None,
    effort: int = EFFORT,
    few: int | None = None,
) -> Diff:
    """What a principal, those of an account, or all users, roles and roots may `after` and not `before`, and the other
    way round; on one resource, or on all. All are also outsiders whom policies name of resources and roles of which
    something differs, or over which resource control policies do (`role/*` stands for the roles of an account).

    A principal is the same one as long as its unique id is; an ARN means whoever has it at each instant. `effort`:
    steps for one principal. `few`: so many users and roles are compared at most. Raises MalformedArn, UnknownPrincipal
    for a principal that is there at neither instant, TooManyParts where its policies are too many to be compared,
    TooMuch where all of them together are, and ManyConcerned, before anybody is compared, where a change concerns more
    than `few`.
    """
    two = _Two(history, before, after, principal, account, resource, effort, few)
    try:
        if principal is not None:
            two.compare_named(principal)
        else:
            two.compare_all()
        return two.found()
    finally:
        two.close()


class ManyConcerned(Exception):
    """something that changed concerns more principals than this question is answered about here"""


class _Two:
    """Two instants of a history, while they are compared."""

    def __init__(
        self, history: FactHistory, before: datetime, after: datetime, principal: str | EntityKey | None,
        account: str | None, resource: str | None, effort: int, few: int | None,
    ) -> None:  # fmt: skip
        self._effort = effort
        self._account = account
        self._history = history
        self._at = (before, after)
        views = directory_at(history, before), directory_at(history, after)
        self._directories: tuple[Directory, Directory] = views
        self._changes = Changes(history, before, after)
        self._concerned = Concerned(
            history, (before, views[0]), (after, views[1]), asks_of_one=principal is not None, account=account,
            few=None if principal is not None else few,
        )  # fmt: skip
        self._instants = Instants(*self._directories, history, self._changes, self._concerned, resource)
        self._unchanged = Unchanged(self._instants)
        self._differences: list[Difference] = []
        self._of_outsiders: list[Difference] = []
        self._whole: list[Whole] = []
        self._unclear: list[str] = []
        self._decided = 0
        self._is_wide = False
        """Whether everybody is compared."""

    def found(self) -> Diff:
        return Diff(
            before=self._at[0],
            after=self._at[1],
            differences=(*sorted(self._differences, key=order), *sorted(self._of_outsiders, key=order)),
            whole=tuple(
                sorted(self._whole, key=lambda each: (each.principal, each.change == "gained", each.unique_id))
            ),
            unclear=tuple(sorted(self._unclear)),
            decided=self._decided,
        )

    def close(self) -> None:
        """Gives back what was made of the two instants: of thousands of principals, a hundred megabytes."""
        for directory in self._directories:
            detach_engine(directory)
        forget_contents()
        forget_cells()
        if self._is_wide:
            forget_documents()

    def compare_named(self, principal: str | EntityKey) -> None:
        if not isinstance(principal, str):
            lives = [entity for each in self._directories if (entity := each.get(*principal)) is not None]
            if not any(each.exists for each in lives):
                raise UnknownPrincipal(principal[2])
            self._compare_entity(principal, ["", ""], Effort(self._effort))
            return
        entities = [_find(directory, principal) for directory in self._directories]
        effort = Effort(self._effort)
        keys = dict.fromkeys(entity.key for entity in entities if entity is not None)
        for key in keys:
            # A session keeps its name; a user or role may have been renamed.
            found = [principal if entity is not None and entity.key == key else "" for entity in entities]
            self._compare_entity(key, found, effort)
        if not keys:
            account = parse_caller(principal).account
            self._compare_there(*self._there(principal, principal), (account, "account", account), "", effort)

    def _there(self, before: str, after: str) -> tuple[str | None, str | None]:
        """The name at each instant, None where it means nobody. Raises UnknownPrincipal where it does at neither."""
        is_there = _is_there(self._directories[0], before), _is_there(self._directories[1], after)
        if not any(is_there):
            raise UnknownPrincipal(after)
        return before if is_there[0] else None, after if is_there[1] else None

    def compare_all(self) -> None:
        if self._concerned.are_many:
            raise ManyConcerned
        self._is_wide = True
        effort = Effort(EFFORT_FOR_ALL)
        alike: dict[Hashable, list[Difference]] = {}
        for number, key in enumerate(self._concerned.keys(self._account), 1):
            if number % _KEPT == 0:
                # Nobody is compared twice.
                for directory in self._directories:
                    engine_of(directory).policies.forget_callers()
            bearing = None if key in self._concerned.principals else self._unchanged.bearing(key[0])
            like = None if bearing is None else self._unchanged.alike(key)
            if bearing is not None and bearing.is_limited:
                bearing = None  # actions may be named by what else a principal has
            if like is not None and like in alike:
                self._differ_as(key, alike[like])
                continue
            own, first = Effort(self._effort), len(self._differences)
            try:
                self._compare_entity(key, ["", ""], own, bearing)
                if like is not None and (bearing is not None or are_named_alike(self._differences[first:])):
                    alike[like] = self._differences[first:]
            except TooManyParts:
                self._unclear.append(self._name(key))
            self._charge(effort, own)
        roots: set[str] = set()
        for each in self._concerned.roots(self._account):
            own = Effort(self._effort)
            arns = [f"arn:{directory.partition(each)}:iam::{each}:root" for directory in self._directories]
            roots.update(arns)
            try:
                self._compare_there(*self._there(*arns), (each, "account", each), each, own)
            except TooManyParts:
                self._unclear.append(arns[1])
            self._charge(effort, own)
        self._compare_outsiders(roots, effort)

    def _compare_outsiders(self, compared: set[str], effort: Effort) -> None:
        """`compared`: the roots that were."""
        named = outsiders_named(self._directories, self._concerned.naming())
        names = [name for name, of in named.items() if self._account in (None, of) and name not in compared]
        self._unclear += names[MOST_OUTSIDERS:]
        insiders = len(self._differences)
        for name in names[:MOST_OUTSIDERS]:
            own = Effort(self._effort)
            try:
                self._compare(*self._there(name, name), "", own)
            except TooManyParts:
                self._unclear.append(name)
            self._charge(effort, own)
        self._of_outsiders = self._differences[insiders:]
        del self._differences[insiders:]

    def _charge(self, effort: Effort, own: Effort) -> None:
        try:
            effort.spend(own.spent)
        except TooManyParts:
            raise TooMuch(
                f"the policies of {self._decided:,} principals were compared, and there are more whose access "
                "something changed: ask about one principal, account or resource, or about a shorter time"
            ) from None

    def _name(self, key: EntityKey) -> str:
        """Its ARN at the later instant, where it is there."""
        for directory in reversed(self._directories):
            entity = directory.get(*key)
            if entity is not None:
                return directory.arn_of(entity)
        raise LookupError(key)

    def _differ_as(self, key: EntityKey, differences: list[Difference]) -> None:
        """A user or role of whom the same differs as of another."""
        self._decided += 1
        arn = self._name(key)
        self._differences += (msgspec.structs.replace(each, principal=arn, unique_id=key[2]) for each in differences)

    def _compare_entity(self, key: EntityKey, names: list[str], effort: Effort, bearing: Bearing | None = None) -> None:
        """`names`: by which it is asked about at each instant; '' for its ARN. `bearing`: what alone counts."""
        arns = []
        for directory, name in zip(self._directories, names, strict=True):
            entity = directory.get(*key)
            arns.append((name or directory.arn_of(entity)) if entity is not None and entity.exists else None)
        if arns != [None, None]:
            self._compare_there(arns[0], arns[1], key, key[2], effort, bearing)

    def _compare_there(
        self, before: str | None, after: str | None, life: EntityKey, unique_id: str, effort: Effort,
        bearing: Bearing | None = None,
    ) -> None:  # fmt: skip
        """None: it is not there at that instant. `life`: what exists as long as it does, itself or its account."""
        is_always = before is not None and after is not None
        if is_always or self._instants.within is not None:
            self._compare(before, after, unique_id, effort, bearing if is_always else None)
            return
        attribute = attributes.MODE if life[1] == "account" else attributes.ENTITY
        self._whole.append(
            Whole(
                principal=before or after or "", account=life[0], unique_id=unique_id,
                change="gained" if before is None else "lost",
                events=tuple(sorted(self._changes.events([(life, attribute, "")]))),
            )
        )  # fmt: skip

    def _compare(
        self, before: str | None, after: str | None, unique_id: str, effort: Effort, bearing: Bearing | None = None
    ) -> None:
        """None: it is not there at that instant. Raises TooManyParts."""
        self._decided += 1
        standings = [
            None if arn is None else Standing(directory, arn, other)
            for directory, other, arn in zip(
                self._directories, reversed(self._directories), (before, after), strict=True
            )
        ]
        for standing in standings if bearing is not None else ():
            if standing is not None and bearing is not None:
                standing.leave_out(bearing.has)
        one, other = standings[0] or absent(standings[1]), standings[1] or absent(standings[0])
        for part in Comparison(self._instants, one, other, effort).parts():
            change: Change = "changed"
            if part.before.effect == "deny" or part.after.effect == "deny":
                change = "gained" if part.before.effect == "deny" else "lost"
            self._differences.append(
                Difference(
                    principal=after or before or "", account=other.caller.account, unique_id=unique_id, change=change,
                    actions=part.actions, resources=part.resources, resource_account=part.owner,
                    before=part.before, after=part.after,
                    example=part.example, events=part.events,
                )
            )  # fmt: skip


def _find(directory: Directory, principal: str) -> Entity | None:
    """A user or role, or that of a session; None for all others, and for one that is not there."""
    try:
        return find_principal(directory, principal)
    except UnknownPrincipal:
        return None


def _is_there(directory: Directory, principal: str) -> bool:
    try:
        find_principal(directory, principal)
    except UnknownPrincipal:
        return False
    return True

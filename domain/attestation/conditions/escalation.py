"""Nobody but those of a list is an administrator, or can become one: as `domain/reach` finds paths, in every state of
the period.

The graph of a state is that of its beginning: between two states that follow each other a fact changes on which an edge
may rest, and none within one (`domain/reach/states.py`). Of other accounts those alone count whose principals roles
trust (`domain/reach/accounts_into.py`). An administrator needs no path, and has none: where somebody who had a path
went it, the break goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse, Standing, distinct
from erstwhile.domain.attestation.conditions.administrators import HOW
from erstwhile.domain.attestation.holding import OnCondition, reason, standing_of
from erstwhile.domain.attestation.selected import Selected
from erstwhile.domain.history.fact_changes import FactChange, changes_of
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.held_periods import HeldHow
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.sources import unknowns
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.reach.accounts_into import EverInto
from erstwhile.domain.reach.changes import Changes
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.paths import Path, Reach, paths_to_administrator
from erstwhile.domain.reach.states import concerns, states
from erstwhile.domain.reach.ways import Ways

MOST_STATES = 1_000
"""States of a period, for an account of any size: paths are searched for in each."""
MOST_EFFORT = 5_000_000
"""States, times the users and roles of the account: about an hour at `SECONDS`."""
SECONDS = 0.0007
"""What a search takes for each user and role: the row `paths` of `make bench-incident`."""
MOST_STEPS = 8
_MOST_PATHS = 10_000
_NOT_SEEN = "whether it can become an administrator is not known: its policies were never seen"
_MORE = f"more than {_MOST_PATHS:,} paths lead to administrators: not everybody who has one was looked at"

What = Literal["is", "can", "unknown"]
Key = tuple[str, Standing, What]
"""(principal, standing, whether it is an administrator, can become one, or nothing is known of it)"""
Found = Mapping[Key, "_Reaching"]


class _Reaching(NamedTuple):
    """`path`: the shortest one, a sure one before others; None where no path was found, or all were not looked at."""

    why: str
    path: Path | None = None


class EscalationWithin(Condition, frozen=True, kw_only=True):
    """NIST AC-6(5), ISO 27001 A.8.2, PCI DSS 4.0.1, 7.2.2: who can give himself all privileges has them. `steps`: of a
    path, at most."""

    within: tuple[str, ...] = ()
    steps: int = 3
    under_condition: OnCondition = "unknown"

    def words(self) -> str:
        but = f" but {', '.join(self.within)}" if self.within else ""
        return f"nobody{but} is an administrator, or can become one in {self.steps} steps or fewer"

    def wrong(self) -> Iterator[str]:
        if not 1 <= self.steps <= MOST_STEPS:
            yield f"steps must be a number from 1 to {MOST_STEPS}, not {self.steps}"

    def doubts(self, ground: Ground) -> Iterable[str]:
        for entry in Selected(self.within).of_nobody(ground):
            yield f"escalation-within: no record names a principal {entry}"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        """Raises TooMuch where so many changes concern paths in so large accounts that it would take hours."""
        history, into = ground.history, EverInto(ground.history)
        entered: dict[datetime, list[_Runs]] = {}
        runs = [_Runs(self, ground, account) for account in sorted(ground.accounts)]
        searched = 0
        for each in runs:
            parts = states(history, ground.begin, ground.end, into.accounts_into(each.account))
            people = sum(1 for kind in ("user", "role") for _ in history.of_kind(kind, each.account))
            _require_possible(each.account, len(parts), people)
            searched += len(parts)
            for since, _ in parts:
                entered.setdefault(since, []).append(each)
        done = 0
        for since in sorted(entered):
            ways = Ways(directory_at(history, since))
            for each in entered.pop(since):
                yield from each.goes_on(since, ways)
                done += 1
                ground.progress(done, searched)
        for each in runs:
            yield from each.ends()

    def found(self, ways: Ways, reach: Reach, account: str) -> Found:
        """Who is an administrator of an account in one state, can become one, or is not known to be unable to."""
        allowed, directory = Selected(self.within), ways.directory
        shortest: dict[str, Path] = {}
        for path in sorted(reach.paths, key=lambda each: (each.how != "allow", len(each.edges), each.key)):
            shortest.setdefault(path.source.principal, path)
        found: dict[Key, _Reaching] = {}
        people = [each for each in directory.principals_of([account]) if each.exists]
        for entity in people:
            name = directory.arn_of(entity)
            held = HOW.get(ways.administrators.how(Node(name), account))
            standing = None if held is None else standing_of(held, self.under_condition)
            if held is not None and standing is not None and not _is_excepted(allowed, ways, name):
                found[name, standing, "is"] = _Reaching("it is an administrator" + reason(held))
        for name in dict.fromkeys((*shortest, *(node.principal for node in reach.principals))):
            kept = shortest.get(name)
            how: HeldHow = "conditional" if kept is not None and kept.how != "allow" else "allowed"
            standing = standing_of(how, self.under_condition)
            if standing is not None and not _is_excepted(allowed, ways, name):
                found[name, standing, "can"] = _Reaching(_words(kept) + reason(how), kept)
        for entity in people:
            name = directory.arn_of(entity)
            if not unknowns(directory, entity):
                continue
            is_said = (name, "broken", "is") in found or (name, "broken", "can") in found
            if not is_said and not _is_excepted(allowed, ways, name):
                found[name, "unknown", "unknown"] = _Reaching(_NOT_SEEN)
        if reach.is_cut or reach.was_long:
            found[f"arn:{directory.partition(account)}:iam::{account}:root", "unknown", "unknown"] = _Reaching(_MORE)
        return found


class _Runs:
    """The administrators of one account and those that can become one, from state to state."""

    def __init__(self, condition: EscalationWithin, ground: Ground, account: str) -> None:
        self._condition, self._ground, self.account = condition, ground, account
        self._open: dict[Key, tuple[datetime, _Reaching, tuple[FactChange, ...]]] = {}
        self._last: tuple[Ways, Reach, Found] | None = None

    def goes_on(self, at: datetime, ways: Ways) -> Iterator[Lapse]:
        """Enters the state that begins at an instant. Yields the lapses that end there."""
        reach = paths_to_administrator(ways, self._condition.steps, _MOST_PATHS, self.account)
        found = self._condition.found(ways, reach, self.account)
        last = self._last
        for key in [each for each in self._open if each not in found]:
            before = self._open[key][1] if last is None else last[2][key]
            of = None if last is None else last[0]
            yield self._lapse(key, at, self._changes(at, before.path, reach, of, opened=False))
        for key, reaching in found.items():
            if key not in self._open:
                begun = () if last is None else self._changes(at, reaching.path, last[1], ways, opened=True)
                self._open[key] = at, reaching, begun
        self._last = ways, reach, found

    def ends(self) -> Iterator[Lapse]:
        """The lapses that go on to the end of the period."""
        for key in list(self._open):
            yield self._lapse(key, self._ground.end, ())

    def _lapse(self, key: Key, end: datetime, ended_by: tuple[FactChange, ...]) -> Lapse:
        begin, reaching, begun_by = self._open.pop(key)
        return Lapse(
            account=self.account, subject=key[0], standing=key[1], why=reaching.why, begin=begin, end=end,
            begun_by=begun_by, ended_by=ended_by,
        )  # fmt: skip

    def _changes(
        self, at: datetime, path: Path | None, other: Reach, ways: Ways | None, opened: bool
    ) -> tuple[FactChange, ...]:
        """What opened or closed a path at an instant; where that names nothing, what changed at it that concerns
        reach. `ways`: of the state that has the path."""
        history = self._ground.history
        if path is not None and ways is not None:
            changed = Changes(history, at - TICK, at).of(path, other.paths, ways.questions, opened)
            if changed.causes:
                return distinct(changed.causes)
        return distinct(
            change
            for key in sorted(history.changed(at - TICK, at))
            for change in changes_of([each for each in history.intervals_of(key) if concerns(each)]).get(at, ())
        )


def _require_possible(account: str, count: int, people: int) -> None:
    """Raises TooMuch."""
    if count > MOST_STATES and count * people > MOST_EFFORT:
        hours = count * people * SECONDS / 3600
        raise TooMuch(
            f"{count:,} changes concern paths to administrators of account {account} in the period, and it has "
            f"{people:,} users and roles: to look at each state would take about {hours:,.0f} hours; ask about a "
            "shorter period"
        )


def _words(path: Path | None) -> str:
    if path is None:
        return "it can become an administrator"
    return "it can become an administrator: " + ", then ".join(
        f"{each.family} {each.target.text}" for each in path.edges
    )


def _is_excepted(allowed: Selected, ways: Ways, name: str) -> bool:
    if not allowed.entries:
        return False
    entity = ways.directory.with_arn(name)
    return allowed.has(name, entity.id if entity is not None else "")

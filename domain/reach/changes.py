"""Which paths opened or closed between two instants, and by which events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

import msgspec

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.fact_changes import FactChange, changes_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.timeline import Span, timeline
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.reach.asks import context_of
from erstwhile.domain.reach.edges import Edge, proofs
from erstwhile.domain.reach.paths import Path
from erstwhile.domain.reach.questions import Proof, Questions
from erstwhile.domain.reach.states import concerns

_LETS = ("allow", "conditional")


class ChangedPath(msgspec.Struct, frozen=True):
    """A path that one instant has and the other has not. `causes`: what changed its edges that the other lacks, the
    last changes of each: of decisions, and of what runs as a role; where these say nothing, of source and target."""

    path: Path
    causes: tuple[FactChange, ...]


def only_in(paths: Iterable[Path], other: Iterable[Path]) -> list[Path]:
    """The paths of one instant that another has not."""
    there = {each.key for each in other}
    return [each for each in paths if each.key not in there]


class Changes:
    """What changed decisions about edges in a window of a history, [begin, end]."""

    def __init__(self, history: FactHistory, begin: datetime, end: datetime) -> None:
        self._history = history
        self._begin = begin
        self._end = end
        self._known: dict[tuple[str, str, str, tuple[tuple[str, str], ...], bool], tuple[FactChange, ...]] = {}

    def of(self, path: Path, other: Iterable[Path], questions: Questions, opened: bool) -> ChangedPath:
        """Of a path that the `other` instant's paths lack. `questions`: of the instant that has it; `opened`: whether
        that is the later one."""
        there = {key for each in other for key in each.key}
        found: list[FactChange] = []
        for edge, key in zip(path.edges, path.key, strict=True):
            if key not in there:
                found += [each for each in self._causes(edge, questions, opened) if each not in found]
        return ChangedPath(path, tuple(found))

    def _causes(self, edge: Edge, questions: Questions, opened: bool) -> list[FactChange]:
        opening = edge.opening
        found = [] if edge.source.gains else list(self._of_decisions(edge, questions, opened))
        if opening.family.gain is None:
            found += [each for key in opening.rests_on for each in self._last(key, opened)]
        if found:
            return found
        # What a source gained on the way is in no history, nor what its target has that a family asks for: what
        # changed of both is.
        keys = [key for name in dict.fromkeys((edge.source.principal, edge.target.principal))
                for key in self._history.with_arn(name)]  # fmt: skip
        return [each for key in (*keys, *opening.rests_on) for each in self._last(key, opened)]

    def _last(self, key: EntityKey, opened: bool) -> list[FactChange]:
        """The last changes of an entity in the window: where a path opened, those by which something began; else those
        by which something ended."""
        concerning = [each for each in self._history.intervals_of(key) if concerns(each)]
        for instant, changes in reversed(changes_of(concerning).items()):
            if self._begin < instant <= self._end:
                found = [each for each in changes if (each.after if opened else each.before) is not None]
                if found:
                    return found
        return []

    def _of_decisions(self, edge: Edge, questions: Questions, opened: bool) -> Iterator[FactChange]:
        asks = [*edge.opening.asks, *([edge.opening.trust] if edge.opening.trust is not None else [])]
        given = {action: each.given_to(action) for each in asks for action in each.actions}
        for proof in proofs(questions, edge):
            yield from self._of_proof(proof, given.get(proof.action, ()), opened)

    def _of_proof(self, proof: Proof, given: tuple[tuple[str, str], ...], opened: bool) -> tuple[FactChange, ...]:
        key = (proof.principal, proof.action, proof.resource, given, opened)
        if key not in self._known:
            spans = timeline(
                self._history, proof.principal, proof.action, proof.resource, self._begin, self._end + TICK,
                context=context_of(given),
            ).spans  # fmt: skip
            self._known[key] = _turn(spans, opened)
        return self._known[key]


def _turn(spans: tuple[Span, ...], opened: bool) -> tuple[FactChange, ...]:
    """What last made a decision let it through, or keep it out; nothing where it was so all the time."""
    for before, after in reversed(list(pairwise(spans))):
        if (after.effect in _LETS) == opened and (before.effect in _LETS) != opened:
            return after.causes
    return ()

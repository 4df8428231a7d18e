"""Conditions on the facts of one entity: judged in each of its states, from its first to the end of the period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse, Standing
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval, in_order
from erstwhile.domain.history.bearers import arn_of
from erstwhile.domain.history.course import instants_of
from erstwhile.domain.history.fact_changes import CLOCK, FactChange, changes_at, told_in_order
from erstwhile.domain.history.facts_at import entity_at
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.domain.vocabulary.instants import BEFORE

_CLOCK = (FactChange(layer=CLOCK, position=0),)


class Judgement(NamedTuple):
    """What is wrong with an entity in one state, or not known. `item`: which part of it is meant, such as a key."""

    item: str
    standing: Standing
    why: str


class EntityCondition(Condition, frozen=True, kw_only=True):
    """A condition that looks at one entity after another."""

    attributes: ClassVar[frozenset[str]] = frozenset()
    """The attributes that it reads."""

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        """The entities that it may concern."""
        raise NotImplementedError

    def read(self, ground: Ground, keys: Sequence[EntityKey]) -> None:
        """Reads together what it is about to look up of each of these entities."""

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        """What is wrong, or not known, at an instant. The entity has the facts of `attributes` alone."""
        raise NotImplementedError

    def turns(self, ground: Ground, intervals: Sequence[Interval]) -> Iterable[datetime]:
        """The instants at which the clock alone may change the judgement."""
        return ()

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        keys = [key for key in dict.fromkeys(self.keys(ground)) if key[0] in ground.accounts]
        self.read(ground, keys)
        for key in keys:
            yield from _of_entity(self, ground, key)


class FactCondition(EntityCondition, frozen=True, kw_only=True):
    """A condition that a fact breaks, or makes unknown, by being there, whatever else the entity has.

    For `attestation` of `make bench-reports`: its lapses are the intervals of these facts, and no state is judged. They
    are many and have no cycles: the collector would look at all of them again and again."""

    def of_fact(self, fact: Interval) -> Judgement | None:
        """What is wrong, or not known, while a fact of `attributes` holds."""
        raise NotImplementedError

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        keys = [key for key in dict.fromkeys(self.keys(ground)) if key[0] in ground.accounts]
        with without_collector():
            found = [lapse for key in keys for lapse in _of_facts(self, ground, key)]
        yield from found


def _of_facts(condition: FactCondition, ground: Ground, key: EntityKey) -> Iterable[Lapse]:
    every = ground.history.intervals_with(key, condition.attributes | attributes.DESCRIBING)
    rows = [each for each in every if each.attribute in condition.attributes and each.valid_from < each.valid_to]
    runs: dict[str, list[tuple[Judgement, datetime, datetime]]] = {}
    for each in sorted(rows, key=lambda row: row.valid_from):
        judgement = condition.of_fact(each) if each.valid_from < ground.end else None
        if judgement is None:
            continue
        own = runs.setdefault(judgement.item, [])
        if own and own[-1][2] > each.valid_from:
            # Two facts judge the same part of the entity at one time: the one whose attribute's name is the later.
            return _by_states(ground, key, every, rows, instants_of(rows), _judging(condition, rows))
        if own and own[-1][0] == judgement and own[-1][2] == each.valid_from:
            own[-1] = judgement, own[-1][1], each.valid_to
        else:
            own.append((judgement, each.valid_from, each.valid_to))
    within = [(judgement, begin, end) for own in runs.values() for judgement, begin, end in own if end > ground.begin]
    if not within:
        return ()
    touching: dict[datetime, list[Interval]] = {}
    for each in rows:
        touching.setdefault(each.valid_from, []).append(each)
        touching.setdefault(each.valid_to, []).append(each)
    lives = [each for each in every if each.attribute == attributes.ENTITY]
    return [
        lapse
        for judgement, begin, end in within
        for lapse in _lapse(
            ground, key, lives, [*touching[begin], *touching[end]], _Run(judgement, begin), min(end, ground.end),
            is_open=end >= ground.end,
        )
    ]  # fmt: skip


def _judging(condition: FactCondition, rows: Sequence[Interval]) -> Callable[[datetime], Iterator[Judgement]]:
    """What facts say at an instant."""
    by_name = sorted(rows, key=lambda row: row.attribute)

    def judge(at: datetime) -> Iterator[Judgement]:
        for row in by_name:
            judgement = condition.of_fact(row) if row.valid_from <= at < row.valid_to else None
            if judgement is not None:
                yield judgement

    return judge


class _Run(NamedTuple):
    """States that follow each other, with the same judgement about one part of the entity."""

    judgement: Judgement
    begin: datetime


def _of_entity(condition: EntityCondition, ground: Ground, key: EntityKey) -> Iterator[Lapse]:
    every = ground.history.intervals_with(key, condition.attributes | attributes.DESCRIBING)
    rows = in_order(
        each for each in every if each.attribute in condition.attributes and each.valid_from < each.valid_to
    )
    turns = {at for at in condition.turns(ground, rows) if at > BEFORE}
    yield from _by_states(
        ground, key, every, rows, {*instants_of(rows), *turns},
        lambda at: condition.judge(ground, entity_at(key, rows, at), at),
    )  # fmt: skip


def _by_states(
    ground: Ground,
    key: EntityKey,
    every: Sequence[Interval],
    rows: Sequence[Interval],
    turns: Iterable[datetime],
    judge: Callable[[datetime], Iterable[Judgement]],
) -> Iterator[Lapse]:
    """By what is judged of each of an entity's states. `turns`: the instants at which one begins."""
    open_runs: dict[str, _Run] = {}
    for at in (BEFORE, *(at for at in sorted(turns) if at < ground.end)):
        found = {each.item: each for each in judge(at)}
        for item, run in list(open_runs.items()):
            if found.get(item) != run.judgement:
                yield from _lapse(ground, key, every, rows, open_runs.pop(item), at)
        for item, judgement in found.items():
            open_runs.setdefault(item, _Run(judgement, at))
    for run in open_runs.values():
        yield from _lapse(ground, key, every, rows, run, ground.end, is_open=True)


def _lapse(
    ground: Ground,
    key: EntityKey,
    every: Sequence[Interval],
    rows: Sequence[Interval],
    run: _Run,
    end: datetime,
    is_open: bool = False,
) -> Iterator[Lapse]:
    if end <= ground.begin or run.begin >= ground.end:
        return
    item, standing, why = run.judgement
    subject = name_of(ground, key, every, max(run.begin, ground.begin))
    yield Lapse(
        account=key[0], subject=f"{subject} {item}".strip(), standing=standing, why=why, begin=run.begin, end=end,
        begun_by=_changes(rows, run.begin) if run.begin > BEFORE else (),
        ended_by=() if is_open else _changes(rows, end),
    )  # fmt: skip


def _changes(rows: Sequence[Interval], at: datetime) -> tuple[FactChange, ...]:
    return told_in_order(changes_at(rows, at)) or _CLOCK


def name_of(ground: Ground, key: EntityKey, every: Sequence[Interval], at: datetime) -> str:
    """The ARN that an entity had at an instant, else the last one that it had; its unique id where it never had one."""
    if key[1] == "root":
        partition = next(
            (
                each.value.get("partition")
                for each in ground.intervals(key[0], "account", key[0])
                if each.attribute == attributes.MODE
            ),
            None,
        )
        return f"arn:{partition or 'aws'}:iam::{key[0]}:root"
    rows = [each for each in every if each.attribute == attributes.ENTITY]
    there = [each for each in rows if each.valid_from <= at < each.valid_to] or rows[-1:]
    if not there:
        return key[2]
    return arn_of(ground.history, there[-1]) or key[2]

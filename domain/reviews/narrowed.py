"""Whether a policy became narrower until the principal can do nothing more of what it allowed when a population was
frozen, and by which event. It is asked of the engine, as a review of an action asks: the principal's whole access
counts, so what it has by another way is not denied."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.least_privilege.cells import actions_of, resources_of
from erstwhile.domain.least_privilege.grants import Grants, UnreadablePolicy
from erstwhile.domain.policy.inputs.sources import identity_sources, managed
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, TooManyParts, TooMuch
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.questions import Questions
from erstwhile.domain.reviews.asked import key_of
from erstwhile.domain.vocabulary.instants import FOREVER

_INLINE = "inline:"
_EFFORT = 2_000_000
"""Steps for the parts into which policies cut actions and resources."""


class Turn(NamedTuple):
    """`is_denied`: all that the policy allowed was denied from an instant on; otherwise it was, and is no longer.
    `event`: the log position of the event that changed the policy then. `still`: the ways by which the principal can do
    something of it again since."""

    is_denied: bool
    since: datetime
    event: int
    still: tuple[str, ...] = ()


def narrowed(history: FactHistory, line: FrozenLine, holder: EntityKey, frozen: datetime, at: datetime) -> Turn | None:
    """None for a policy that says what it said, that allows the principal something of that still, or that cannot be
    compared. `line`: about a policy that the principal has of itself or by a group, which is the `holder`."""
    then = _document(directory_at(history, frozen), line, holder)
    now = _document(directory_at(history, at), line, holder)
    changes = _changes(history, line, holder, frozen, at)
    if then is None or now is None or not changes:
        return None
    try:
        frozen_statements = [each for each in compile_document(then).statements if each.allows]
        # An instant may have several events; each answer is that of the state after all of them.
        answers = [_ways(history, line, holder, frozen_statements, instant) for instant in changes]
        still = _ways(history, line, holder, frozen_statements, at)
    except (MalformedDocument, UnknownOperator, UnreadablePolicy, TooManyParts, TooMuch):
        return None
    if all(answers) or not frozen_statements:
        return None
    # The first of the states at the end that answer alike.
    alike = takewhile(lambda each: bool(each) == bool(answers[-1]), reversed(answers))
    instant = list(changes)[len(answers) - sum(1 for _ in alike)]
    return Turn(not answers[-1], instant, changes[instant], still if not answers[-1] else ())


def _document(directory: Directory, line: FrozenLine, holder: EntityKey) -> str | None:
    if not line.policy.startswith(_INLINE):
        return managed(directory, line.policy, holder[0]).document
    entity = directory.get(*holder)
    fact = entity.inline_policies.get(line.policy.removeprefix(_INLINE)) if entity is not None else None
    return None if fact is None else fact.value.get("document")


def _changes(
    history: FactHistory, line: FrozenLine, holder: EntityKey, frozen: datetime, at: datetime
) -> dict[datetime, int]:
    """The instants in (frozen, at] at which the policy's words may have changed, in order, and by which event."""
    rows: list[Interval] = []
    if line.policy.startswith(_INLINE):
        name = line.policy.removeprefix(_INLINE)
        rows = [each for each in history.intervals_of(holder) if each.attribute == attributes.INLINE]
        rows = [each for each in rows if each.item == name]
    else:
        for key in history.with_arn(line.policy):
            rows += [each for each in history.intervals_of(key) if each.attribute in _WORDS]
    found: dict[datetime, int] = {}
    for each in rows:
        if frozen < each.valid_from <= at:
            found[each.valid_from] = each.opened_by
        if frozen < each.valid_to <= at and each.valid_to < FOREVER:
            found.setdefault(each.valid_to, each.closed_by or 0)
    return dict(sorted(found.items()))


_WORDS = (attributes.VERSION, attributes.DEFAULT)


def _ways(
    history: FactHistory, line: FrozenLine, holder: EntityKey, allowed: list[CompiledStatement], at: datetime
) -> tuple[str, ...]:
    """By which ways the principal can do something of what some statements allow, perhaps under a condition; none where
    it is denied all of it. What the policy itself allows counts though something else denies it: then it is not the
    policy that became narrower. Raises MalformedDocument, UnknownOperator, TooManyParts, TooMuch."""
    directory = directory_at(history, at)
    entity = directory.get(*key_of(line))
    if entity is None or not entity.exists:
        return ()
    questions, node, effort = Questions(directory), Node(directory.arn_of(entity)), Effort(_EFFORT)
    side = questions.side(node)
    if side.identity is not None and side.identity.why:
        return tuple(side.identity.why)  # what it has is not known
    among, own = [*allowed], Grants([each for each in (_document(directory, line, holder),) if each is not None])
    for source in identity_sources(directory, entity):
        if source.document is not None:
            among += compile_document(source.document).statements
    for statement in allowed:
        for action in actions_of(statement, among, effort):
            speaking = [each for each in among if each.speaks_of(action)]
            for resource in resources_of(statement, speaking, side.caller.keys, effort):
                if own.allows(action, resource, side.caller.keys):
                    return (line.policy,)
                decision = questions.decide(node, action, resource, Ask((action,), resource))
                if decision.effect in ("allow", "conditional"):
                    ways = [" → ".join(each.path) for each in decision.determining if each.effect == "Allow"]
                    return tuple(dict.fromkeys(ways)) or ("by another policy",)
    return ()

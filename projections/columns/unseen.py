"""Managed policies in use whose documents are not known: which these are, and when. Few uses have any such time.

`doubtful` finds, by masks over a whole segment, those that may have one; `unseen_times` asks of one of them at every
change what the policy says; `touched` finds those of which something came since."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.facts_at import deciding_at
from erstwhile.domain.policy.inputs.sources import SHOWN, managed
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of
from erstwhile.domain.vocabulary.micros import instant_of
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.policy_uses import (
    HAVING,
    HOLDERS,
    Use,
    descriptions,
    hashed_name,
    hulls,
    is_always_called,
    policy_uses,
)
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import ABSENT, Codes, Ints
from erstwhile.projections.columns.told_policies import told_policies

Span = tuple[int, int]
"""In microseconds."""
Unseen = tuple[int, int, str]
"""A span, and why the document was not known."""


def doubtful(segment: Segment, known_at: int) -> set[Use]:
    """The uses in a segment of which its policies do not tell that the document was known as long as somebody had
    it."""
    uses = policy_uses(segment)
    found = uses.last if known_at >= segment.last else hulls(segment, uses.item, known_at)
    entities = uses.entity[found.policy]
    told = entities != ABSENT
    told[told] = told_policies(segment, known_at).throughout(entities[told], found.begin[told], found.end[told])
    items = uses.item[found.policy[~told]].tolist()
    accounts = [segment.places[place][0] for place in found.account[~told].tolist()]
    return {(account, segment.items.text(item)) for account, item in zip(accounts, items, strict=True)}


class Touched:
    """What came after a log position, up to that of a history: the uses of which the answer may be another. The lowest
    segment has nothing that came since."""

    def __init__(self, history: ColumnHistory, after: int) -> None:
        self.uses: set[Use] = set()
        self.modes = False
        """Whether it was told of an account how its ARNs are made, which may concern all doubtful uses."""
        self.last = 0
        """The last position at which something of all this came or went."""
        self._names: set[int] = set()
        for layer in history.stack[:-1]:
            if layer.segment.last > after:
                self._take(layer.segment, after, history.known_at)
        if self._names:
            for layer in history.stack:
                self._add_called(layer.segment)

    def _take(self, segment: Segment, after: int, known_at: int) -> None:
        rows = np.flatnonzero(
            _between(segment.recorded_from, after, known_at) | _between(segment.recorded_to, after, known_at)
        )
        policies: set[int] = set()
        for row in rows[_may_concern(segment, rows)].tolist():
            entity, attribute = segment.entity_of(row), segment.attributes[segment.attribute_of[row]]
            account, kind, unique_id = segment.key(entity)
            if attribute == attributes.ATTACHED:
                self.uses.add((account, segment.item_of(row)))
            elif attribute == attributes.BOUNDARY:
                self.uses.add((account, str(segment.value_of(row)["policy"])))
            elif kind == "account" and attribute == attributes.MODE:
                self.modes = True
            elif kind in ("policy", SHOWN) or ":policy/" in unique_id:
                policies.add(entity)
            else:
                continue
            for position in (segment.recorded_froms[row], segment.recorded_tos[row]):
                if position <= known_at:
                    self.last = max(self.last, position)
        for entity in policies:
            self._names |= _names(segment, entity)

    def _add_called(self, segment: Segment) -> None:
        uses = policy_uses(segment)
        for item in uses.item[uses.called(self._names)].tolist():
            arn = segment.items.text(item)
            rows = np.concatenate([segment.links(each, arn) for each in HAVING])
            self.uses |= {(segment.places[each][0], arn) for each in _places(segment, rows)}


def unseen_times(history: ColumnHistory, use: Use) -> list[Unseen] | None:
    """When somebody had the policy, and its document was not known; in order. None where there is no doubt."""
    held = _held(history, use)
    if not held or _is_told(history, use[1], held[0][0], held[-1][1]):
        return None
    account, arn = use
    changes = _changes(history, use)
    found: list[Unseen] = []
    for begin, end in held:
        for here, after in pairwise((begin, *(each for each in changes if begin < each < end), end)):
            says = managed(deciding_at(history, instant_of(here)), arn, account)
            if says.document is None:
                found.append((here, after, says.why))
    return found


def _names(segment: Segment, entity: int) -> set[int]:
    """The names (`hashed_name`) of the policies that an entity may ever be."""
    account, _, unique_id = segment.key(entity)
    described = list(descriptions(segment, entity))
    names = {unique_id, *(str(each["name"]) for each in described)}
    arns = names | {str(each.get("arn", "")) for each in described}
    return {hashed_name(account, name) for name in names} | {
        hashed_name(policy_account(arn), policy_name_of(arn)) for arn in arns
    }


def _may_concern(segment: Segment, rows: Codes | Ints) -> npt.NDArray[np.bool_]:
    """Of each row: few attributes of holders of policies do."""
    of_holders = np.array([kind in HOLDERS for _, kind in segment.places], dtype=bool)
    having = np.array([name in HAVING for name in segment.attributes], dtype=bool)
    found: npt.NDArray[np.bool_] = having[segment.attribute[rows]]
    found |= ~of_holders[segment.place[segment.entity[rows]]]
    return found


def _is_told(history: ColumnHistory, arn: str, begin: int, end: int) -> bool:
    keys = list(history.with_arn(arn))
    place = history.place_of(keys[0]) if len(keys) == 1 else None
    if place is None or not is_always_called(place[0].segment, place[1], arn):
        return False
    told = told_policies(place[0].segment, history.known_at)
    return bool(told.throughout(_one(place[1]), _one(begin), _one(end))[0])


def _held(history: ColumnHistory, use: Use) -> list[Span]:
    """When somebody in the account had the policy."""
    account, arn = use
    spans: list[Span] = []
    for layer in history.stack:
        segment = layer.segment
        for attribute in HAVING:
            rows = segment.links(attribute, arn)
            if len(rows):
                rows = _believed(layer, rows, history.known_at)
                rows = rows[_are_of(segment, rows, account)]
                spans += zip(segment.valid_from[rows].tolist(), segment.valid_to[rows].tolist(), strict=True)
    return _merged(spans)


def _believed(layer: Layer, rows: Codes, known_at: int) -> Codes:
    segment = layer.segment
    believed = layer.counts[segment.entity[rows]]
    believed &= segment.recorded_from[rows] <= known_at
    believed &= segment.recorded_to[rows] > known_at
    return rows[believed]


def _are_of(segment: Segment, rows: Codes, account: str) -> npt.NDArray[np.bool_]:
    """Of each row, whether a user, group or role of the account has it."""
    those = np.array([held == account and kind in HOLDERS for held, kind in segment.places], dtype=bool)
    return those[segment.place[segment.entity[rows]]]


def _places(segment: Segment, rows: Codes) -> Iterator[int]:
    yield from np.unique(segment.place[segment.entity[rows]]).tolist()


def _changes(history: ColumnHistory, use: Use) -> list[int]:
    """The instants at which something changes of what may say what the policy's document is."""
    account, arn = use
    keys = {*history.with_arn(arn), *history.with_name(account, SHOWN, arn.lower())}
    if policy_account(arn) == AWS_MANAGED:
        keys |= set(history.with_name(AWS_MANAGED, "policy", policy_name_of(arn).lower()))
    keys |= {(each, "account", each) for each, *_ in keys}
    found: set[int] = set()
    for key in keys:
        place = history.place_of(key)
        if place is not None:
            segment = place[0].segment
            for row in history.believed(segment, place[1]):
                found |= {segment.valid_froms[row], segment.valid_tos[row]}
    return sorted(found)


def _merged(spans: list[Span]) -> list[Span]:
    """The same time as spans that do not touch, in order."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _between(column: Ints, after: int, until: int) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = column > after
    found &= column <= until
    return found


def _one(number: int) -> Ints:
    return np.array([number], dtype=np.int64)

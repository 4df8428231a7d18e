"""What the managed policies say at an instant, of all at once: which of them surely say nothing of what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, account_in
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, micros_of
from erstwhile.projections.columns.described import is_of_kind
from erstwhile.projections.columns.documents import Documents, documents_of
from erstwhile.projections.columns.held_items import items_held
from erstwhile.projections.columns.in_force import InForce, in_force
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer, Stack
from erstwhile.projections.columns.texts import Codes, Ints

_UNKNOWN = -1
NOT_TOLD = -1
"""In place of a layer."""
_BEGINS_THEN = NEVER
_NAMELESS = ""
"""The ARN of a policy that is not found by its recorded one."""


class _Names:
    """The managed policies of a segment, with the names that different descriptions give."""

    def __init__(self, segment: Segment) -> None:
        rows = segment.of_attribute(attributes.ENTITY)
        rows = rows[is_of_kind(segment, "policy")[segment.entity[rows]]]
        values, first, places = np.unique(segment.value[rows], return_index=True, return_inverse=True)
        self.rows: Codes = rows
        """The rows that describe policies."""
        self.policies: Codes = segment.entity[rows]
        """Whom each describes."""
        self.named: Codes = places.astype(np.int32)
        """Of each, the place in what follows."""
        accounts = [segment.places[place][0] for place in segment.place[segment.entity[rows[first]]].tolist()]
        named = [_named(segment, account, value) for account, value in zip(accounts, values.tolist(), strict=True)]
        self.arns = np.array([each.arn for each in named], dtype=object)
        """The recorded ARN of each, if it fits the name: only then it is found by it; else _NAMELESS."""
        self.names = [each.name for each in named]
        """In lower case."""
        told = np.array([each.begun for each in named], dtype=np.int64)[places]
        self.begun: Ints = np.where(told == _BEGINS_THEN, segment.valid_from[rows], told)
        """Of each row, since when its policy exists: `Entity.begun`, in microseconds."""
        self.are_nameless: npt.NDArray[np.bool_] = self.arns == _NAMELESS


class PolicyAt(NamedTuple):
    """What a managed policy says at an instant."""

    segment: Segment
    value: int
    """The value of the segment that has the document, if that was ever seen."""
    version: str
    defined_by: int
    begun: int
    """Since when it exists, in microseconds: an earlier attachment was to another policy of its ARN. ALWAYS for one
    of AWS's."""


class _Arns:
    """The recorded ARNs of the policies of a stack as numbers, under which all layers have them. One more number is
    that of any other ARN."""

    def __init__(self, stack: Stack) -> None:
        names = [layer.segment.once(_Names) for layer in stack]
        self.number: dict[str, int] = {}
        for each in names:
            for arn in dict.fromkeys(each.arns):
                if arn != _NAMELESS:
                    self.number.setdefault(arn, len(self.number))
        self.other = len(self.number)
        number = self.number.get
        self.of_names = [np.array([number(arn, self.other) for arn in each.arns], dtype=np.int32) for each in names]
        """Of each layer, for each of its `_Names`."""
        self.attached = [
            np.array(
                [number(arn, self.other) for _, arn in items_held(layer.segment, attributes.ATTACHED)], dtype=np.int32
            )
            for layer in stack
        ]
        """Of each layer, for each pair of those who have a policy (`held_items`)."""


def _arns_of(stack: Stack) -> _Arns:
    """Made once for each stack, which its uppermost segment tells."""
    kept = stack[0].segment.once(_none_kept)
    if not kept:
        kept.append(_Arns(stack))
    return kept[0]


def _none_kept(_: Segment) -> list[_Arns]:
    return []


class OtherPolicies:
    """The ARNs of policies that are known at the instant, and have no document of some. Of any other ARN it must be
    looked up what it says, if anything is known."""

    def __init__(self, facts: RowsAt, documents: Callable[[Documents], Codes] | None = None) -> None:
        """`documents`: which of a segment's documents they do not have; None: all, so that these are no policies."""
        self._layers = facts.history.stack
        self._arns = _arns_of(self._layers)
        count = self._arns.other + 1
        surely, self._times = np.zeros(count, dtype=bool), np.zeros(count, dtype=np.int64)
        """Of each ARN that is not another, how many policies have it."""
        self._nameless: set[tuple[str, str]] = set()
        self._layer, self._begun, self._place = (np.full(count, _UNKNOWN, dtype=np.int64) for _ in range(3))
        """Where the policy of an ARN is described, since when it exists, and its place in what is in force there."""
        self._in_force: list[InForce] = []
        for number, layer in enumerate(self._layers):
            spoken = None if documents is None else documents(documents_of(layer.segment))
            self._read(facts, number, layer, spoken, surely)
        surely &= self._times == 0
        surely[self._arns.other] = False
        self._surely = surely

    def __contains__(self, arn: object) -> bool:
        number = self._arns.number.get(arn) if isinstance(arn, str) else None
        return number is not None and bool(self._surely[number]) and not self._may_be_nameless(str(arn))

    def without_attached(self, layer: int, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str, str]]:
        """Of the pairs of those who have a policy, in a layer (`held_items`), those whose policy is not among these,
        each with its place."""
        is_other = self._surely[self._arns.attached[layer]]
        if self._nameless:
            is_other &= np.array([not self._may_be_nameless(arn) for _, arn in pairs], dtype=bool)
        for place in np.flatnonzero(~is_other).tolist():
            yield place, *pairs[place]

    def _may_be_nameless(self, arn: str) -> bool:
        """Whether a policy that is not found by its recorded ARN may have this one."""
        return bool(self._nameless) and (account_in(arn), arn.rpartition("/")[2].lower()) in self._nameless

    def policy(self, arn: str) -> PolicyAt | None:
        """What a policy says that is not among these; None where that is not sure."""
        number = self._arns.number.get(arn)
        if number is None or self._times.item(number) != 1 or self._may_be_nameless(arn):
            return None
        layer, place = self._layer.item(number), self._place.item(number)
        if place == _UNKNOWN:
            return None
        segment, held = self._layers[layer].segment, self._in_force[layer]
        default, version = held.default.item(place), held.version.item(place)
        since = ALWAYS if account_in(arn) == AWS_MANAGED else self._begun.item(number)
        return PolicyAt(
            segment, segment.value_code(version), segment.item_of(version), segment.opened_bys[default], since
        )

    def documents_attached(self, layer: int, pairs: Sequence[tuple[str, str]]) -> tuple[Ints, Ints]:
        """Of each of the pairs of those who have a policy, in a layer (`held_items`): in which layer, and as which
        value of its, what the policy says now; NOT_TOLD where that is not sure, or the policy is among these."""
        arns = self._arns.attached[layer]
        places, layers = self._place[arns], np.where(self._times[arns] == 1, self._layer[arns], NOT_TOLD)
        layers[(places == _UNKNOWN) | (arns == self._arns.other)] = NOT_TOLD
        if self._nameless:
            layers[[self._may_be_nameless(arn) for _, arn in pairs]] = NOT_TOLD
        values = np.zeros(len(arns), dtype=np.int64)
        for number, held in enumerate(self._in_force):
            those = np.flatnonzero(layers == number)
            values[those] = held.value[places[those]]
        return layers, values

    def _read(
        self, facts: RowsAt, number: int, layer: Layer, documents: Codes | None, surely: npt.NDArray[np.bool_]
    ) -> None:
        segment = layer.segment
        names, held = segment.once(_Names), in_force(segment, facts.history.known_at)
        self._in_force.append(held)
        true = facts.true_of(segment, names.rows)
        true = true[layer.counts[names.policies[true]]]
        begun, policies, named = names.begun[true], names.policies[true], names.named[true]
        place = np.full(segment.entity_count, _UNKNOWN, dtype=np.int32)
        """Of each entity, its place in what is in force."""
        those = held.at(facts.at)
        place[held.entity[those]] = those
        gaps = segment.of_attribute(attributes.GAP)
        place[segment.entity[gaps[facts.true_of(segment, gaps)]]] = _UNKNOWN
        places = place[policies]
        is_other = np.zeros(len(places), dtype=bool)
        if documents is not None:
            speaks = np.zeros(len(segment.values), dtype=bool)
            speaks[documents] = True
            is_known = places != _UNKNOWN
            is_other[is_known] = ~speaks[held.value[places[is_known]]]
        arns = self._arns.of_names[number][named]
        surely[arns[is_other]] = True
        nameless = names.are_nameless[named]
        self._nameless.update(
            (segment.places[int(segment.place[policy])][0], names.names[each])
            for policy, each in zip(policies[nameless].tolist(), named[nameless].tolist(), strict=True)
        )
        told = np.flatnonzero(~is_other & ~nameless)
        arns = arns[told]
        self._times += np.bincount(arns, minlength=len(self._times))
        self._layer[arns], self._begun[arns], self._place[arns] = number, begun[told], places[told]


class _Named(NamedTuple):
    arn: str
    """The recorded one, if it fits the name: only then the policy is found by it."""
    name: str
    """In lower case."""
    begun: int
    """In microseconds; _BEGINS_THEN where the policy begins with its description."""


def _named(segment: Segment, account: str, value: int) -> _Named:
    """What a description says of a policy."""
    described = orjson.loads(segment.values.raw(value))
    arn, name, begun = (str(described.get(each) or "") for each in ("arn", "name", "begun"))
    fits = bool(name) and arn.endswith(f"/{name}") and f"::{account}:policy/" in arn
    since = _BEGINS_THEN if not begun else ALWAYS if begun == "-infinity" else micros_of(parse_instant(begun))
    return _Named(arn if fits else _NAMELESS, name.lower(), since)

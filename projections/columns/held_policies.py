"""Who has which policies at an instant that may bear on an action and a resource, by masks: nobody is made into an
entity. What equals the policies that `sources.identity_sources` finds is a property test.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from functools import partial

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import NOBODY, OWN, SILENT, UNSEEN, Held, HeldDocument, HeldPolicy
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, account_in
from erstwhile.projections.columns.described import (
    NONE,
    described_at,
    is_of_kind,
    sharing_names,
    true_rows,
)
from erstwhile.projections.columns.documents import documents_of
from erstwhile.projections.columns.groups_at import GroupsAt
from erstwhile.projections.columns.groups_in import groups_in
from erstwhile.projections.columns.held_items import HeldItems, held_items
from erstwhile.projections.columns.held_pairs import Pairs, in_order, pairs_of_rows, set_of
from erstwhile.projections.columns.held_together import Part, together
from erstwhile.projections.columns.policies_at import OtherPolicies, PolicyAt
from erstwhile.projections.columns.principals import KINDS, principals_in
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes, Ints

_EMPTY = np.empty(0, dtype=np.int64)


def held_policies(facts: RowsAt, action: str, resource: str) -> Held:
    """`action` in lower case; the resource is no pattern."""
    return _Reading(facts, action, resource).held()


class _Reading:
    def __init__(self, facts: RowsAt, action: str, resource: str) -> None:
        self._facts = facts
        self._layers = facts.history.stack
        every = [documents_of(layer.segment) for layer in self._layers]
        self._bearing = [documents.bearing(action, resource) for documents in every]
        values = {documents: bearing.values for documents, bearing in zip(every, self._bearing, strict=True)}
        self._others = OtherPolicies(facts, values.__getitem__)
        self._bearing_in = {layer.segment: each for layer, each in zip(self._layers, self._bearing, strict=True)}
        self._documents: dict[tuple[Segment, int], HeldDocument | None] = {}
        self._described = [described_at(facts, layer.segment) for layer in self._layers]
        self._policies: list[HeldPolicy] = []
        self._number: dict[HeldPolicy, int] = {}
        self._unsure: list[list[Codes]] = [[] for _ in self._layers]
        """Of each layer, the entities of whose policies something is not known."""

    def _policy(self, policy: HeldPolicy) -> int:
        found = self._number.get(policy)
        if found is None:
            found = self._number[policy] = len(self._policies)
            self._policies.append(policy)
        return found

    def held(self) -> Held:
        own = [self._own(number, layer) for number, layer in enumerate(self._layers)]
        unseen: list[Codes] = []
        for number, layer in enumerate(self._layers):
            uncovered = self._having(layer, attributes.COVERAGE)
            unseen.append(uncovered[is_of_kind(layer.segment, *KINDS)[uncovered]])
            self._unsure[number].append(uncovered[is_of_kind(layer.segment, "group")[uncovered]])
            self._unsure[number].append(self._having(layer, attributes.VANISHED))
        groups = self._groups(own)
        parts = []
        shared = sharing_names(self._layers)
        apart: list[EntityKey] = []
        for number, layer in enumerate(self._layers):
            members = self._members(number, layer, groups)
            hidden = self._hidden(unseen[number])
            pairs = Pairs(*(np.concatenate(each) for each in zip(own[number], members, hidden, strict=True)))
            principals = is_of_kind(layer.segment, *KINDS) & layer.counts
            unsure = set_of(layer.segment, self._unsure[number])
            apart += self._existing(number, np.flatnonzero(unsure & principals))
            there = np.flatnonzero(set_of(layer.segment, [pairs.entity]) & principals & ~unsure)
            described = self._described[number].of(there)
            there, described = there[described != NONE], described[described != NONE]
            principals_here = principals_in(layer.segment)
            by = principals_here.places(there, layer.segment.value[described])
            is_usual = principals_here.are_usual(by) & ~shared[number][there]
            apart += [layer.segment.key(each) for each in there[~is_usual].tolist()]
            there, by = there[is_usual], by[is_usual]
            boundaries = self._boundaries(layer, there)
            parts.append(Part(layer.segment, there, by, in_order(layer.segment, pairs, there), *boundaries))
        return together(self._facts, parts, self._policies, groups.through, apart)

    def _having(self, layer: Layer, attribute: str) -> Codes:
        """The entities that have an attribute."""
        rows = layer.segment.of_attribute(attribute)
        return layer.segment.entity[rows[self._facts.true_of(layer.segment, rows)]]

    def _hidden(self, entities: Codes) -> Pairs:
        """What those may have whose policies no source has shown: the last of their policies."""
        nothing = np.zeros(len(entities), dtype=np.int64)
        policy = self._policy(UNSEEN) if len(entities) else 0
        return Pairs(entities.astype(np.int64), nothing + 3, nothing, nothing, nothing + policy, nothing + OWN, nothing)

    def _existing(self, number: int, entities: Ints) -> list[EntityKey]:
        rows, segment = self._described[number].of(entities), self._layers[number].segment
        return [segment.key(each) for each in entities[rows != NONE].tolist()]

    def _held(self, layer: Layer, attribute: str) -> HeldItems:
        return held_items(layer.segment, attribute, self._facts.history.known_at)

    # What users, groups and roles have themselves.

    def _own(self, number: int, layer: Layer) -> Pairs:
        inline, attached = self._inline(number, layer), self._attached(number, layer)
        return Pairs(*(np.concatenate(each) for each in zip(inline, attached, strict=True)))

    def _inline(self, number: int, layer: Layer) -> Pairs:
        segment = layer.segment
        rows = documents_of(segment).inline_rows(self._bearing[number].values)
        rows = rows[self._facts.true_of(segment, rows)]
        rows = rows[layer.counts[segment.entity[rows]]]
        known: dict[tuple[int, int, int], int] = {}
        policies = []
        columns = (segment.place[segment.entity[rows]], segment.item[rows], segment.value[rows])
        for key in zip(*(column.tolist() for column in columns), strict=True):
            found = known.get(key)
            if found is None:
                place, item, value = key
                name = f"inline:{segment.items.text(item)}"
                policy = HeldPolicy(segment.places[place][0], name, self._document(segment, value), "", name, 0)
                found = known[key] = self._policy(policy)
            policies.append(found)
        return pairs_of_rows(segment, 0, rows, np.array(policies, dtype=np.int64))

    def _attached(self, number: int, layer: Layer) -> Pairs:
        segment, held = layer.segment, self._held(layer, attributes.ATTACHED)
        numbers, policies, begun = [], [], []
        for place, account, arn in self._others.without_attached(number, held.pairs):
            at = self._policy_at(arn)
            if at is None and account_in(arn) != AWS_MANAGED:
                # Whether it is younger than its attachment is not known here.
                rows, _ = held.true_at(self._facts.at, [place])
                self._unsure[number].append(segment.entity[rows])
                continue
            numbers.append(place)
            begun.append(at.begun if at is not None else np.iinfo(np.int64).min)
            policies.append(self._policy(self._managed(account, arn, arn, at)))
        rows, places = held.true_at(self._facts.at, numbers)
        # An earlier attachment was to another policy of this ARN, and died with it.
        counts = layer.counts[segment.entity[rows]]
        counts &= segment.valid_from[rows] >= np.array(begun, dtype=np.int64)[places]
        return pairs_of_rows(segment, 1, rows[counts], np.array(policies, dtype=np.int64)[places[counts]])

    def _managed(self, account: str, arn: str, step: str, at: PolicyAt | None) -> HeldPolicy:
        if at is None:
            return HeldPolicy(account, arn, None, "", step, 0)
        return HeldPolicy(account, arn, self._document(at.segment, at.value), at.version, step, at.defined_by)

    def _policy_at(self, arn: str) -> PolicyAt | None:
        """None, too, of a policy whose document nobody has seen."""
        at = self._others.policy(arn)
        return None if at is None or self._document(at.segment, at.value) is None else at

    def _document(self, segment: Segment, value: int) -> HeldDocument | None:
        """That of a value; None where it has none."""
        place = segment, value
        if place not in self._documents:
            statements = self._bearing_in[segment].statements(value)
            is_there = statements is not None or segment.decoded(value).get("document") is not None
            read = partial(_text_of, segment, value)
            self._documents[place] = HeldDocument(read, statements) if is_there else None
        return self._documents[place]

    # What users have through groups.

    def _groups(self, own: list[Pairs]) -> GroupsAt:
        found = GroupsAt(self._layers)
        for number, layer in enumerate(self._layers):
            segment = layer.segment
            of_kind = is_of_kind(segment, "group") & layer.counts
            unsure = set_of(segment, self._unsure[number]) & of_kind
            first = found.first(number)
            found.unsure[first : first + segment.entity_count] = unsure
            found.there[first + self._there(layer)] = True
            mine = own[number]
            pairs = np.flatnonzero(of_kind[mine.entity])
            order = pairs[np.lexsort((mine.row[pairs], mine.rank[pairs], mine.entity[pairs]))]
            found.add(number, Pairs(*(each[order] for each in mine)), self._described[number])
        return found

    def _there(self, layer: Layer) -> Ints:
        """The groups of which something is true at the instant."""
        segment = layer.segment
        found: list[Codes | Ints] = [_EMPTY]
        for place, (_, kind) in enumerate(segment.places):
            if kind == "group":
                those = segment.of_place(place)
                first, last = int(segment.first_row[those.start]), int(segment.first_row[those.stop])
                found.append(segment.entity[first:last][self._facts.true_of(segment, slice(first, last))])
        true: Ints = np.concatenate(found)
        return true[layer.counts[true]]

    def _members(self, number: int, layer: Layer, groups: GroupsAt) -> Pairs:
        segment, held = layer.segment, self._held(layer, attributes.MEMBER_OF)
        of_pairs = groups_in(self._layers)[number]
        is_known = groups.is_known(of_pairs)
        rows, _ = held.true_at(self._facts.at, np.flatnonzero(~is_known))
        self._unsure[number].append(segment.entity[rows])
        numbers = np.flatnonzero(is_known & (groups.end[of_pairs] > 0))
        rows, places = held.true_at(self._facts.at, numbers)
        counts = layer.counts[segment.entity[rows]]
        rows, those = rows[counts], of_pairs[numbers[places[counts]]]
        begins, ends = groups.begin[those], groups.end[those]
        lengths = ends - begins
        through = ranges(begins, ends)
        return Pairs(
            np.repeat(segment.entity[rows].astype(np.int64), lengths),
            np.full(len(through), 2, dtype=np.int64),
            np.repeat(rows.astype(np.int64), lengths),
            through,
            *groups.policies(through),
        )

    def _boundaries(self, layer: Layer, entities: Ints) -> tuple[Ints, Ints]:
        """The boundary of each of some entities, and the position of the event that set it."""
        segment = layer.segment
        rows = true_rows(self._facts, segment, attributes.BOUNDARY).of(entities)
        policies, granted_by = np.full(len(rows), NOBODY, dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
        has = np.flatnonzero(rows != NONE)
        granted_by[has] = segment.opened_by[rows[has]]
        # Many have the same one.
        keys = segment.place[segment.entity[rows[has]]].astype(np.int64) << 32 | segment.value[rows[has]]
        different, which = np.unique(keys, return_inverse=True)
        found = [
            self._boundary(segment.places[key >> 32][0], str(segment.decoded(key & 0xFFFFFFFF)["policy"]))
            for key in different.tolist()
        ]
        policies[has] = np.array(found, dtype=np.int64)[which]
        return policies, granted_by

    def _boundary(self, account: str, arn: str) -> int:
        if arn in self._others:
            return SILENT
        at = self._policy_at(arn)
        return self._policy(self._managed(account, arn, f"boundary:{arn}", at))


def _text_of(segment: Segment, value: int) -> str:
    return str(segment.decoded(value)["document"])

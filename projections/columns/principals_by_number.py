"""Reach over columns: the users and roles of an instant by numbers, and by which statements who is allowed an action.
It is found by masks: nobody is made into an entity.

A number is that of an entity among those of all layers (`groups_in.firsts_of`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.numbered_principals import Untold
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.projections.columns.attribute_rows import rows_of_attribute
from erstwhile.projections.columns.described import is_of_kind
from erstwhile.projections.columns.documents import documents_of
from erstwhile.projections.columns.groups_in import firsts_of, groups_in
from erstwhile.projections.columns.held_items import held_items
from erstwhile.projections.columns.policies_at import NOT_TOLD, OtherPolicies
from erstwhile.projections.columns.principals import KINDS
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import ABSENT, Codes, Ints

Flags = npt.NDArray[np.bool_]


class PrincipalsByNumber:
    """A `NumberedPrincipals`."""

    def __init__(self, facts: RowsAt) -> None:
        self._facts = facts
        self._layers = facts.history.stack
        self._firsts = firsts_of(self._layers)
        self._there = np.concatenate([self._existing(each) for each in self._layers])

    def _existing(self, layer: Layer) -> Flags:
        """Of each entity of a layer, whether it is a user or role that exists."""
        found = np.zeros(layer.segment.entity_count, dtype=bool)
        described = rows_of_attribute(layer.segment, attributes.ENTITY, self._facts.history.known_at)
        at = self._facts.at
        found[described.holders[(described.begin <= at) & (described.end > at)]] = True
        return found & is_of_kind(layer.segment, *KINDS) & layer.counts

    @cached_property
    def everybody(self) -> BitMap:
        return _bits(np.flatnonzero(self._there))

    def of_account(self, account: str) -> BitMap:
        found = BitMap()
        for first, layer in zip(self._firsts, self._layers, strict=False):
            for place, (owner, kind) in enumerate(layer.segment.places):
                if owner == account and kind in KINDS:
                    those = layer.segment.of_place(place)
                    begin = first + those.start
                    found |= _bits(begin + np.flatnonzero(self._there[begin : first + those.stop]))
        return found

    def key(self, number: int) -> EntityKey:
        layer = bisect_right(self._firsts, number) - 1
        return self._layers[layer].segment.key(number - self._firsts[layer])

    def number_of(self, key: EntityKey) -> int | None:
        for first, layer in zip(self._firsts, self._layers, strict=False):
            code = layer.segment.entity_code(key)
            if code != ABSENT:  # the uppermost layer has it
                return first + code if self._there[first + code] else None
        return None

    def speaking(self, action: str) -> BitMap:
        return self._holders(documents_of(each.segment).allowing_something(action) for each in self._layers)

    def may(self, action: str, resource: str) -> BitMap:
        return self._holders(documents_of(each.segment).that_may_allow(action, resource) for each in self._layers)

    def _holders(self, values: Iterable[Codes]) -> BitMap:
        """Who has one of some documents, which are given layer by layer."""
        return BitMap.union(BitMap(), *(self._held.holders(number, each) for number, each in enumerate(values)))

    @property
    def untold(self) -> Iterator[Untold]:
        return self._held.untold()

    @cached_property
    def _held(self) -> _Held:
        return _Held(self._facts, self._there)


class _Held:
    """Who has which documents, by themselves or through a group. A document is the value that has it, by a number among
    those of all layers; behind these come attached policies, by the places of their pairs (`held_items`)."""

    def __init__(self, facts: RowsAt, there: Flags) -> None:
        self._layers = facts.history.stack
        self._facts = facts
        self._firsts = firsts_of(self._layers)
        values = [len(layer.segment.values) for layer in self._layers]
        self._attached = [
            held_items(layer.segment, attributes.ATTACHED, facts.history.known_at) for layer in self._layers
        ]
        sizes = [*values, *(len(each.pairs) for each in self._attached)]
        self._documents = np.append(0, np.cumsum(sizes)).tolist()
        """Where the documents of each layer begin, then where the pairs of each do."""
        own_holder, own = self._own()
        of_principals = there[own_holder]
        user, theirs = self._through_groups(own_holder[~of_principals], own[~of_principals])
        is_there = there[user]
        holder = np.concatenate((own_holder[of_principals], user[is_there]))
        document = np.concatenate((own[of_principals], theirs[is_there]))
        order = np.argsort(document, kind="stable")
        self._holder: Ints = holder[order]
        self._document: Ints = document[order]

    def holders(self, layer: int, values: Codes) -> BitMap:
        """Who has one of some documents of a layer."""
        documents = values.astype(np.int64) + self._documents[layer]
        begins = np.searchsorted(self._document, documents, "left")
        ends = np.searchsorted(self._document, documents, "right")
        return _bits(self._holder[ranges(begins, ends)])

    def untold(self) -> Iterator[Untold]:
        begin = self._documents[len(self._layers)]
        place = int(np.searchsorted(self._document, begin))
        documents, firsts = np.unique(self._document[place:], return_index=True)
        limits = np.append(firsts, len(self._document) - place).tolist()
        for document, first, end in zip(documents.tolist(), limits[:-1], limits[1:], strict=True):
            part = bisect_right(self._documents, document) - 1
            account, arn = self._attached[part - len(self._layers)].pairs[document - self._documents[part]]
            yield Untold(account, arn, _bits(self._holder[place + first : place + end]))

    def _own(self) -> tuple[Ints, Ints]:
        """Who has which documents by itself: users, roles and groups."""
        policies = OtherPolicies(self._facts)
        holders: list[Ints] = []
        documents: list[Ints] = []
        for number, (first, layer) in enumerate(zip(self._firsts, self._layers, strict=False)):
            segment = layer.segment
            rows = segment.of_attribute(attributes.INLINE)
            rows = rows[self._facts.true_of(segment, rows)]
            rows = rows[layer.counts[segment.entity[rows]]]
            holders.append(segment.entity[rows].astype(np.int64) + first)
            documents.append(segment.value[rows].astype(np.int64) + self._documents[number])
            held = self._attached[number]
            places, pairs = held.true_places(self._facts.at, np.arange(len(held.pairs)))
            counts = layer.counts[held.entity[places]]
            holders.append(held.entity[places[counts]].astype(np.int64) + first)
            documents.append(self._said_by(policies, number)[pairs[counts]])
        return np.concatenate(holders), np.concatenate(documents)

    def _said_by(self, policies: OtherPolicies, layer: int) -> Ints:
        """Of each pair of those who have a policy, in a layer, the document; of one that is not told, the pair."""
        segments, values = policies.documents_attached(layer, self._attached[layer].pairs)
        begins = np.array(self._documents, dtype=np.int64)
        is_told = segments != NOT_TOLD
        for number, each in enumerate(self._layers):
            those = np.flatnonzero(segments == number)
            is_told[those] &= ~np.isin(values[those], documents_of(each.segment).statements.unread)
        pairs = begins[len(self._layers) + layer] + np.arange(len(values))
        return np.where(is_told, values + begins[segments], pairs)

    def _through_groups(self, groups: Ints, documents: Ints) -> tuple[Ints, Ints]:
        """Who has which documents as a member of groups that have them."""
        order = np.argsort(groups, kind="stable")
        groups, documents = groups[order], documents[order]
        users: list[Ints] = []
        theirs: list[Ints] = []
        by_layer = zip(self._firsts, self._layers, groups_in(self._layers), strict=False)
        for first, layer, of_pairs in by_layer:
            held = held_items(layer.segment, attributes.MEMBER_OF, self._facts.history.known_at)
            places, pairs = held.true_places(self._facts.at, np.arange(len(held.pairs)))
            counts = layer.counts[held.entity[places]]
            members, joined = held.entity[places[counts]].astype(np.int64) + first, of_pairs[pairs[counts]]
            begins = np.searchsorted(groups, joined, "left")
            ends = np.searchsorted(groups, joined, "right")
            users.append(np.repeat(members, ends - begins))
            theirs.append(documents[ranges(begins, ends)])
        return np.concatenate(users), np.concatenate(theirs)


def _bits(numbers: npt.NDArray[np.int64]) -> BitMap:
    return BitMap(numbers.astype(np.uint32))

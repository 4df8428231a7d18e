"""Who-can over columns: the users and roles of whom a question about an action must look at the policies.

It is found from the documents that may allow the action, by masks: their holders, the members of groups among these,
and all those of whom something is not known. Nobody else is made into an entity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.projections.columns.documents import documents_of
from erstwhile.projections.columns.held_items import held_items
from erstwhile.projections.columns.policies_at import OtherPolicies
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes

_PRINCIPALS = ("user", "role")
Group = tuple[str, str]
"""Account and unique id."""


def candidates(facts: RowsAt, action: str, resource: str) -> Iterator[EntityKey]:
    """The users and roles of whom their own policies and those of their groups do not surely say that they allow no
    action of this name (lower case) on the resource, or on one that a pattern matches; perhaps others."""
    harmless = OtherPolicies(facts, lambda documents: documents.allowing(action, resource))
    layers = facts.history.stack
    found = {
        id(layer): _own(facts, layer, documents_of(layer.segment).allowing(action, resource), harmless)
        for layer in layers
    }
    opened: set[Group] = set()
    known: set[Group] = set()
    for layer in layers:
        of_groups = _of_kinds(layer, "group")
        opened |= _groups(layer, found[id(layer)][of_groups[found[id(layer)]]])
        known |= _groups(layer, _there(facts, layer, "group"))
    harmless_groups = known - opened
    for layer in layers:
        members = _holders(facts, layer, attributes.MEMBER_OF, lambda *group: group in harmless_groups)
        those = np.unique(np.concatenate((found[id(layer)], members)))
        for entity in those[_of_kinds(layer, *_PRINCIPALS)[those] & layer.counts[those]].tolist():
            yield layer.segment.key(entity)


def _own(facts: RowsAt, layer: Layer, allowing: Codes, harmless: OtherPolicies) -> Codes:
    """The users, groups and roles by whose own policies the action may be allowed, or of whom something is not
    known."""
    segment, documents = layer.segment, documents_of(layer.segment)
    rows = [
        documents.inline_rows(allowing),
        segment.of_attribute(attributes.COVERAGE),
        segment.of_attribute(attributes.VANISHED),
    ]
    found = [segment.entity[each[facts.true_of(segment, each)]] for each in rows]
    found.append(_holders(facts, layer, attributes.ATTACHED, lambda _, policy: policy in harmless))
    those = np.unique(np.concatenate(found))
    return those[layer.counts[those]]


def _holders(facts: RowsAt, layer: Layer, attribute: str, is_harmless: Callable[[str, str], bool]) -> Codes:
    """The entities that have an item of an attribute, but for harmless ones."""
    held = held_items(layer.segment, attribute, facts.history.known_at)
    numbers = [number for number, pair in enumerate(held.pairs) if not is_harmless(*pair)]
    rows, _ = held.true_at(facts.at, numbers)
    return layer.segment.entity[rows]


def _of_kinds(layer: Layer, *kinds: str) -> np.typing.NDArray[np.bool_]:
    """Of each entity, whether it is of one of some kinds."""
    segment = layer.segment
    return np.array([kind in kinds for _, kind in segment.places], dtype=bool)[segment.place]


def _there(facts: RowsAt, layer: Layer, kind: str) -> Codes:
    """The entities of a kind of which something is true at the instant."""
    segment = layer.segment
    found = [np.empty(0, dtype=np.int32)]
    for place, (_, held) in enumerate(segment.places):
        if held == kind:
            those = segment.of_place(place)
            rows = slice(int(segment.first_row[those.start]), int(segment.first_row[those.stop]))
            found.append(segment.entity[rows][facts.true_of(segment, rows)])
    there = np.unique(np.concatenate(found))
    return there[layer.counts[there]]


def _groups(layer: Layer, entities: Codes) -> set[Group]:
    keys = map(layer.segment.key, entities.tolist())
    return {(account, unique_id) for account, _, unique_id in keys}

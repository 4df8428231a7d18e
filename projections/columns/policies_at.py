"""What the managed policies say at an instant, of all at once: which of them surely say nothing of what is asked."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.projections.columns.documents import Documents, documents_of
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes
from erstwhile.projections.columns.version_items import version_items

_UNKNOWN = -1
_NAMELESS = ""
"""The ARN of a policy that is not found by its recorded one."""
_arns: WeakKeyDictionary[Segment, dict[int, tuple[str, str]]] = WeakKeyDictionary()


class OtherPolicies:
    """The ARNs of policies that are known at the instant, and have no document of some. Of any other ARN it must be
    looked up what it says, if anything is known."""

    def __init__(self, facts: RowsAt, documents: Callable[[Documents], Codes]) -> None:
        """`documents`: which of a segment's documents they do not have."""
        self._surely: set[str] = set()
        self._not_surely: set[str] = set()
        self._nameless: set[tuple[str, str]] = set()
        for layer in facts.history.stack:
            those = documents(documents_of(layer.segment))
            for place, (account, kind) in enumerate(layer.segment.places):
                if kind == "policy":
                    self._read(facts, layer, account, place, those)
        self._surely -= self._not_surely

    def __contains__(self, arn: object) -> bool:
        if not isinstance(arn, str) or arn not in self._surely:
            return False
        return not self._nameless or (account_in(arn), arn.rpartition("/")[2].lower()) not in self._nameless

    def _read(self, facts: RowsAt, layer: Layer, account: str, place: int, documents: Codes) -> None:
        segment = layer.segment
        policies = segment.of_place(place)
        first = int(segment.first_row[policies.start])
        rows = first + facts.true_of(segment, slice(first, int(segment.first_row[policies.stop])))
        rows = rows[layer.counts[segment.entity[rows]]]
        entities, values = segment.entity[rows] - policies.start, segment.value[rows]
        attribute = segment.attribute[rows]

        def of(name: str) -> np.typing.NDArray[np.int64]:
            return np.flatnonzero(attribute == segment.attribute_codes.get(name, 255))

        says = np.full(len(policies), _UNKNOWN, dtype=np.int64)
        version, default = of(attributes.VERSION), of(attributes.DEFAULT)
        if len(version) and len(default):
            held = (entities[version].astype(np.int64) << 32) | segment.item[rows[version]]
            order = np.argsort(held)
            wanted = (entities[default].astype(np.int64) << 32) | version_items(segment, values[default])
            found = np.minimum(np.searchsorted(held[order], wanted), len(held) - 1)
            is_there = held[order][found] == wanted
            says[entities[default[is_there]]] = values[version[order[found[is_there]]]]
        says[entities[of(attributes.GAP)]] = _UNKNOWN
        others = (says != _UNKNOWN) & ~np.isin(says, documents)
        described = of(attributes.ENTITY)
        arns = _arns.setdefault(segment, {})
        for value, is_other in zip(values[described].tolist(), others[entities[described]].tolist(), strict=True):
            named = arns.get(value)
            if named is None:
                named = arns[value] = _named(segment, account, value)
            arn, name = named
            if arn == _NAMELESS:
                self._nameless.add((account, name))
            elif is_other:
                self._surely.add(arn)
            else:
                self._not_surely.add(arn)


def _named(segment: Segment, account: str, value: int) -> tuple[str, str]:
    """The recorded ARN of a policy, if it fits its name: only then it is found by it; and the name, in lower case."""
    described = segment.decoded(value)
    arn, name = str(described.get("arn", "")), str(described.get("name", ""))
    fits = bool(name) and arn.endswith(f"/{name}") and f"::{account}:policy/" in arn
    return (arn if fits else _NAMELESS), name.lower()

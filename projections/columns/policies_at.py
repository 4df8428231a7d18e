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
from erstwhile.domain.vocabulary.micros import ALWAYS, micros_of
from erstwhile.projections.columns.documents import Documents, documents_of
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes
from erstwhile.projections.columns.version_items import version_items

_UNKNOWN = -1
_NAMELESS = ""
"""The ARN of a policy that is not found by its recorded one."""


class _Names:
    """The names of the managed policies of a segment, by the values that describe them."""

    def __init__(self, segment: Segment) -> None:
        rows = segment.of_attribute(attributes.ENTITY)
        is_policy = np.array([kind == "policy" for _, kind in segment.places], dtype=bool)
        rows = rows[is_policy[segment.place[segment.entity[rows]]]]
        self._values, first = np.unique(segment.value[rows], return_index=True)
        accounts = [segment.places[place][0] for place in segment.place[segment.entity[rows[first]]].tolist()]
        named = [
            _named(segment, account, value) for account, value in zip(accounts, self._values.tolist(), strict=True)
        ]
        self.arns = np.array([arn for arn, _ in named], dtype=object)
        """The recorded ARN of each, if it fits the name: only then it is found by it; else _NAMELESS."""
        self.names = [name for _, name in named]
        """In lower case."""
        self.are_nameless: npt.NDArray[np.bool_] = np.array([arn == _NAMELESS for arn, _ in named], dtype=bool)

    def places(self, described: Codes) -> npt.NDArray[np.int64]:
        """By the values that describe some of them, where each is in these lists."""
        return np.searchsorted(self._values, described)


class PolicyAt(NamedTuple):
    """What a managed policy says at an instant."""

    document: str
    version: str
    defined_by: int
    begun: int
    """Since when it exists, in microseconds: an earlier attachment was to another policy of its ARN. ALWAYS for one
    of AWS's."""


class OtherPolicies:
    """The ARNs of policies that are known at the instant, and have no document of some. Of any other ARN it must be
    looked up what it says, if anything is known."""

    def __init__(self, facts: RowsAt, documents: Callable[[Documents], Codes]) -> None:
        """`documents`: which of a segment's documents they do not have."""
        self._surely: set[str] = set()
        self._not_surely: set[str] = set()
        self._nameless: set[tuple[str, str]] = set()
        self._rows: dict[str, list[tuple[Segment, int, int, int]]] = {}
        """Of those that are not others: the rows of the policy, of its default version, and of what that says."""
        for layer in facts.history.stack:
            those = documents(documents_of(layer.segment))
            for place, (account, kind) in enumerate(layer.segment.places):
                if kind == "policy":
                    self._read(facts, layer, account, place, those)
        self._surely -= self._not_surely
        self._surely.discard(_NAMELESS)

    def __contains__(self, arn: object) -> bool:
        return isinstance(arn, str) and arn in self._surely and not self._may_be_nameless(arn)

    def without(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str, str]]:
        """Of some pairs of an account and an ARN those whose policy is not among these, each with its place."""
        surely = self._surely
        for place, (account, arn) in enumerate(pairs):
            if arn not in surely or self._may_be_nameless(arn):
                yield place, account, arn

    def _may_be_nameless(self, arn: str) -> bool:
        """Whether a policy that is not found by its recorded ARN may have this one."""
        return bool(self._nameless) and (account_in(arn), arn.rpartition("/")[2].lower()) in self._nameless

    def policy(self, arn: str) -> PolicyAt | None:
        """What a policy says that is not among these; None where that is not sure."""
        rows = self._rows.get(arn, ())
        if len(rows) != 1 or self._may_be_nameless(arn):
            return None
        segment, described, default, version = rows[0]
        if default < 0 or version < 0:
            return None
        document = segment.value_of(version).get("document")
        if document is None:
            return None
        since = ALWAYS if account_in(arn) == AWS_MANAGED else _begun(segment, described)
        return PolicyAt(document, segment.item_of(version), segment.opened_bys[default], since)

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
        said_by = np.full(len(policies), _UNKNOWN, dtype=np.int64)
        chosen_by = np.full(len(policies), _UNKNOWN, dtype=np.int64)
        version, default = of(attributes.VERSION), of(attributes.DEFAULT)
        if len(version) and len(default):
            held = (entities[version].astype(np.int64) << 32) | segment.item[rows[version]]
            order = np.argsort(held)
            wanted = (entities[default].astype(np.int64) << 32) | version_items(segment, values[default])
            found = np.minimum(np.searchsorted(held[order], wanted), len(held) - 1)
            is_there = held[order][found] == wanted
            saying = version[order[found[is_there]]]
            says[entities[default[is_there]]] = values[saying]
            said_by[entities[default[is_there]]] = rows[saying]
            chosen_by[entities[default]] = rows[default]
        says[entities[of(attributes.GAP)]] = _UNKNOWN
        said_by[entities[of(attributes.GAP)]] = _UNKNOWN
        others = (says != _UNKNOWN) & ~np.isin(says, documents)
        described = of(attributes.ENTITY)
        names = segment.once(_Names)
        policy, told = entities[described], names.places(values[described])
        is_other = others[policy]
        self._surely.update(names.arns[told[is_other]].tolist())
        self._nameless.update([(account, names.names[each]) for each in told[names.are_nameless[told]].tolist()])
        places = np.flatnonzero(~is_other)
        columns = (rows[described], chosen_by[policy], said_by[policy])
        arns = names.arns[told[places]].tolist()
        for arn, *where in zip(arns, *(column[places].tolist() for column in columns), strict=True):
            if arn != _NAMELESS:
                self._not_surely.add(arn)
                self._rows.setdefault(arn, []).append((segment, *where))


def _begun(segment: Segment, row: int) -> int:
    """`Entity.begun`, in microseconds."""
    begun = segment.value_of(row).get("begun")
    if not begun:
        return segment.valid_froms[row]
    return ALWAYS if begun == "-infinity" else micros_of(parse_instant(begun))


def _named(segment: Segment, account: str, value: int) -> tuple[str, str]:
    """The recorded ARN of a policy, if it fits its name: only then it is found by it; and the name, in lower case."""
    described = orjson.loads(segment.values.raw(value))
    arn, name = str(described.get("arn", "")), str(described.get("name", ""))
    fits = bool(name) and arn.endswith(f"/{name}") and f"::{account}:policy/" in arn
    return (arn if fits else _NAMELESS), name.lower()

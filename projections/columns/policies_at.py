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
from erstwhile.projections.columns.described import is_of_kind
from erstwhile.projections.columns.documents import Documents, documents_of
from erstwhile.projections.columns.in_force import in_force
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes

_UNKNOWN = -1
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
        self.arns = np.array([arn for arn, _ in named], dtype=object)
        """The recorded ARN of each, if it fits the name: only then it is found by it; else _NAMELESS."""
        self.names = [name for _, name in named]
        """In lower case."""
        self.are_nameless: npt.NDArray[np.bool_] = np.array([arn == _NAMELESS for arn, _ in named], dtype=bool)


class PolicyAt(NamedTuple):
    """What a managed policy says at an instant."""

    document: str
    segment: Segment
    value: int
    """The value of the segment that has the document."""
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
            self._read(facts, layer, documents(documents_of(layer.segment)))
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
        return PolicyAt(
            document, segment, segment.value_code(version), segment.item_of(version), segment.opened_bys[default], since
        )

    def _read(self, facts: RowsAt, layer: Layer, documents: Codes) -> None:
        segment = layer.segment
        names, held = segment.once(_Names), in_force(segment, facts.history.known_at)
        true = facts.true_of(segment, names.rows)
        true = true[layer.counts[names.policies[true]]]
        described, policies, named = names.rows[true], names.policies[true], names.named[true]
        place = np.full(segment.entity_count, _UNKNOWN, dtype=np.int64)
        """Of each entity, its place in what is in force."""
        those = held.at(facts.at)
        place[held.entity[those]] = those
        gaps = segment.of_attribute(attributes.GAP)
        place[segment.entity[gaps[facts.true_of(segment, gaps)]]] = _UNKNOWN
        places = place[policies]
        speaks = np.zeros(len(segment.values), dtype=bool)
        speaks[documents] = True
        is_other = places != _UNKNOWN
        is_other[is_other] = ~speaks[held.value[places[is_other]]]
        arns = names.arns[named]
        self._surely.update(arns[is_other].tolist())
        nameless = names.are_nameless[named]
        self._nameless.update(
            (segment.places[int(segment.place[policy])][0], names.names[each])
            for policy, each in zip(policies[nameless].tolist(), named[nameless].tolist(), strict=True)
        )
        for arn, row, at in zip(
            arns[~is_other].tolist(), described[~is_other].tolist(), places[~is_other].tolist(), strict=True
        ):
            if arn != _NAMELESS:
                self._not_surely.add(arn)
                said = (_UNKNOWN, _UNKNOWN) if at == _UNKNOWN else (int(held.default[at]), int(held.version[at]))
                self._rows.setdefault(arn, []).append((segment, row, *said))


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

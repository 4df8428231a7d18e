"""Which managed policies the users, groups and roles of an account have, or once had; and which entities these are.

Made with the file of a segment: whoever looks for doubtful ones need not look at all attachments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.history.policy_states import surely_named
from erstwhile.domain.history.wide_history import Ints
from erstwhile.domain.vocabulary.identifiers import is_arn_of, policy_account, policy_name_of
from erstwhile.domain.vocabulary.micros import NEVER, micros_of
from erstwhile.projections.columns.believed import settled_position
from erstwhile.projections.columns.segment import Arrays, Segment, key_text
from erstwhile.projections.columns.texts import ABSENT, Codes, hash_of

Use = tuple[str, str]
"""An account, and the ARN of a policy that somebody there has attached or as a boundary."""
HOLDERS = ("user", "group", "role")
HAVING = (attributes.ATTACHED, attributes.BOUNDARY)
_ITEMS = "use.items"


class Hulls(NamedTuple):
    """Uses, each with a time that contains all at which somebody had the policy, as known at a log position.
    `account`: the number of a place of the segment; `policy`: a place among its used policies."""

    account: Codes
    policy: Codes
    begin: Ints
    end: Ints


class PolicyUses:
    """Of one segment, which it must not hold: as long as that lives, this is kept."""

    def __init__(self, arrays: Arrays) -> None:
        self.item: Codes = arrays[_ITEMS]
        """The codes of the ARNs of all policies that somebody ever had, in order."""
        self.entity: Codes = arrays["use.entities"]
        """The one entity that such an ARN ever meant in this segment, a policy; ABSENT where there is none, or where
        more has to be known to say it."""
        self.named: Ints = arrays["use.named"]
        """`hashed_name` of each ARN."""
        self.begun: Ints = arrays["use.begun"]
        """Since when that policy exists, in microseconds; NEVER where that, or its ARN, is not sure, or not the same
        whatever was known when."""
        self._items = self.item.data
        self.last = Hulls(*(arrays[f"use.{name}"] for name in Hulls._fields))
        """As known at the last change of the segment."""

    def place_of(self, item: int) -> int:
        """The place of the policy whose ARN has a code; -1 where nobody ever had it."""
        place = bisect_left(self._items, item)
        return place if place < len(self._items) and self._items[place] == item else -1

    def called(self, names: set[int]) -> Codes:
        """The places of the policies of some account and name (`hashed_name`)."""
        return np.flatnonzero(np.isin(self.named, np.array(list(names), dtype=np.int64))).astype(np.int32)


def policy_uses(segment: Segment) -> PolicyUses:
    return segment.once(_uses_of)


def _uses_of(segment: Segment) -> PolicyUses:
    return PolicyUses(segment.arrays if _ITEMS in segment.arrays else used_policies(segment))


def used_policies(segment: Segment) -> Arrays:
    """What `PolicyUses` is made of."""
    items = np.unique(np.concatenate([segment.links_of(attribute)[1] for attribute in HAVING]))
    arns = [segment.items.text(item) for item in items.tolist()]
    named = [hashed_name(policy_account(arn), policy_name_of(arn)) for arn in arns]
    meant = [_meant(segment, arn) for arn in arns]
    begun = [
        NEVER if entity == ABSENT else _begun(segment, entity, arn) for entity, arn in zip(meant, arns, strict=True)
    ]
    arrays: Arrays = {
        _ITEMS: items.astype(np.int32),
        "use.entities": np.array(meant, dtype=np.int32),
        "use.begun": np.array(begun, dtype=np.int64),
        "use.named": np.array(named, dtype=np.int64),
    }
    found = hulls(segment, arrays[_ITEMS], settled_position(segment, segment.last))
    return arrays | {f"use.{name}": column for name, column in found._asdict().items()}


def hulls(segment: Segment, items: Codes, known_at: int) -> Hulls:
    """`items`: `PolicyUses.item`."""
    accounts = first_places(segment)
    of_holders = np.array([kind in HOLDERS for _, kind in segment.places], dtype=bool)
    keys, begins, ends = [], [], []
    for attribute in HAVING:
        rows, codes = segment.links_of(attribute)
        believed = segment.recorded_from[rows] <= known_at
        believed &= segment.recorded_to[rows] > known_at
        rows, codes = rows[believed], codes[believed]
        places = segment.place[segment.entity[rows]]
        begin, end = segment.valid_from[rows], segment.valid_to[rows]
        those = of_holders[places] & (begin < end)
        keys.append(accounts[places[those]].astype(np.int64) << 32 | np.searchsorted(items, codes[those]))
        begins.append(begin[those])
        ends.append(end[those])
    key, begin, end = np.concatenate(keys), np.concatenate(begins), np.concatenate(ends)
    order = np.argsort(key, kind="stable")
    uses, firsts = np.unique(key[order], return_index=True)
    account, policy = (uses >> 32).astype(np.int32), (uses & 0xFFFFFFFF).astype(np.int32)
    if not len(uses):
        return Hulls(account, policy, begin, end)
    return Hulls(account, policy, np.minimum.reduceat(begin[order], firsts), np.maximum.reduceat(end[order], firsts))


def first_places(segment: Segment) -> Codes:
    """Of each place, the number of the first place of its account: places are in order."""
    first: dict[str, int] = {}
    return np.array([first.setdefault(account, at) for at, (account, _) in enumerate(segment.places)], dtype=np.int32)


def hashed_name(account: str, name: str) -> int:
    """Of a managed policy."""
    return hash_of(key_text(account, "policy", name.lower()))


def entities_meant(segment: Segment, arn: str) -> set[int]:
    """The entities that the ARN of a managed policy may ever have meant."""
    account, name = policy_account(arn), policy_name_of(arn)
    return {
        *segment.with_recorded_arn(arn), *segment.named(account, "policy", name.lower()),
        segment.entity_code((account, "policy", name)),
    } - {ABSENT}  # fmt: skip


def _meant(segment: Segment, arn: str) -> int:
    found = entities_meant(segment, arn)
    if len(found) != 1:
        return ABSENT
    [entity] = found
    return entity if is_always_called(segment, entity, arn) else ABSENT


def is_always_called(segment: Segment, entity: int, arn: str) -> bool:
    """Whether an entity is a policy, and had an ARN as long as it existed, whatever was known when."""
    account, kind, _ = segment.key(entity)
    return kind == "policy" and all(
        described.get("arn") == arn and is_arn_of(arn, account, kind, described["name"])
        for described in descriptions(segment, entity)
    )


def _begun(segment: Segment, entity: int, arn: str) -> int:
    """`PolicyUses.begun` of the policy that an ARN meant."""
    if entity == ABSENT:
        return NEVER
    code, key = segment.attribute_codes.get(attributes.ENTITY), segment.key(entity)
    rows = [row for row in range(*segment.rows(entity)) if segment.attribute_of[row] == code]
    found = {surely_named(key, segment.fact_of(row)) for row in rows}
    begun = {each.begun for each in found if each is not None and each.arn == arn}
    return micros_of(begun.pop()) if None not in found and len(begun) == 1 else NEVER


def descriptions(segment: Segment, entity: int) -> Iterator[Value]:
    """The different values that ever described an entity."""
    code = segment.attribute_codes.get(attributes.ENTITY)
    first, last = segment.rows(entity)
    for value in {segment.value_code(row) for row in range(first, last) if segment.attribute_of[row] == code}:
        yield segment.decoded(value)

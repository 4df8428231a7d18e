"""The facts of one instant of a history of columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.fact_source import Facts, FactSource, PolicyInForce
from erstwhile.domain.directory.facts import EntityKey, Fact, KeptFacts
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.history.trusting import Trusting
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.sources import SHOWN
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.micros import instant_of, micros_of
from erstwhile.projections.columns import epochs
from erstwhile.projections.columns.believed import settled_position
from erstwhile.projections.columns.candidates import candidates
from erstwhile.projections.columns.epochs import Epochs
from erstwhile.projections.columns.held_policies import held_policies
from erstwhile.projections.columns.policies_at import OtherPolicies
from erstwhile.projections.columns.policy_lines import policy_lines
from erstwhile.projections.columns.policy_uses import entities_meant
from erstwhile.projections.columns.principals_by_number import PrincipalsByNumber
from erstwhile.projections.columns.principals_called import principals_called
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes
from erstwhile.projections.columns.told_actions import actions_in

_MANAGED = ("policy", SHOWN)
_FEW = 8
"""Entities that are sooner looked at one by one, when they are loaded, than all by a mask."""


class ColumnFacts(RowsAt):
    """A `FactSource`. Any thread may ask."""

    def facts_of(self, key: EntityKey) -> Facts | None:
        found = self.history.place_of(key)
        return None if found is None else self.facts_in(found[0].segment, found[1], key)

    def facts_in(self, segment: Segment, entity: int, key: EntityKey) -> Facts | None:
        """The facts of an entity that has its rows in this segment. Nobody may change them."""
        if key[1] in epochs.KINDS:
            return self._of_epoch(segment, entity)
        rows = tuple(self.rows_of(segment, entity))
        if not rows:
            return None
        facts = segment.states.entries.get(rows)
        if facts is None:
            facts = segment.states.keep(rows, self._made(segment, rows))
        listings = segment.listings
        if listings and attributes.ENTITY in facts:
            facts = self._with_vanished(segment, entity, key, rows, facts)
        return facts

    def _of_epoch(self, segment: Segment, entity: int) -> Facts | None:
        """The same of a kind that no listing ends."""
        position = settled_position(segment, self.history.known_at)
        known = segment.epochs.get(position)
        if known is None:
            known = segment.epochs.keep(position, Bounded(epochs.MOST))
        found = known.entries.get(entity)
        if found is None:
            rows = self.history.believed(segment, entity)
            begins, ends = ([column[row] for row in rows] for column in (segment.valid_froms, segment.valid_tos))
            found = known.keep(entity, Epochs(begins, ends))
        number, kept = found.number(self.at), found.kept
        facts = kept.get(number)
        if facts is None:
            facts = kept.keep(number, KeptFacts(self._made(segment, self.rows_of(segment, entity))))
        return facts or None

    def _made(self, segment: Segment, rows: Iterable[int]) -> Facts:
        facts: Facts = {}
        names = segment.attributes
        for row in rows:
            attribute = names[segment.attribute_of[row]]
            item = segment.item_of(row)
            items = facts.get(attribute)
            if items is None:
                facts[attribute] = {item: segment.fact_of(row)}
            else:
                items[item] = segment.fact_of(row)
        return facts

    def _with_vanished(self, segment: Segment, entity: int, key: EntityKey, rows: Iterable[int], facts: Facts) -> Facts:
        """With that an entity may have been deleted before the instant, where its row was ended by a listing."""
        code, listings = segment.attribute_codes[attributes.ENTITY], segment.listings
        for row in rows:
            if segment.attribute_of[row] == code and segment.closed_bys[row] in listings:
                for gone in self.history.vanished(segment, key, row, self.history.believed(segment, entity)):
                    if micros_of(gone.valid_from) <= self.at:
                        fact = Fact(gone.value, gone.valid_from, gone.opened_by)
                        return facts | {gone.attribute: {gone.item: fact}}
        return facts

    def policy_in_force(self, arn: str) -> PolicyInForce | None:
        """The managed policy that has an ARN at the instant; None where that is to be found in the entities that may
        have it."""
        known = self._surely_in_force(arn)
        if known is not None:
            return known
        keys = self.history.with_arn(arn)
        if len(keys) != 1 or keys[0][1] != "policy":
            return None
        [key] = keys
        place = self.history.place_of(key)
        if place is None:
            return None
        known = policy_lines(place[0].segment, self.history.known_at).in_force(key, place[1], self.at)
        return known if known is not None and known.arn == arn else None

    def _surely_in_force(self, arn: str) -> PolicyInForce | None:
        """The same of an ARN that meant one policy alone, whatever was known when."""
        *above, lowest = self.history.stack
        lines = policy_lines(lowest.segment, self.history.known_at)
        place = lines.uses.place_of(lowest.segment.item_code(arn))
        if place < 0:
            return None
        if above and not (
            lowest.counts[lines.uses.entity[place]] and not any(entities_meant(layer.segment, arn) for layer in above)
        ):
            return None
        return lines.said_by(place, arn, self.at)

    # Ways to entities: no wider than the instant, where that costs nothing.

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        return self.history.with_arn(arn)

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self.history.with_access_key(access_key_id)

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return self.history.with_name(account, kind, name)

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return self.history.vpc_endpoints()

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return self.history.secrets_called(arn)

    def candidates(self, action: str, resource: str) -> Iterable[EntityKey] | None:
        return candidates(self, action, resource)

    def held(self, action: str, resource: str) -> Held | None:
        return held_policies(self, action, resource)

    def numbered_principals(self) -> NumberedPrincipals:
        return PrincipalsByNumber(self)

    def roles_trusting(self, caller: Caller) -> Iterable[EntityKey]:
        return self.history.once(Trusting).roles(caller, instant_of(self.at))

    def principals_called(self, parts: Sequence[str]) -> Iterable[EntityKey]:
        return principals_called(self, parts)

    def actions_told(self, service: str) -> Iterable[str]:
        layers = self.history.stack
        return dict.fromkeys(action for layer in layers for action in actions_in(layer.segment, service))

    def about(self, action: str) -> FactSource:
        return FactsAbout(self, action)

    def in_force(self) -> FactsInForce:
        return FactsInForce(self)

    def kinds(self) -> Iterable[tuple[str, str]]:
        return self.history.kinds()

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        for layer in self.history.stack:
            segment = layer.segment
            for place, (owner, held) in enumerate(segment.places):
                if held != kind or account not in ("", owner):
                    continue
                those = segment.of_place(place)
                if len(those) > _FEW:
                    yield from map(segment.key, self._there(layer, place).tolist())
                else:
                    yield from (segment.key(each) for each in those if layer.counts[each])

    def _there(self, layer: Layer, place: int) -> Codes:
        """The entities of an account and kind of which something is true at the instant."""
        segment = layer.segment
        those = segment.of_place(place)
        rows = slice(int(segment.first_row[those.start]), int(segment.first_row[those.stop]))
        entities = segment.entity[rows][self.true_of(segment, rows)]
        # Rows stand in the order of their entities.
        different = entities[np.flatnonzero(np.diff(entities, prepend=-1))]
        return different[layer.counts[different]]

    def counts(self) -> dict[tuple[str, str], int]:
        """How many entities each account has of each kind at the instant."""
        found: dict[tuple[str, str], int] = {}
        for layer in self.history.stack:
            for number, place in enumerate(layer.segment.places):
                count = len(self._there(layer, number))
                if count:
                    found[place] = found.get(place, 0) + count
        return found

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        found: list[EntityKey] = []
        for layer in self.history.stack:
            rows = layer.segment.links(attribute, item)
            if len(rows):
                holding = rows[self.true_of(layer.segment, rows)]
                found += self._keys(layer, layer.segment.entity[holding])
        return [key for key in found if key[0] == account]

    def having(self, attribute: str) -> Iterable[EntityKey]:
        """The entities that have an attribute at the instant."""
        for layer in self.history.stack:
            rows = layer.segment.of_attribute(attribute)
            if len(rows):
                having = rows[self.true_of(layer.segment, rows)]
                yield from self._keys(layer, layer.segment.entity[having])

    def _keys(self, layer: Layer, entities: Codes) -> list[EntityKey]:
        return [layer.segment.key(each) for each in self._counting(layer, entities).tolist()]

    def _counting(self, layer: Layer, entities: Codes) -> Codes:
        """Each once, without those that a segment above has."""
        different = np.unique(entities)
        return different[layer.counts[different]]


class FactsAbout(ColumnFacts):
    """Without attachments of policies that do not speak of an action (lower case)."""

    def __init__(self, whole: ColumnFacts, action: str) -> None:
        self.history, self.at = whole.history, whole.at
        self._whole, self._action = whole, action
        self._others: OtherPolicies | None = None

    def facts_in(self, segment: Segment, entity: int, key: EntityKey) -> Facts | None:
        facts = super().facts_in(segment, entity, key)
        if facts is None or attributes.ATTACHED not in facts:
            return facts
        if self._others is None:
            self._others = OtherPolicies(self._whole, lambda documents: documents.speaking(self._action))
        others, attached = self._others, facts[attributes.ATTACHED]
        kept = {item: fact for item, fact in attached.items() if item not in others}
        if len(kept) == len(attached):
            return facts
        found = {attribute: items for attribute, items in facts.items() if attribute != attributes.ATTACHED}
        return found | {attributes.ATTACHED: kept} if kept else found

    def about(self, action: str) -> FactSource:
        return self


class FactsInForce(ColumnFacts):
    """Without versions of managed policies that are not in force: each is a document to decode that no decision reads.

    Serves the row "decision" of `make bench-history`."""

    def __init__(self, whole: ColumnFacts) -> None:
        self.history, self.at = whole.history, whole.at

    def rows_of(self, segment: Segment, entity: int) -> list[int]:
        rows = super().rows_of(segment, entity)
        if segment.kind_of(entity) not in _MANAGED:
            return rows
        codes, attribute_of = segment.attribute_codes, segment.attribute_of
        default, version = codes.get(attributes.DEFAULT), codes.get(attributes.VERSION)
        in_force = [segment.value_of(row).get("version") for row in rows if attribute_of[row] == default]
        if not in_force:
            return rows
        return [row for row in rows if attribute_of[row] != version or segment.item_of(row) in in_force]

    def in_force(self) -> FactsInForce:
        return self

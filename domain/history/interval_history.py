"""A history in memory, made from a list of intervals: slow to make, obvious in what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.fact_source import FactSource
from erstwhile.domain.directory.facts import IAM_KINDS, EntityKey, Interval, in_order, is_vpc_endpoint
from erstwhile.domain.history.fact_history import DOCUMENTS, may_have_words
from erstwhile.domain.history.facts_at import FactsAt
from erstwhile.domain.history.interval_rows import IntervalRows
from erstwhile.domain.history.policy_line import PolicyLine
from erstwhile.domain.history.wide_history import T, WideHistory
from erstwhile.domain.vocabulary.identifiers import account_in, secret_name
from erstwhile.domain.vocabulary.micros import micros_of


class IntervalHistory:
    """A `WideHistory`."""

    def __init__(self, intervals: Iterable[Interval], known_at: int = 0) -> None:
        self._known_at = known_at
        self._of: dict[EntityKey, list[Interval]] = {}
        self._index: dict[tuple[str, ...], dict[EntityKey, None]] = {}
        self._of_event: dict[int, list[Interval]] = {}
        for each in intervals:
            key = each[:3]
            self._of.setdefault(key, []).append(each)
            for position in {each.opened_by, each.closed_by}:
                if position is not None:
                    self._of_event.setdefault(position, []).append(each)
            for place in _places(each):
                self._index.setdefault(place, {})[key] = None

        self._of = {key: in_order(rows) for key, rows in self._of.items()}

    @property
    def known_at(self) -> int:
        return self._known_at

    def intervals_of(self, key: EntityKey) -> Sequence[Interval]:
        return self._of.get(key, ())

    def intervals_within(self, key: EntityKey, begin: datetime, end: datetime) -> Sequence[Interval]:
        return [each for each in self.intervals_of(key) if each.valid_from <= end and each.valid_to >= begin]

    def intervals_with(self, key: EntityKey, names: frozenset[str]) -> Sequence[Interval]:
        return self.intervals_of(key)

    def policy_line(self, key: EntityKey) -> PolicyLine | None:
        return None

    def of_event(self, position: int) -> Sequence[Interval]:
        return self._of_event.get(position, ())

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        found = dict(self._index.get(("arn", arn), {}))
        kind, _, path = arn.rpartition(":")[2].partition("/")
        if kind in IAM_KINDS:
            name = path.rpartition("/")[2]
            account = account_in(arn)
            found |= dict.fromkeys(self.with_name(account, kind, name.lower()))
            found |= {key: None for key in ((account, kind, name),) if key in self._of}
        return list(found)

    def has_alone(self, key: EntityKey, arn: str) -> bool:
        return list(self.with_arn(arn)) == [key]

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return list(self._index.get(("key", access_key_id), ()))

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return list(self._index.get(("name", account, kind, name), ()))

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        return [key for key in self._of if key[1] == kind and account in ("", key[0])]

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        return list(self._index.get(("item", account, attribute, item), ()))

    def having(self, attribute: str) -> Iterable[EntityKey]:
        return list(self._index.get(("attribute", attribute), ()))

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return [key for key in self._of if is_vpc_endpoint(key)]

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return list(self._index.get(("secret", arn), ()))

    def kinds(self) -> Iterable[tuple[str, str]]:
        return dict.fromkeys((account, kind) for account, kind, _ in self._of)

    def changed(self, after: datetime, until: datetime, names: frozenset[str] | None = None) -> Iterable[EntityKey]:
        return [
            key
            for key, intervals in self._of.items()
            if any(
                (after < each.valid_from <= until or after < each.valid_to <= until)
                and (names is None or each.attribute in names)
                for each in intervals
            )
        ]

    def facts_at(self, instant: datetime) -> FactSource:
        return FactsAt(self, instant)

    def documents_with(self, words: tuple[str, ...]) -> Iterable[Interval]:
        documents = (each for attribute in DOCUMENTS for each in self.with_attribute(attribute))
        return [each for each in documents if may_have_words(each.value, words)]

    def items_of(self, attribute: str) -> Iterable[str]:
        return dict.fromkeys(each.item for each in self.with_attribute(attribute))

    def with_attribute(self, attribute: str) -> Iterable[Interval]:
        return [each for intervals in self._of.values() for each in intervals if each.attribute == attribute]

    def window(self, begin: datetime, end: datetime) -> IntervalRows:
        every = (each for intervals in self._of.values() for each in intervals)
        return IntervalRows(every, micros_of(begin), micros_of(end))

    def once(self, make: Callable[[WideHistory], T]) -> T:
        return make(self)


def _places(each: Interval) -> Iterable[tuple[str, ...]]:
    """The places of indexes in which an entity is found by one of its facts."""
    yield "item", each.account, each.attribute, each.item
    yield "attribute", each.attribute
    if each.attribute == attributes.ENTITY:
        yield "name", each.account, each.kind, str(each.value.get("name", "")).lower()
        arn = str(each.value.get("arn", ""))
        yield "arn", arn
        yield "secret", secret_name(arn)
    elif each.attribute == attributes.ACCESS_KEY:
        yield "key", each.item
    elif each.attribute == attributes.BOUNDARY:
        yield "item", each.account, each.attribute, str(each.value["policy"])

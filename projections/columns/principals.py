"""Users and roles by the values that describe them, as columns that are made with a segment: who they are as JSON, the
order of their ARNs, and whether a service has them.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.domain.directory.named import (
    NAMELESS,
    Named,
    Principals,
    ranked,
    read_head,
    written_head,
)
from erstwhile.domain.directory.named import Texts as Objects
from erstwhile.domain.history.wide_history import Ints, is_of_service
from erstwhile.domain.policy.inputs.caller import is_service_linked_arn
from erstwhile.domain.vocabulary.identifiers import is_arn_of
from erstwhile.projections.columns.segment import Arrays, Segment
from erstwhile.projections.columns.texts import Texts, packed

KINDS = ("user", "role")
_VALUES = 1 << 32
"""More than a segment has values."""
Flags = npt.NDArray[np.bool_]


class PrincipalBuilder:
    """Takes principals in any order: as text, for a company has hundreds of thousands."""

    def __init__(self) -> None:
        self._told: list[tuple[int, str, bytes, bool]] = []

    def add(self, entity: int, value: int, key: EntityKey, described: Value) -> None:
        """`entity` and `value` are numbers: who is described by which value; and what that is."""
        if key[1] not in KINDS:
            return
        arn, name = str(described.get("arn", "")), str(described.get("name", ""))
        fits = is_arn_of(arn, key[0], key[1], name)
        head = written_head(key, arn) if fits else NAMELESS
        # AWS gives no name with a slash. A head tells the last part of it alone.
        usual = fits and "/" not in name and not is_of_service(described) and not is_service_linked_arn(arn)
        self._told.append((entity * _VALUES + value, arn if fits else "", head, usual))

    def arrays(self) -> Arrays:
        """The builder is of no more use."""
        self._told.sort()
        arrays: Arrays = {
            "principal.keys": np.array([each[0] for each in self._told], dtype=np.int64),
            "principal.ranks": ranked([each[1] for each in self._told]),
            "principal.usual": np.array([each[3] for each in self._told], dtype=bool),
        }
        arrays["principal.head.block"], arrays["principal.head.offsets"] = packed([each[2] for each in self._told])
        self._told = []
        return arrays


class PrincipalColumns:
    """Of one segment, which it must not hold: as long as that lives, this is kept. What was read once is kept: some
    250 bytes for each."""

    def __init__(self, arrays: Arrays) -> None:
        self._keys: Ints = arrays["principal.keys"]
        self._ranks: Ints = arrays["principal.ranks"]
        self._usual: Flags = arrays["principal.usual"]
        self._heads = _Read(Texts(arrays["principal.head.block"], arrays["principal.head.offsets"]))

    def places(self, entities: Ints, described: Ints) -> Ints:
        """Where users and roles are here, by the numbers of entities and of the values that describe them."""
        return np.searchsorted(self._keys, entities.astype(np.int64) * _VALUES + described)

    def are_usual(self, places: Ints) -> Flags:
        """Whether the recorded ARN of each fits its name, which its head tells, and no service of AWS has it as its
        role."""
        usual: Flags = self._usual[places]
        return usual

    def who(self, places: Ints) -> Principals:
        return Principals(self._heads.of(places), self._ranks[places])

    def named(self, place: int) -> Named:
        return read_head(self._heads.one(place))

    def may_have(self, places: Ints, parts: Sequence[str]) -> Flags:
        """Whether who each is may have some texts in it, in whatever case: a nameless one may."""
        wanted = [each.lower().encode() for each in parts if _is_plain(each)]
        heads = (self._heads.one(place).lower() for place in places.tolist())
        # Beyond ASCII, letters have cases that bytes do not tell.
        which = (not head or not head.isascii() or all(each in head for each in wanted) for head in heads)
        return np.fromiter(which, dtype=bool, count=len(places))


def _is_plain(text: str) -> bool:
    """Whether JSON writes a text as it is, in whatever case."""
    return text.isascii() and text.isprintable() and not set(text) & {'"', "\\"}


class _Read:
    """Texts that are read once."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._known: Objects = np.full(len(texts), None, dtype=object)
        self._is_known: Flags = np.zeros(len(texts), dtype=bool)

    def one(self, place: int) -> bytes:
        return self._known[place] or self._texts.raw(place)

    def of(self, places: Ints) -> Objects:
        missing = places[~self._is_known[places]]
        if len(missing):
            self._known[missing] = self._texts.raws(missing.tolist())
            # After that: another thread may read what this one says is there.
            self._is_known[missing] = True
        found: Objects = self._known[places]
        return found


def principals_in(segment: Segment) -> PrincipalColumns:
    return segment.once(_columns_of)


def _columns_of(segment: Segment) -> PrincipalColumns:
    return PrincipalColumns(segment.arrays)


_UNKNOWN, _IS_OF_SERVICE = -1, 1


def are_of_services(segment: Segment, described: Ints) -> npt.NDArray[np.bool_]:
    """As `WindowRows.are_of_services`, of one segment. Each value is looked at once."""
    kept = segment.once(_none_looked_at)
    unknown = np.unique(described[kept[described] == _UNKNOWN])
    kept[unknown] = [is_of_service(orjson.loads(text)) for text in segment.values.raws(unknown.tolist())]
    found: npt.NDArray[np.bool_] = kept[described] == _IS_OF_SERVICE
    return found


def _none_looked_at(segment: Segment) -> npt.NDArray[np.int8]:
    """Of each value, whether it describes a role of a service."""
    return np.full(len(segment.values), _UNKNOWN, dtype=np.int8)

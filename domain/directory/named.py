"""Who users and roles are at an instant: one by one, and many at once as columns, of which answers are written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.vocabulary.typed import decode

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[Any]
"""Bytes, as objects."""
_SPARSE = 8
"""Ranks up to so many times their number are put in order by themselves."""
NAMELESS = b""
"""In the place of who somebody is whose ARN is none of its account and name."""


class Named(NamedTuple):
    """A user or role under one ARN and name."""

    key: EntityKey
    arn: str
    name: str


class _Head(msgspec.Struct):
    principal: str
    kind: str
    account: str
    unique_id: str


_encode = msgspec.json.Encoder().encode


def written_head(key: EntityKey, arn: str) -> bytes:
    """What answers say of who it is: members of a JSON object, without braces."""
    account, kind, unique_id = key
    return _encode(_Head(arn, kind, account, unique_id))[1:-1]


def read_head(head: bytes) -> Named:
    """Of somebody whose ARN is one of its account and name: so it ends with the name."""
    told = decode(b"{%b}" % head, _Head)
    return Named((told.account, told.kind, told.unique_id), told.principal, told.principal.rpartition("/")[2])


class Principals:
    """Users and roles."""

    __slots__ = ("heads", "ranks")

    def __init__(self, heads: Texts, ranks: Ints) -> None:
        self.heads = heads
        """Who each is (`written_head`); or NAMELESS."""
        self.ranks = ranks
        """Numbers in the order of their ARNs: the same for the same ARN; of no meaning for the nameless."""

    def __len__(self) -> int:
        return len(self.heads)

    def named(self, place: int) -> Named:
        return read_head(self.heads[place])

    def each(self) -> Iterator[Named | None]:
        """None in the place of a nameless one."""
        return (read_head(head) if head else None for head in self.heads.tolist())

    def arn(self, place: int) -> str:
        """'' of a nameless one."""
        head = self.heads[place]
        return read_head(head).arn if head else ""

    def are_named(self) -> npt.NDArray[np.bool_]:
        """Of each, whether it is not nameless."""
        return self.heads.astype(bool)

    def only(self, places: Ints) -> Principals:
        return Principals(self.heads[places], self.ranks[places])


def principals(named: Sequence[Named]) -> Principals:
    """From one by one."""
    heads = texts([written_head(each.key, each.arn) if each.arn else NAMELESS for each in named])
    return Principals(heads, ranked([each.arn for each in named]))


def in_order(ranks: Ints) -> tuple[Ints, Ints]:
    """The places of some ranks in their order; and numbers of the same order that are not much larger than they are
    many."""
    most = int(ranks.max()) + 1
    if int(ranks.min()) < 0 or most > _SPARSE * len(ranks) + _SPARSE:
        _, ranks = np.unique(ranks, return_inverse=True)
        most = len(ranks)
    # Nearly all are different: what has to be sorted is where each is found.
    place_of = np.full(most, -1, dtype=np.int64)
    place_of[ranks[::-1]] = np.arange(len(ranks) - 1, -1, -1)
    order = place_of[place_of >= 0]
    return (order if len(order) == len(ranks) else np.argsort(ranks, kind="stable")), ranks


def texts(several: Sequence[bytes]) -> Texts:
    return np.array(several, dtype=object)


def ranked(arns: Sequence[str]) -> Ints:
    """Of each text its place among the different ones."""
    places = {each: place for place, each in enumerate(sorted(set(arns)))}
    return np.array([places[each] for each in arns], dtype=np.int64)


def all_of(parts: Sequence[Principals]) -> Principals:
    """Of several, whose ranks have nothing in common, one after the other. Quick where one has nearly all."""
    parts = [each for each in parts if len(each)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return principals(())
    largest = max(range(len(parts)), key=lambda number: len(parts[number]))
    main = parts[largest]
    order, dense = in_order(main.ranks)
    others = [each.arn(place) for number, each in enumerate(parts) if number != largest for place in range(len(each))]
    # Those in the middle are compared with most of the others.
    arn_at = cache(lambda place: main.arn(int(order[place])))
    before: dict[str, int] = {}
    """Of each different one that the largest part does not have, the rank there that follows."""
    found: dict[str, int] = {}
    for arn in sorted(set(others)):
        at = bisect_left(range(len(order)), arn, key=arn_at)
        if at < len(order) and arn_at(at) == arn:
            found[arn] = int(dense[order[at]])
        else:
            before[arn] = int(dense[order[at]]) if at < len(order) else int(dense[order[-1]]) + 1
    following = np.array(list(before.values()), dtype=np.int64)

    def moved(ranks: Ints) -> Ints:
        """Each makes room for those before it."""
        return ranks + np.searchsorted(following, ranks, "right")

    own = {arn: int(moved(np.array([rank]))[0]) for arn, rank in found.items()}
    own |= {arn: rank + place for place, (arn, rank) in enumerate(before.items())}
    ranks_of_others = np.array([own[arn] for arn in others], dtype=np.int64)
    ranks = [moved(dense) if number == largest else each.ranks for number, each in enumerate(parts)]
    begin = 0
    for number, each in enumerate(parts):
        if number != largest:
            ranks[number] = ranks_of_others[begin : begin + len(each)]
            begin += len(each)
    return Principals(np.concatenate([each.heads for each in parts]), np.concatenate(ranks))

"""Users and roles that were on a list at some time, as columns: an answer of many thousands is written from these."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from erstwhile.domain.directory.named import Principals, in_order
from erstwhile.domain.history.at_once.spans import Spans, ranges
from erstwhile.domain.history.wide_history import Ints


class Settled(NamedTuple):
    """Each with its periods, in the order of answers: by list, ARN, the first period's begin, and unique id. The list
    is the least number among its periods."""

    principals: Principals
    """Each under the last ARN by which it could."""
    first: Ints
    """The place of the first period of each; one more than there are: the number of all periods."""
    begin: Ints
    """Of each period, in microseconds."""
    end: Ints
    how: Ints
    """Of each period, the number of a list."""

    def best(self) -> Ints:
        """The number of the list on which each stands."""
        if not len(self.principals):
            return self.how
        least: Ints = np.minimum.reduceat(self.how, self.first[:-1])
        return least


def first_places(those: Spans) -> Ints:
    """Where each key begins among intervals that are in order; and their number."""
    begins = np.flatnonzero(those.key[1:] != those.key[:-1]) + 1
    return np.concatenate(([0] * (len(those.key) > 0), begins, [len(those.key)])).astype(np.int64)


def settled(principals: Principals, those: Spans) -> Settled:
    """`those`: the periods, in the order of the principals. `what` is the number of a list."""
    first = first_places(those)
    found = Settled(principals, first, those.begin, those.end, those.what)
    if not len(principals):
        return found
    order = _order(found.best(), principals, those.begin[first[:-1]])
    begins, ends = first[:-1][order], first[1:][order]
    periods = ranges(begins, ends)
    return Settled(
        principals.only(order), np.append(0, np.cumsum(ends - begins)).astype(np.int64), those.begin[periods],
        those.end[periods], those.what[periods],
    )  # fmt: skip


def _order(lists: Ints, principals: Principals, begins: Ints) -> Ints:
    """The places in the order of the lists, then of the principals, then of the instants; of several under one ARN, at
    last of their unique ids."""
    order, ranks = in_order(principals.ranks)
    sorted_ranks = ranks[order]
    again = sorted_ranks[1:] == sorted_ranks[:-1]
    if bool(again.any()):
        several = order[np.append(again, False) | np.append(False, again)]
        ids = np.zeros(len(order), dtype=np.int64)
        ids[several] = np.unique([principals.named(place).key[2] for place in several], return_inverse=True)[1]
        return np.lexsort((ids, begins, ranks, lists))
    of = lists[order]
    return np.concatenate([order[of == each] for each in np.flatnonzero(np.bincount(of)).tolist()])

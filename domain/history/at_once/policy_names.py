"""The managed policies that are found by their recorded ARNs, and by nobody else's: made once of a history as known at
one position."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from erstwhile.domain.history.at_once.spans import Spans
from erstwhile.domain.history.wide_history import Described, Ints
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.micros import ALWAYS


class PolicyNames:
    """An ARN has a number; several policies may have had it, one after another."""

    def __init__(self, described: Iterable[Described]) -> None:
        by_arn: dict[str, list[Described]] = {}
        self.odd: set[tuple[str, str]] = set()
        """Account and name, or id, in lower case, of policies that have no recorded ARN that fits their name."""
        for each in described:
            if each.arn:
                by_arn.setdefault(each.arn, []).append(each)
            else:
                self.odd |= {(each.account, each.name.lower()), (each.account, each.unique_id.lower())}
        plain = [(arn, those) for arn, those in by_arn.items() if _is_plain(those)]
        self.numbers = {arn: number for number, (arn, _) in enumerate(plain)}
        rows = [
            (number, each.begin, each.end, each.entity, ALWAYS if each.account == AWS_MANAGED else each.begun)
            for number, (_, those) in enumerate(plain)
            for each in sorted(those, key=lambda each: each.begin)
        ]
        number, begin, end, entity, begun = np.array(rows, dtype=np.int64).reshape(-1, 5).T
        places = np.arange(len(rows), dtype=np.int64)
        self.lives = Spans(number, begin, end, places)
        """When a policy had which ARN: by the ARN's number, in order."""
        self.of_entities = Spans(entity, begin, end, places).in_order()
        """The same by the number of the policy's entity, in order. `what` is the place in `lives`."""
        self.begun: Ints = begun
        """Of each of the lives, since when the policy exists."""


def _is_plain(those: list[Described]) -> bool:
    """Whether there was one policy at a time, and each began once."""
    if len(those) == 1:
        return True
    those = sorted(those, key=lambda each: each.begin)
    begun: dict[int, int] = {}
    return all(begun.setdefault(each.entity, each.begun) == each.begun for each in those) and all(
        one.end <= other.begin for one, other in pairwise(those)
    )

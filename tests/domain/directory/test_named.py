"""Many principals as columns: who they are, and the order of their ARNs."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.directory.named import Named, all_of, principals, read_head, written_head

NAMES = ("a", "b", "B", "a.b", "a-b", "ab", "ä", "")


def test_a_head_tells_who_it_is() -> None:
    key = ("111122223333", "role", "AROA1")
    arn = 'arn:aws:iam::111122223333:role/p/ä"'
    assert read_head(written_head(key, arn)) == Named(key, arn, 'ä"')


@given(st.integers(0, 2**48))
def test_ranks_of_several_parts_are_in_the_order_of_arns(seed: int) -> None:
    chance = random.Random(seed)
    parts = []
    for _ in range(chance.randint(0, 4)):
        names = chance.choices(NAMES, k=chance.randint(0, 5))
        arns = [f"arn:aws:iam::111122223333:user/{name}" if name else "" for name in names]
        parts.append([Named(("111122223333", "user", f"A{n}"), arn, "") for n, arn in enumerate(arns)])
    found = all_of([principals(each) for each in parts])
    arns = [each.arn for part in parts for each in part]
    assert [found.arn(place) for place in range(len(found))] == arns
    for one in range(len(arns)):
        for other in range(len(arns)):
            assert (found.ranks[one] < found.ranks[other]) == (arns[one] < arns[other])

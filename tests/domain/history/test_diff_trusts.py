"""Of roles that never let a principal in, a difference needs the names alone: without them it finds out as surely
whether anything differs."""

from __future__ import annotations

import random
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.comparing.resource_cells import ResourceCells
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.comparing import NOT_SMALLER, alone, compared, twins
from tests.support.documents import allow, trust
from tests.support.random_crowds import ACCOUNTS, Crowd
from tests.support.random_history import instant

_TRUSTED = (ACCOUNTS[0], f"arn:aws:iam::{ACCOUNTS[0]}:user/u2", f"arn:aws:iam::{ACCOUNTS[1]}:role/u3", "*", ACCOUNTS[1])
_ROLES = ("*", f"arn:aws:iam::{ACCOUNTS[0]}:role/*", f"arn:aws:iam::{ACCOUNTS[1]}:role/u3", "arn:aws:iam::*:role/u*x")


def crowd_with_trusts(seed: int) -> IntervalHistory:
    """A crowd of whom some may assume roles of which few trust anybody, and whose policies and boundaries change."""
    chance = random.Random(seed)
    rows: list[Interval] = []
    for each in Crowd(chance).rows:
        if each.attribute in ("inline", "version") and chance.random() < 0.6:
            actions = chance.choice(("sts:*", "sts:AssumeRole", "*", "sts:TagSession", "s3:GetObject"))
            document = allow(actions, chance.choice(_ROLES))
            each = each._replace(value={**each.value, "document": document})
        if each.attribute in ("inline", "attached", "boundary", "tag") and chance.random() < 0.4:
            begins = chance.random() < 0.5
            each = each._replace(
                valid_from=instant(10) if begins else BEFORE, valid_to=FOREVER if begins else instant(10)
            )
        rows.append(each)
    for key in dict.fromkeys(each[:3] for each in rows if each.kind == "role"):
        if chance.random() < 0.9:
            document = trust({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole")
            if chance.random() < 0.3:
                document = trust({"AWS": chance.choice(_TRUSTED)}, chance.choice(("sts:*", "sts:AssumeRole")))
            rows.append(Interval(*key, "trust", "", {"document": document}, BEFORE, FOREVER, 900, None))
    return IntervalHistory(rows + twins(rows, chance), 1_000)


@settings(max_examples=25, phases=NOT_SMALLER, deadline=None)
@given(st.integers(0, 2**48))
def test_of_a_crowd(seed: int) -> None:
    history = crowd_with_trusts(seed)
    found = compared(history, (9, 11))
    with patch.object(ResourceCells, "are_others", lambda *_: False):  # then all roles are always looked at
        by_all = compared(history, (9, 11))
        with alone():
            by_itself = compared(history, (9, 11))
    for other in (by_all, by_itself):
        if found is not None and other is not None and not found.unclear and not other.unclear:
            assert found == other

"""Which principals are told from columns, and as whom."""

from __future__ import annotations

import numpy as np
import pytest

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.columns.builder import Builder
from erstwhile.projections.columns.principals import principals_in
from tests.support.column_layers import rows_of

KEY = ("111122223333", "role", "AROA1")
ROLE = "arn:aws:iam::111122223333:role"


@pytest.mark.parametrize(
    ("name", "arn", "is_usual"),
    [
        ("reader", f"{ROLE}/reader", True),
        ('ä"\\', f'{ROLE}/team/ä"\\', True),
        ("reader", f"{ROLE}/writer", False),
        ("reader", "", False),
        ("", f"{ROLE}/", False),
        ("AWSServiceRoleForX", f"{ROLE}/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", False),
        ("team/reader", f"{ROLE}/team/reader", False),  # AWS gives no such name; its head would tell another
    ],
)
def test_those_whose_head_tells_their_name(name: str, arn: str, is_usual: bool) -> None:
    builder = Builder()
    builder.add(rows_of([Interval(*KEY, "entity", "", {"name": name, "arn": arn}, BEFORE, FOREVER, 1, None)]))
    segment = builder.segment({})
    columns = principals_in(segment)
    places = columns.places(segment.entity.astype(np.int64), segment.value.astype(np.int64))
    assert columns.are_usual(places).tolist() == [is_usual]
    if is_usual:
        assert columns.named(int(places[0])) == (KEY, arn, name)


@pytest.mark.parametrize(
    ("arn", "parts", "may"),
    [
        (f"{ROLE}/Reader", ("reader",), True),
        (f"{ROLE}/Reader", ("ROLE/re", "der"), True),
        (f"{ROLE}/Reader", ("role/re", "x"), False),
        (f"{ROLE}/Reader", (), True),
        (f"{ROLE}/ä", ("Ä",), True),
        (f"{ROLE}/\u212aim", ("kim",), True),  # the sign of Kelvin, whose lower case is k
        ("", ("reader",), True),  # none that is usual
    ],
)
def test_whose_arn_may_have_some_texts(arn: str, parts: tuple[str, ...], may: bool) -> None:
    builder = Builder()
    described = {"name": arn.rpartition("/")[2], "arn": arn}
    builder.add(rows_of([Interval(*KEY, "entity", "", described, BEFORE, FOREVER, 1, None)]))
    segment = builder.segment({})
    columns = principals_in(segment)
    places = columns.places(segment.entity.astype(np.int64), segment.value.astype(np.int64))
    assert columns.may_have(places, parts).tolist() == [may]

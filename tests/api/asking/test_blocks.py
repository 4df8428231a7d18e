"""An answer in blocks is the one that it would be at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest

from erstwhile.api.asking.blocks import Blocks, in_blocks, written

LINES = [b"%d" % number for number in range(10_000)]


@pytest.mark.parametrize("name", ["allowed", "unknown", "coverage"])
def test_members_in_blocks_stand_where_they_are(name: str) -> None:
    texts = np.array([b"[", *[each for line in LINES for each in (line, b",")][:-1], b"]"], dtype=object)
    answer: dict[str, Any] = {"as_of": "2026", "allowed": [], "unknown": [{"a": 1}], "coverage": {"notes": ['"']}}
    whole = orjson.dumps({**answer, name: list(range(10_000))})
    found = written({**answer, name: in_blocks(texts)})
    assert b"".join(found) == whole
    assert len(found) > 5


def test_several_members_in_blocks() -> None:
    assert b"".join(written({"a": Blocks([b"[", b"1]"]), "b": Blocks([b"[2]"])})) == b'{"a":[1],"b":[2]}'


def test_no_member_in_blocks() -> None:
    assert written({"a": [1], "b": {}}) == [b'{"a":[1],"b":{}}']

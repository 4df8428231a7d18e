"""Which of several statements a listing names beside a principal: one that grants, before one that limits."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.api.cli.render_access import first


def each(layer: str, **more: Any) -> dict[str, Any]:
    return {"layer": layer, **more}


@pytest.mark.parametrize(("determining", "expected"), [
    ([], {}),
    ([each("identity", sid="a"), each("identity", sid="b")], each("identity", sid="a")),
    ([each("scp"), each("identity"), each("permissions_boundary")], each("identity")),
    ([each("resource"), each("resource", undecided=True)], each("resource", undecided=True)),
    ([each("identity"), each("permissions_boundary", undecided=True)], each("identity")),
    ([each("scp")], each("scp")),
])  # fmt: skip
def test_the_statement_that_grants(determining: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    assert first({"determining": determining}) == expected

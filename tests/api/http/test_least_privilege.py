"""GET /v1/unused, GET /v1/narrow, POST /v1/checks: bad input."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.api.http.native.least_privilege import _checked
from erstwhile.api.problems import Problem


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Object missing required field `check`"),
        ({"check": "all"}, "Invalid enum value 'all'"),
        ({"check": "no-new-access", "old": ["{}"]}, "new must be given"),
        ({"check": "no-new-access", "old": ["{}"], "new": ["{}"]}, "expected an object with Version and Statement"),
        ({"check": "not-granted", "policies": ["{}"]}, "actions must be given"),
        ({"check": "no-public-access", "policies": ["{}", "{}"]}, "expected one policy of a resource, not 2"),
        ({"check": "no-public-access", "policies": ["{}"], "polcies": []}, "polcies: no member of a check"),
    ],
)
def test_a_check_that_cannot_be_made_says_why(body: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem) as found:
        _checked(body)
    assert (found.value.status, said in found.value.detail) == (400, True), found.value.detail

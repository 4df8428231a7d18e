"""Each published path of escalation is a family of the catalogue, or a pair of families: one that raises a principal,
and one by which the source becomes it."""

from __future__ import annotations

import pytest

from erstwhile.domain.reach.catalogue.families import BECOMING, RAISING
from erstwhile.domain.reach.catalogue.family import Family
from tests.support.published_paths import OBSOLETE, OPEN_TO_MORE, PUBLISHED

ACCESS = [family for family in BECOMING if family.kind in ("assume", "credential", "trust")]


def actions(*families: Family) -> frozenset[str]:
    return frozenset(need.action for family in families for need in family.needs)


NEEDED = {actions(family) for family in (*BECOMING, *RAISING)}
PAIRS = {actions(raising, access) for raising in RAISING for access in ACCESS}


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: "+".join(sorted(path)))
def test_a_published_path_is_in_the_catalogue(path: frozenset[str]) -> None:
    """With nothing that the path does not name; what it names in addition must not be what escalates by itself."""
    found = [needed for needed in NEEDED | PAIRS if needed <= path]
    assert found
    if "iam:PassRole" in path:
        assert any("iam:PassRole" in needed for needed in found)
    if path in PAIRS:
        assert path in found


def test_a_path_that_says_too_little_needs_one_action_more() -> None:
    assert OPEN_TO_MORE | {"sagemaker:CreatePresignedNotebookInstanceUrl"} in NEEDED


def test_what_there_is_no_more_is_in_no_family() -> None:
    assert not any(OBSOLETE & needed - {"iam:PassRole"} for needed in NEEDED)

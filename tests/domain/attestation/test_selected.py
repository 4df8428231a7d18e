"""Who is meant by a list of principals, and that no list takes endless time."""

from __future__ import annotations

import pytest

from erstwhile.domain.attestation.selected import Selected

ADA = "arn:aws:iam::111122223333:user/people/sales/ada"


@pytest.mark.parametrize(
    ("entry", "is_meant"),
    [
        (ADA, True), ("user/ada", True), ("user/sales/ada", True), ("user/people/*", True), ("user/a?a", True),
        ("*", True), ("arn:aws:iam::*:user/*", True), ("AIDAEXAMPLE", True), ("*/ada", True), ("user/*a*a*", True),
        ("user/da", False), ("role/ada", False), ("ada", False), ("user/people", False), ("user/a.a", False),
        ("arn:aws:iam::111122223333:user/ada", False), ("AIDAOTHER", False),
    ],
)  # fmt: skip
def test_entries(entry: str, is_meant: bool) -> None:
    assert Selected([entry]).has(ADA, "AIDAEXAMPLE") == is_meant


def test_a_pattern_of_many_stars_ends() -> None:
    many = "*a" * 60 + "b"
    assert not Selected([many, f"user/{many}"]).has("arn:aws:iam::111122223333:user/" + "a" * 500)

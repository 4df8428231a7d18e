"""Who has an ARN that several claim does not depend on the order in which they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact

ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}:policy/write"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def described(kind: str, unique_id: str, name: str, hour: int) -> tuple[str, str, str, str, str, Fact]:
    since = BEGIN + timedelta(hours=hour)
    return ACCOUNT, kind, unique_id, "entity", "", Fact({"arn": ARN, "name": name, "path": "/"}, since, hour)


def test_a_resource_never_stands_before_a_policy() -> None:
    registered, older, newer = (
        described("resource", ARN, ARN, 1), described("policy", "ANPA2", "write", 2),
        described("policy", "ANPA1", "write", 3),
    )  # fmt: skip
    for order in permutations((registered, older, newer)):
        directory = Directory.from_facts(order)
        assert directory.at_arn(ARN).id == "ANPA2"
        for unique_id in ("ANPA2", "ANPA1"):
            directory.remove(directory.at((ACCOUNT, "policy", unique_id)))
        assert directory.at_arn(ARN).kind == "resource"

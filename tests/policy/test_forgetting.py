"""What the engine keeps of a Directory is forgotten where that changes: late records, renames, merges and all."""

from __future__ import annotations

import random

import pytest

from domain.directory import Directory
from domain.policy.authorize import authorize
from domain.policy.principals import UnknownPrincipal
from domain.policy.request import Request
from tests.domain.memory import MemoryLog
from tests.projections.test_rebuild import story
from tests.records import ACCOUNT

RESOURCES = ("arn:aws:s3:::bucket/x", f"arn:aws:iam::{ACCOUNT}:role/eve", "*")


def answer(directory: Directory, request: Request) -> object:
    try:
        return authorize(directory, request)
    except UnknownPrincipal as error:
        return str(error)


@pytest.mark.parametrize("seed", range(30))
def test_a_kept_answer_is_that_of_a_fresh_directory(seed: int) -> None:
    log = MemoryLog()
    chance = random.Random(seed)
    for record in story(seed, 40):
        log.record(record)
        directory = log.engine.directory
        fresh = Directory.from_facts(directory.facts(), directory.position)
        owner: str | None = chance.choice((None, ACCOUNT))
        for name in ("eve", "bob", "A", "B"):
            request = Request(
                principal=f"arn:aws:iam::{ACCOUNT}:user/{name}", action="s3:GetObject",
                resource=chance.choice(RESOURCES), resource_account=owner,
            )  # fmt: skip
            assert answer(directory, request) == answer(fresh, request)

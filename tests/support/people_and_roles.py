"""Users and roles by name, for paths as somebody reads them."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.reach.ways import Ways
from tests.support.reach_worlds import ACCOUNT, arn, document
from tests.support.worlds import WorldBuilder

OTHER = "444455556666"
ADA, BOB, EVE = (arn("user", name) for name in ("ada", "bob", "eve"))
BOSS, DEPLOY, OPS = (arn("role", name) for name in ("boss", "deploy", "ops"))
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LAMBDA = {"Service": "lambda.amazonaws.com"}


class World:
    """Users and roles by name, with one inline policy each."""

    def __init__(self) -> None:
        self.builder = WorldBuilder()
        self.builder.account(ACCOUNT)

    def user(self, name: str, *statements: dict[str, Any], account: str = ACCOUNT, boundary: str = "") -> None:
        self._principal(account, "user", name, statements, boundary)

    def role(self, name: str, trust: str | None, *statements: dict[str, Any], account: str = ACCOUNT) -> None:
        self._principal(account, "role", name, statements, "")
        if trust is not None:
            self.builder.documents(account, "role", id_of(account, name), "trust", {"": trust})

    def _principal(
        self, account: str, kind: str, name: str, statements: tuple[dict[str, Any], ...], boundary: str
    ) -> None:
        key = (account, kind, id_of(account, name))
        self.builder.principal(*key, name)
        if statements:
            self.builder.documents(*key, "inline", {"own": document(*statements)})
        if boundary:
            policy = self.builder.policy(account, f"ANPA{name}", f"bound-{name}", boundary)
            self.builder.put(*key, "boundary", policy=policy)

    def ways(self) -> Ways:
        return Ways(self.builder.directory())


def id_of(account: str, name: str) -> str:
    return f"ID{name.upper()}{account}"

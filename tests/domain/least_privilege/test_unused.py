"""What nobody used, in a Directory made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.least_privilege.unused import Unused, unused
from erstwhile.domain.use.used import Covered, State
from tests.support.documents import allow
from tests.support.worlds import WorldBuilder

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
ONE, OTHER = "111122223333", "444455556666"
READERS, PAYERS = "AWSReservedSSO_Readers_0123456789abcdef", "AWSReservedSSO_Pay_Roll_fedcba9876543210"


class Records:
    """Use by the roles that are named; everything is on record, but for an account's."""

    def __init__(self, *used: str, without: str = "", action: str = "iam:ListUsers") -> None:
        self._used, self._without, self._action = used, without, action

    def actions_used(self, begin: datetime, end: datetime) -> Mapping[str, set[str]]:
        return {arn: {self._action} for arn in self._used}

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        return Covered(account=account, begin=begin, end=end, until=None if account == self._without else end)

    def keys_used(self, begin: datetime, end: datetime) -> Mapping[str, datetime]:
        return {}


def made() -> Directory:
    """Two permission sets: readers in two accounts, payers in one."""
    world = WorldBuilder()
    for account in (ONE, OTHER):
        world.account(account)
    for account, name in ((ONE, READERS), (OTHER, READERS), (ONE, PAYERS), (ONE, "AWSReservedSSO_Other")):
        world.principal(account, "role", f"AROA{name[-4:]}", name)
        world.documents(account, "role", f"AROA{name[-4:]}", "inline", {"p": allow("iam:List*")})
    return world.directory()


def arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def sets(records: Records) -> list[Unused]:
    return [each for each in unused(made(), records, MAY, JUNE).found if each.kind == "permission set"]


def test_a_permission_set_is_used_where_one_of_its_roles_was() -> None:
    assert {each.policy: each.principals for each in sets(Records())} == {
        "Readers": (arn(ONE, READERS), arn(OTHER, READERS)), "Pay_Roll": (arn(ONE, PAYERS),),
    }  # fmt: skip
    assert [each.policy for each in sets(Records(arn(OTHER, READERS)))] == ["Pay_Roll"]


def test_of_a_permission_set_nothing_is_known_where_one_account_has_no_records() -> None:
    states = {each.policy: each.state for each in sets(Records(without=OTHER))}
    assert states == {"Readers": State.CANNOT_KNOW, "Pay_Roll": State.NOT_USED}


def test_a_password_is_used_by_signing_in() -> None:
    world = WorldBuilder()
    world.account(ONE)
    world.principal(ONE, "user", "AIDAEVE", "eve")
    world.put(ONE, "user", "AIDAEVE", "login_profile", "")
    eve = "arn:aws:iam::111122223333:user/eve"
    for action, kinds in (("signin:ConsoleLogin", []), ("iam:ListUsers", ["password"])):
        found = unused(world.directory(), Records(eve, action=action), MAY, JUNE).found
        assert [each.kind for each in found] == kinds, action

"""Access keys of the account's root user: the root user's own calls about keys, which name no user.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_add-key.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from erstwhile.api.aws.access.call import Call, Connect, Plan, Result, Work, begun_at
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.api.aws.secrets.access_keys import RootKey
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.commands import limits
from erstwhile.domain.commands.settings import PutSetting
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.root_keys import ACTIVE, CATEGORY, DELETED, status_of
from erstwhile.domain.vocabulary.refusals import LimitExceeded, NoSuchEntity


def is_meant(call: Call) -> bool:
    """Whether a call about access keys is about the root user's own keys."""
    return call.identity.kind == "Root" and call.get("UserName") is None


def of_root(call: Call) -> Callable[[Connect], list[RootKey]]:
    """Returns a function that reads all keys of the root user of the call's account, deactivated keys too."""

    def do(connect: Connect) -> list[RootKey]:
        with connect() as connection:
            return call.keys.of_root(connection, call.account)

    return do


def _live(call: Call, held: list[RootKey]) -> list[RootKey]:
    return [each for each in held if status_of(call.directory, call.account, each.access_key_id) != DELETED]


def _put(call: Call, access_key_id: str, status: str) -> PutSetting:
    return PutSetting(account=call.account, category=CATEGORY, name=access_key_id, attributes={"Status": status})


def create(call: Call) -> Work:
    def then(call: Call, held: list[RootKey]) -> Plan:
        if len(_live(call, held)) >= limits.ACCESS_KEYS:
            raise LimitExceeded(f"Cannot exceed quota for AccessKeysPerAccount: {limits.ACCESS_KEYS}")
        access_key_id, secret, side_statement = call.keys.new_key(call.account, "root")
        key = {"AccessKeyId": access_key_id, "Status": ACTIVE, "SecretAccessKey": secret, "CreateDate": call.now}
        return Plan(
            command=_put(call, access_key_id, ACTIVE),
            side_statement=side_statement,
            answer=lambda _directory: {"AccessKey": key},
        )

    return Work(of_root(call), then)


def begun(account: Entity, key: RootKey) -> datetime:
    """Since when a key is there. One that settings give is as old as the account, as far as is known."""
    return key.created_at or begun_at(account, account.mode_fact)


def listing(call: Call) -> Work:
    def then(call: Call, held: list[RootKey]) -> Result:
        account = call.directory.at((call.account, "account", call.account))
        found: list[dict[str, Any]] = [
            {"AccessKeyId": each.access_key_id, "Status": status_of(call.directory, call.account, each.access_key_id),
             "CreateDate": begun(account, each)}
            for each in _live(call, held)
        ]  # fmt: skip
        return page_of(call, found, "AccessKeyMetadata", lambda each: each["AccessKeyId"])

    return Work(of_root(call), then)


def _changed(call: Call, plan: Callable[[Call, RootKey], Plan]) -> Work:
    wanted = call.given["AccessKeyId"]

    def then(call: Call, held: list[RootKey]) -> Plan:
        for each in _live(call, held):
            if each.access_key_id == wanted:
                return plan(call, each)
        raise NoSuchEntity(f"The Access Key with id {wanted} cannot be found.")

    return Work(of_root(call), then)


def update(call: Call) -> Work:
    return _changed(call, lambda call, key: Plan(command=_put(call, key.access_key_id, call.given["Status"])))


def delete(call: Call) -> Work:
    return _changed(call, _deleted)


def _deleted(call: Call, key: RootKey) -> Plan:
    if key.created_at is None:
        raise AwsError(
            "InvalidInput",
            "This key is given by ERSTWHILE_ROOT_ACCESS_KEY_ID and ends with that: deactivate it.",
        )
    return Plan(
        command=_put(call, key.access_key_id, DELETED), side_statement=call.keys.delete_statement(key.access_key_id)
    )  # the setting stays, because other processes may still cache the secret

"""Creates the endpoint at the server's start: master keys, the account, and the root user's key."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from erstwhile.api.aws.endpoint import AwsEndpoint
from erstwhile.api.aws.secrets.access_keys import AccessKeySecrets, StoredKey
from erstwhile.api.aws.secrets.vault import open_vault
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.imports.shipped import import_shipped
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.vocabulary.refusals import AccountAlreadyRegistered

_KEY_ID = re.compile(r"^[!-.0-~]{3,128}$")  # no slash, because a slash ends the key id in a credential scope


class Started(msgspec.Struct, frozen=True):
    """Returns the endpoint, and the root user's key if it was created now: only this return value contains the
    secret."""

    endpoint: AwsEndpoint
    new_root_key: tuple[str, str] | None


def start(runtime: FollowingRuntime, home: Path | None) -> Started:
    """Raises MasterKeyMissing where stored secrets cannot be opened, MalformedSetting."""
    vault = open_vault(home)
    account = runtime.names.account
    given = _given_root_key()
    with runtime.connection() as connection:
        vault.require_all(connection)
        root = {given[0]: StoredKey(account, "root", given[1])} if given else {}
        keys = AccessKeySecrets(vault, root)
        made = None
        mode = runtime.mode(account)
        if mode == "observed":
            return Started(AwsEndpoint(runtime, vault, keys), None)  # its keys are in AWS
        if mode is None:
            try:
                runtime.commands.execute(RegisterAccount(account=account, partition=runtime.names.partition))
            except AccountAlreadyRegistered:
                pass  # another server that started at the same time created it
        import_shipped(connection)
        if not keys.root_ids(connection, account):
            access_key_id, secret, (statement, parameters) = keys.new_key(account, "root")
            connection.execute(statement, parameters)
            made = (access_key_id, secret)
    with runtime.current.read() as directory:
        directory.links.catch_up()  # before the first request needs it
    return Started(AwsEndpoint(runtime, vault, keys), made)


def _given_root_key() -> tuple[str, str] | None:
    """ERSTWHILE_ROOT_ACCESS_KEY_ID and ERSTWHILE_ROOT_SECRET_ACCESS_KEY."""
    key_id = os.environ.get("ERSTWHILE_ROOT_ACCESS_KEY_ID", "")
    secret = os.environ.get("ERSTWHILE_ROOT_SECRET_ACCESS_KEY", "")
    if not key_id and not secret:
        return None
    if not key_id or not secret:
        raise MalformedSetting("ERSTWHILE_ROOT_ACCESS_KEY_ID and ERSTWHILE_ROOT_SECRET_ACCESS_KEY go together")
    if not _KEY_ID.match(key_id):
        raise MalformedSetting("ERSTWHILE_ROOT_ACCESS_KEY_ID must have 3 to 128 characters without spaces and slashes")
    return key_id, secret

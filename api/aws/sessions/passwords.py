"""Console passwords: checks the account's password policy, and stores argon2id hashes.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import orjson
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.api.commanding.provenance import SideStatement
from erstwhile.domain.directory.directory import Directory
from erstwhile.projections.sql import Connection

SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB, two passes, as OWASP recommends; about 30 ms, so never on the event loop."""
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("RequireUppercaseCharacters", string.ascii_uppercase, "one uppercase character"),
    ("RequireLowercaseCharacters", string.ascii_lowercase, "one lowercase character"),
    ("RequireNumbers", string.digits, "one number"),
    ("RequireSymbols", SYMBOLS, "one symbol"),
)


def policy_of(directory: Directory, account: str) -> dict[str, Any] | None:
    """The account's own password policy; None where AWS's default applies."""
    entity = directory.get(account, "setting", "password-policy/account")
    fact = entity.setting_fact if entity is not None else None
    if fact is None:
        return None
    return {name: orjson.loads(text) for name, text in fact.value.items()}


def check(password: str, user_name: str, policy: Mapping[str, Any] | None) -> None:
    """Checks a password against the policy. Raises AwsError PasswordPolicyViolation."""
    if policy is None:
        kinds = sum(any(letter in letters for letter in password) for _, letters, _ in _KINDS)
        if len(password) < 8:
            raise _violation("Password should have a minimum length of 8")
        if kinds < 3:
            raise _violation(
                "Password should have at least three of: uppercase characters, lowercase characters, numbers, symbols"
            )
        if password == user_name:
            raise _violation("Password should not be the user's name")
        return
    least = int(policy.get("MinimumPasswordLength", 6))
    if len(password) < least:
        raise _violation(f"Password should have a minimum length of {least}")
    for rule, letters, words in _KINDS:
        if policy.get(rule) and not any(letter in letters for letter in password):
            raise _violation(f"Password should have at least {words}")


def _violation(message: str) -> AwsError:
    return AwsError("PasswordPolicyViolation", message)


def hashed(connection: Connection, account: str, principal: str, password: str, remembered: int) -> str:
    """Returns the hash of a new password. Raises AwsError PasswordPolicyViolation if it is one of the last
    `remembered`."""
    if remembered:
        rows = connection.execute(
            "SELECT hash FROM login_password WHERE account = %s AND principal = %s ORDER BY set_at DESC LIMIT %s",
            (account, principal, remembered),
        ).fetchall()
        if any(_is(password, each) for (each,) in rows):
            raise _violation("Password has been used before")
    return _HASHER.hash(password)


def verify(connection: Connection, account: str, principal: str, password: str) -> bool:
    """Whether a text is the user's current password."""
    row = connection.execute(
        "SELECT hash FROM login_password WHERE account = %s AND principal = %s ORDER BY set_at DESC LIMIT 1",
        (account, principal),
    ).fetchone()
    held = row[0] if row is not None else _nobodys()  # a missing password takes as long as an existing one
    return _is(password, held) and row is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("")


def _is(password: str, held: str) -> bool:
    try:
        return _HASHER.verify(held, password)
    except VerifyMismatchError:
        return False


def insert_statement(account: str, principal: str, held: str) -> SideStatement:
    """The SQL statement that stores a hash in the transaction of the command that sets the password."""
    return (
        "INSERT INTO login_password (account, principal, hash) VALUES (%s, %s, %s)",
        (account, principal, held),
    )


def delete_statement(account: str, principal: str) -> SideStatement:
    return "DELETE FROM login_password WHERE account = %s AND principal = %s", (account, principal)


class PasswordInstants(msgspec.Struct, frozen=True):
    """The instants at which a password was first and last set."""

    created_at: datetime
    changed_at: datetime


def instants_by_user(connection: Connection, account: str) -> dict[str, PasswordInstants]:
    """Unique id → password instants, for each user of an account with a password."""
    rows = connection.execute(
        "SELECT principal, min(set_at), max(set_at) FROM login_password WHERE account = %s GROUP BY principal",
        (account,),
    ).fetchall()
    return {principal: PasswordInstants(first, last) for principal, first, last in rows}

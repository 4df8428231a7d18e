"""Revokes sessions: one by its access key id, or all current ones of a role or user; and long-term keys.

All sessions of a role or user are revoked in AWS's way: by a policy that denies everything to sessions that were issued
before an instant. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
"""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from erstwhile.api.aws.access.identity import REVOKED
from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.problems import bad_request, not_found
from erstwhile.api.runtime.runtime import Runtime
from erstwhile.domain.commands.attachments import PutInlinePolicy
from erstwhile.domain.commands.credentials import UpdateAccessKey
from erstwhile.domain.commands.settings import PutSetting
from erstwhile.domain.directory import root_keys
from erstwhile.projections.sql import Connection

POLICY = "AWSRevokeOlderSessions"


def revoke(runtime: Runtime, what: str, now: datetime, caller: Provenance) -> str:
    """Revokes and returns a sentence that says what was done. `what`: ASIA…, AKIA…, a role's or user's ARN, role/NAME
    or user/NAME.

    Raises Problem, Refusal.
    """
    if what.startswith("ASIA"):
        with runtime.connection() as connection:
            account, arn = _session(connection, what)
        command = PutSetting(account=account, category=REVOKED, name=what, attributes={"arn": arn})
        runtime.commands.execute(command, caller)
        return f"the session {what} of {arn} counts no more"
    if what.startswith("AKIA"):
        return _deactivated(runtime, what, caller)
    account, kind, name = _named(runtime, what)
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    deny = {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThanEquals": {"aws:TokenIssueTime": stamp}},
    }
    document = orjson.dumps({"Version": "2012-10-17", "Statement": [deny]}).decode()
    runtime.commands.execute(
        PutInlinePolicy(
            account=account, kind=kind, name=name, policy_name=POLICY, document=document, beyond_quota=True
        ),
        caller,
    )
    return f"all sessions of {kind} {name} in {account} that were issued up to {stamp} are denied everything"


def _deactivated(runtime: Runtime, access_key_id: str, caller: Provenance) -> str:
    """Deactivates a long-term key of a user or of a root user."""
    with runtime.connection() as connection:
        row = connection.execute(
            "SELECT account, principal FROM credential_secret WHERE access_key_id = %s", (access_key_id,)
        ).fetchone()
    if row is None:
        raise not_found("unknown_key", f"no access key {access_key_id} was made here")
    account, principal = str(row[0]), str(row[1])
    if principal == "root":
        key = {"Status": root_keys.INACTIVE}
        runtime.commands.execute(
            PutSetting(account=account, category=root_keys.CATEGORY, name=access_key_id, attributes=key), caller
        )
        return f"the key {access_key_id} of the root of {account} is deactivated"
    with runtime.directory() as (directory, _):
        user = directory.get(account, "user", principal)
        name = user.name if user is not None else ""
    runtime.commands.execute(
        UpdateAccessKey(account=account, user=name, access_key_id=access_key_id, status="Inactive"), caller
    )
    return f"the key {access_key_id} of user {name} in {account} is deactivated"


def _session(connection: Connection, access_key_id: str) -> tuple[str, str]:
    row = connection.execute(
        "SELECT account, data->'body'->>'arn' FROM event WHERE type = 'iam.SessionIssued' "
        "AND data->'body'->>'access_key_id' = %s ORDER BY position DESC LIMIT 1",
        (access_key_id,),
    ).fetchone()
    if row is None:
        raise not_found("unknown_session", f"no session {access_key_id} was issued here")
    return str(row[0]), str(row[1])


def _named(runtime: Runtime, what: str) -> tuple[str, str, str]:
    account, path = runtime.names.account, what
    if what.startswith("arn:"):
        parts = what.split(":", 5)
        if len(parts) < 6 or parts[2] != "iam":
            raise bad_request("malformed_arn", f"{what!r} is not the ARN of a role or user")
        account, path = parts[4], parts[5]
    kind, _, rest = path.partition("/")
    name = rest.rsplit("/", 1)[-1]
    if kind not in ("role", "user") or not name:
        raise bad_request("malformed_principal", f"{what!r}: expected ASIA…, AKIA…, role/NAME, user/NAME, or an ARN")
    return account, kind, name

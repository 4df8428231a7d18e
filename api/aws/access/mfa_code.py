"""A caller that gives the code of an MFA device with its call."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from erstwhile.api.aws.access.identity import Identity
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.sessions import guesses, mfa
from erstwhile.api.aws.wire.errors import denied
from erstwhile.api.runtime.following import FollowingRuntime


async def with_code(runtime: FollowingRuntime, vault: Vault, identity: Identity, given: dict[str, Any]) -> Identity:
    """Returns the caller with MFA if SerialNumber is a device of its own and TokenCode an unused code of it.

    Raises AwsError AccessDenied otherwise, and while the caller is locked after wrong codes.
    """
    serial_number = str(given.get("SerialNumber", ""))
    with runtime.directory() as (directory, _):
        user = directory.get(identity.account, "user", identity.user_id)
        owns = user is not None and serial_number in user.mfa_devices

    device = serial_number if owns else ""

    def check() -> guesses.Attempt | None:
        with runtime.connection() as connection:
            attempt = guesses.begin(connection, identity.account, identity.user_id.partition(":")[0], "mfa")
            if attempt.is_checked and mfa.take(
                connection, vault, identity.account, device, given["TokenCode"], time.time()
            ):
                guesses.right(connection, attempt)
                return None
            return attempt

    wrong = await asyncio.to_thread(check)
    if wrong is not None:
        raise denied(
            f"MultiFactorAuthentication failed with invalid MFA one time pass code. {wrong.words}",
            extra_command=wrong.lock,
        )
    return identity.with_mfa()

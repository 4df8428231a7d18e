"""Virtual MFA devices: stores their seeds, sealed, and checks codes, each of which works once.

Source: https://datatracker.ietf.org/doc/html/rfc6238 (six digits, steps of 30 seconds)
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import LiteralString

import msgspec
import pyotp

from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.commanding.provenance import SideStatement
from erstwhile.projections.sql import Connection

STEP = 30
_ENROL = 20
"""Steps by which the clock of a device may differ when it is enrolled or synchronised."""
_USE = 1
"""Steps that a code may be early or late."""


_STORE: LiteralString = """
INSERT INTO mfa_seed (serial_number, account, master_key, sealed) VALUES (%s, %s, %s, %s)
ON CONFLICT (serial_number) DO UPDATE
SET master_key = excluded.master_key, sealed = excluded.sealed, drift = 0, last_step = 0"""


class Seed(msgspec.Struct, frozen=True):
    """A device's seed in base 32, the drift of its clock, and the last used step."""

    account: str
    secret: str
    drift: int
    last_step: int


_DUMMY_SEED = Seed("", "A" * 64, 0, 0)
"""The seed with which codes for missing devices are compared, so that the time reveals nothing."""


def new_seed() -> str:
    """A new seed: 64 characters in base 32, like AWS's."""
    return base64.b32encode(secrets.token_bytes(40)).decode()


def purpose(serial_number: str) -> str:
    """The purpose for which a device's seed is sealed."""
    return f"MFA device {serial_number}"


def insert_statement(vault: Vault, account: str, serial_number: str, seed: str) -> SideStatement:
    """The SQL statement that stores a seed in the transaction of the command that creates the device."""
    key, sealed = vault.seal(seed.encode(), purpose(serial_number))
    return _STORE, (serial_number, account, key, sealed)


def delete_statement(serial_number: str) -> SideStatement:
    return "DELETE FROM mfa_seed WHERE serial_number = %s", (serial_number,)


def update_statement(serial_number: str, drift: int, step: int) -> SideStatement:
    """Stores a device's drift (steps that its clock is ahead) and the last step whose code was used."""
    return "UPDATE mfa_seed SET drift = %s, last_step = %s WHERE serial_number = %s", (drift, step, serial_number)


def read(connection: Connection, vault: Vault, account: str, serial_number: str) -> Seed | None:
    """Raises MasterKeyMissing, SealBroken."""
    row = connection.execute(
        "SELECT account, master_key, sealed, drift, last_step FROM mfa_seed WHERE serial_number = %s AND account = %s",
        (serial_number, account),
    ).fetchone()
    if row is None:
        return None
    return Seed(row[0], vault.open(bytes(row[2]), purpose(serial_number), row[1]).decode(), row[3], row[4])


def _is_code(seed: Seed, step: int, code: str) -> bool:
    expected = pyotp.TOTP(seed.secret).generate_otp(step)
    return hmac.compare_digest(expected.encode(), code.encode())


def enrol(seed: Seed, first: str, second: str, now: float) -> tuple[int, int] | None:
    """(drift, step) of two consecutive codes; None when they are not consecutive. Used codes do not count."""
    today = int(now) // STEP
    found = None
    for offset in sorted(
        range(-_ENROL, _ENROL + 1), key=abs
    ):  # compare with all steps, so that the time reveals nothing
        step = today + offset
        fits = _is_code(seed, step, first) & _is_code(seed, step + 1, second)
        if fits and step > seed.last_step and found is None:
            found = offset + 1, step + 1  # the second code is the current one
    return found


def take(connection: Connection, vault: Vault, account: str, serial_number: str, code: str, now: float) -> bool:
    """Whether the code is the device's current one and unused; marks it as used. A missing device takes as long as an
    existing one."""
    seed = read(connection, vault, account, serial_number)
    held = seed if seed is not None else _DUMMY_SEED
    today = int(now) // STEP + held.drift
    steps = [step for step in range(today - _USE, today + _USE + 1) if _is_code(held, step, code)]
    fresh = [step for step in steps if step > held.last_step]
    if seed is None or not fresh:
        return False
    taken = connection.execute(
        "UPDATE mfa_seed SET last_step = %s WHERE serial_number = %s AND last_step < %s RETURNING last_step",
        (fresh[0], serial_number, fresh[0]),
    ).fetchone()
    return taken is not None

"""MFA codes and passwords cannot be guessed: wrong ones lock, whoever was locked is told, and the trail keeps it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from erstwhile.api.aws.sessions import guesses
from erstwhile.projections.trail import Filters, audit_page
from tests.support.aws.clients import Phone, fails, own
from tests.support.aws.server import AwsServer
from tests.support.documents import allow


def wrong(phone: Phone) -> str:
    """A code that is none of this hour's."""
    clock, step = phone._clock, int(time.time()) // 30
    taken = {clock.generate_otp(step + offset) for offset in range(-60, 60)}
    return next(f"{number:06}" for number in range(1_000_000) if f"{number:06}" not in taken)


def unlocked(aws: AwsServer) -> None:
    """The lock's time goes by."""
    with aws.database.connect() as connection:
        connection.execute("UPDATE guess SET locked_until = now() - interval '1 second' WHERE locked_until IS NOT NULL")


def test_wrong_codes_lock_the_principal(aws: AwsServer) -> None:
    iam = aws.client("iam")
    for name in ("ada", "bob"):
        iam.create_user(UserName=name)
    phone, other = Phone(aws, "ada"), Phone(aws, "bob")
    sts = own(aws, "ada", "sts")
    asked: dict[str, Any] = {"SerialNumber": phone.serial}
    right = phone.code()
    for _ in range(guesses.FREE - 1):
        fails("AccessDenied", "invalid MFA one time pass code", sts.get_session_token, **asked, TokenCode=wrong(phone))
    fails("AccessDenied", "Too many were wrong", sts.get_session_token, **asked, TokenCode=wrong(phone))
    fails("AccessDenied", "Too many were wrong", sts.get_session_token, **right)  # though right
    own(aws, "bob", "sts").get_session_token(**other.code())  # nobody else
    unlocked(aws)
    sts.get_session_token(**right)
    fails("AccessDenied", "pass code. ", sts.get_session_token, **asked, TokenCode=wrong(phone))  # all are free again
    with aws.database.connect() as connection:
        rows = connection.execute("SELECT data->'body' FROM event WHERE type = 'iam.CredentialLocked'").fetchall()
        entries = audit_page(connection, Filters(action="sts:GetSessionToken"), 100, "").entries
    assert [(row[0]["credential"], row[0]["failures"]) for row in rows] == [("mfa", guesses.FREE)]
    assert "iam.CredentialLocked" in [each["event"] for each in entries]


def test_a_hundred_guesses_at_once_are_no_more_than_one_after_another(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    phone = Phone(aws, "ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    code = wrong(phone)

    def guess(_: int) -> str:
        sts = aws.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
        with pytest.raises(ClientError) as caught:
            sts.get_session_token(SerialNumber=phone.serial, TokenCode=code)
        return str(caught.value.response["Error"]["Message"])

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(guess, range(40)))
    assert sum("Too many" not in each for each in told) == guesses.FREE - 1
    with aws.database.connect() as connection:
        [(failures,)] = connection.execute("SELECT failures FROM guess").fetchall()
    assert failures == guesses.FREE


def test_locks_grow(aws: AwsServer) -> None:
    with aws.database.connect() as connection:
        found = []
        for _ in range(guesses.FREE + 9):
            attempt = guesses.begin(connection, "111122223333", "AIDA1", "mfa")
            assert attempt.is_checked
            connection.execute("UPDATE guess SET locked_until = NULL")
            if attempt.until is not None:
                [(now,)] = connection.execute("SELECT last_at FROM guess").fetchall()
                found.append((attempt.until - now).total_seconds())
        assert found == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
        connection.execute("UPDATE guess SET last_at = now() - interval '25 hours'")
        assert guesses.begin(connection, "111122223333", "AIDA1", "mfa").until is None


def test_wrong_passwords_and_codes_of_enrolment_lock_too(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.create_login_profile(UserName="ada", Password="correct-Horse-7")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("iam:ChangePassword"))
    mine = own(aws, "ada", "iam")
    for number in range(guesses.FREE):
        words = "Too many" if number == guesses.FREE - 1 else "incorrect"
        fails("AccessDenied", words, mine.change_password, OldPassword="wrong", NewPassword="another-Horse-8")
    change: dict[str, Any] = {"OldPassword": "correct-Horse-7", "NewPassword": "another-Horse-8"}
    fails("AccessDenied", "Too many", mine.change_password, **change)
    unlocked(aws)
    mine.change_password(**change)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]
    asked = {"UserName": "ada", "SerialNumber": device["SerialNumber"]}
    for number in range(guesses.FREE):
        words = "Too many" if number == guesses.FREE - 1 else "not valid"
        codes = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000000"}
        fails("InvalidAuthenticationCode", words, iam.enable_mfa_device, **asked, **codes)

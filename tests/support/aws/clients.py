"""AWS's clients as the tests use them: with a user's own key, with a session, without credentials, without checks."""

from __future__ import annotations

import time
from typing import Any

import botocore
import pyotp
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.aws.server import ROOT, AwsServer

PASSWORD = "correct-Horse-7"


def fails(code: str, containing: str, call: Any, **given: Any) -> None:
    """The call is refused with this code, and a message that contains these words."""
    with pytest.raises(ClientError) as caught:
        call(**given)
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert containing in error["Message"], error


def boto_without_checks(aws: AwsServer) -> Any:
    """boto3 that sends what it is given, right or wrong."""
    return aws.client_of(
        "iam", aws_access_key_id=ROOT[0], aws_secret_access_key=ROOT[1],
        config=Config(parameter_validation=False, retries={"max_attempts": 1}),
    )  # fmt: skip


def own(aws: AwsServer, name: str, service: str = "iam") -> Any:
    """boto3 with a key of the user's own."""
    key = aws.client("iam").create_access_key(UserName=name)["AccessKey"]
    return aws.client(service, key["AccessKeyId"], key["SecretAccessKey"])


def anonymous(aws: AwsServer) -> Any:
    """STS without credentials, as a federated application calls it."""
    config = Config(signature_version=botocore.UNSIGNED, retries={"max_attempts": 1})
    return aws.client_of("sts", config=config)


def session(aws: AwsServer, service: str, given: dict[str, Any]) -> Any:
    """boto3 with a session's credentials, as STS issued them."""
    return aws.client(service, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


class Phone:
    """A virtual MFA device of a user, enabled; each code of it is one that was not used."""

    def __init__(self, aws: AwsServer, user: str) -> None:
        iam = aws.client("iam")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
        self.serial = device["SerialNumber"]
        self._clock = pyotp.TOTP(device["Base32StringSeed"].decode())
        self._step = int(time.time()) // 30 - 2
        iam.enable_mfa_device(
            UserName=user, SerialNumber=self.serial, AuthenticationCode1=self._next(), AuthenticationCode2=self._next()
        )

    def _next(self) -> str:
        self._step += 1
        return self._clock.generate_otp(self._step)

    def code(self) -> dict[str, str]:
        return {"SerialNumber": self.serial, "TokenCode": self._next()}

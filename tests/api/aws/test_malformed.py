"""Requests of every wrong kind get AWS's errors, and never a 500."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.aws.identity_providers import pem, self_signed, text_of
from tests.support.aws.server import ROOT, AwsServer

FORM = "application/x-www-form-urlencoded"


def send(aws: AwsServer, body: bytes, kind: str = FORM, method: str = "POST", sign: bool = True) -> tuple[int, str]:
    """(status, error code) of a signed request with these very bytes."""
    request = AWSRequest(method, f"{aws.url}/", data=body, headers={"Content-Type": kind})
    if sign:
        SigV4Auth(Credentials(*ROOT), "iam", "us-east-1").add_auth(request)
    prepared = urllib.request.Request(f"{aws.url}/", data=body, headers=dict(request.headers.items()), method=method)
    try:
        with urllib.request.urlopen(prepared, timeout=20) as response:
            return response.status, ""
    except urllib.error.HTTPError as error:
        with error:
            answer, status, request_id = error.read(), error.code, error.headers["x-amzn-RequestId"]
    code = ElementTree.fromstring(answer).find(".//{*}Code")
    assert code is not None and request_id
    return status, str(code.text)


def test_each_kind(aws: AwsServer) -> None:
    version = b"&Version=2010-05-08"
    for body, kind, expected in (
        (b"", FORM, "MissingAction"),
        (b"Action=", FORM, "MissingAction"),
        (b"Action=Fly", FORM, "InvalidAction"),
        (b"Action=ListUsers&Version=2009-01-01", FORM, "NoSuchVersion"),
        (b"Action=AssumeRole" + version, FORM, "InvalidAction"),
        (b"Action=ListUsers" + version + b"&Action=ListRoles", FORM, "MalformedInput"),
        (b"Action=ListUsers" + version, "application/json", "MalformedInput"),
        (b"\xff\xfe", FORM, "MalformedInput"),
        (b"Action=ListUsers&MaxItems=many" + version, FORM, "MalformedInput"),
        (b"Action=ListUsers&MaxItems=0" + version, FORM, "ValidationError"),
        (b"Action=CreateUser" + version, FORM, "ValidationError"),
        (b"Action=CreateUser&UserName=%00" + version, FORM, "ValidationError"),
        (b"Action=TagUser&UserName=a&Tags.member.1.Key=" + b"k" * 129 + version, FORM, "ValidationError"),
        (b"Action=ListDelegationRequests" + version, FORM, "NotImplemented"),
        (b"Action=CreateUser&UserName=x&" + b"&".join(b"a%d=1" % n for n in range(3_000)), FORM, "MalformedInput"),
        (b"Action=ListUsers&x=" + b"x" * 2_000_000, FORM, "RequestEntityTooLarge"),
    ):  # fmt: skip
        status, code = send(aws, body, kind)
        assert code == expected and status < 502 and status != 500, (body[:60], status, code)
    assert send(aws, b"Action=ListUsers" + version, sign=False) == (403, "MissingAuthenticationToken")
    assert send(aws, b"Action=ListUsers" + version) == (200, "")


NAMES = st.sampled_from(["Action", "Version", "UserName", "Path", "Tags.member.1.Key", "Tags.member.x",
                         "Tags.member.99999999.Key",
                         "Tags.member.1.Value", "MaxItems", "Marker", "PolicyDocument", "PolicyName",
                         "PermissionsBoundary"])  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(["CreateUser", "ListUsers", "PutUserPolicy", "TagUser", "2010-05-08", "a", "{}", "[[[["]),
    st.text(max_size=20),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.binary(max_size=10))
def test_random_parameters_are_never_our_failure(aws: AwsServer, pairs: list[tuple[str, str]], tail: bytes) -> None:
    from urllib.parse import urlencode

    body = urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs]).encode() + tail
    status, _ = send(aws, body)
    assert status < 500


def test_secrets_appear_nowhere(aws: AwsServer, caplog: Any, capfd: Any) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    mine = aws.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    session = mine.get_session_token()["Credentials"]
    aws.client("sts", session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]).get_caller_identity()
    send(aws, b"Action=GetUser&UserName=none&Version=2010-05-08")
    iam.create_login_profile(UserName="ada", Password="correct-Horse-7")
    send(aws, b"Action=UpdateLoginProfile&UserName=none&Password=wrong-Horse-8&Version=2010-05-08")
    send(aws, b"Action=UpdateLoginProfile&UserName=ada&Password=long-Horse" + b"9" * 130 + b"&Version=2010-05-08")
    seed = iam.create_virtual_mfa_device(VirtualMFADeviceName="ada")["VirtualMFADevice"]["Base32StringSeed"].decode()
    service = iam.create_service_specific_credential(UserName="ada", ServiceName="codecommit.amazonaws.com")
    iam.enable_outbound_web_identity_federation()
    tls = ec.generate_private_key(ec.SECP256R1())
    iam.upload_server_certificate(
        ServerCertificateName="web", CertificateBody=text_of(self_signed(tls)), PrivateKey=pem(tls)
    )
    private = pem(tls).splitlines()[1]
    secrets = [
        "correct-Horse-7",
        "wrong-Horse-8",
        "long-Horse",
        seed,
        service["ServiceSpecificCredential"]["ServicePassword"],
        private,
        "BEGIN PRIVATE",
        ROOT[1],
        key["SecretAccessKey"],
        session["SecretAccessKey"],
        session["SessionToken"],
    ]
    with aws.database.owner() as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE "
            "TABLE'"
        ).fetchall()
        dump = "\n".join(
            str(row) for (name,) in tables for row in connection.execute(f'SELECT t::text FROM "{name}" t').fetchall()
        )
    written = dump + caplog.text + "".join(capfd.readouterr())
    assert key["AccessKeyId"] in dump
    for secret in secrets:
        assert secret not in written
        assert secret.encode().hex() not in written


def test_credentials_that_are_no_text_are_nobodys(aws: AwsServer) -> None:
    now = datetime.now(UTC)
    host, port = aws.url.removeprefix("http://").split(":")
    for key_id, signature in ((b"\xff\xfe", b"0" * 64), (b"root-key", b"\xff"), ("ä".encode(), "ü".encode())):
        head = (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n"
            b"X-Amz-Date: %s\r\nAuthorization: AWS4-HMAC-SHA256 Credential=%s/%s/us-east-1/iam/aws4_request, "
            b"SignedHeaders=host, Signature=%s\r\nConnection: close\r\n\r\n"
            % (f"{now:%Y%m%dT%H%M%SZ}".encode(), key_id, f"{now:%Y%m%d}".encode(), signature)
        )
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall(head + b"Action=GetUser")
            with connection.makefile("rb") as file:
                answer = file.read()
        assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400")), answer[:500]

"""Every operation with requests at random, by botocore's shapes: answered in AWS's form, and never a failure here.

ERSTWHILE_FUZZ_EXAMPLES: how many requests; a thousand in a run of all tests.
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from erstwhile.api.aws.operations import OPERATIONS
from erstwhile.api.aws.wire.model import VERSIONS
from tests.support.aws.server import ROOT, AwsServer
from tests.support.aws.shapes import TRUST, Pairs, odd, parameters
from tests.support.documents import ALLOW

EXAMPLES = int(os.environ.get("ERSTWHILE_FUZZ_EXAMPLES", "1000"))
_MODELS = {service: botocore.session.get_session().get_service_model(service) for service in VERSIONS.values()}
_INPUTS = [
    (service, version, name, model.operation_model(name).input_shape)
    for version, service in VERSIONS.items()
    for model in (_MODELS[service],)
    for name in model.operation_names
    if name in OPERATIONS
]


class Caller:
    """One connection, kept from call to call."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = url
        assert parts.hostname is not None and parts.port is not None
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)

    def call(self, service: str, pairs: Pairs, **headers: str) -> tuple[int, bytes]:
        """A signed request with these parameters."""
        body = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs]).encode()
        request = AWSRequest(
            "POST", f"{self._url}/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        SigV4Auth(Credentials(*ROOT), service, "us-east-1").add_auth(request)
        self._connection.request("POST", "/", body, dict(request.headers.items()) | headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def caller(aws: AwsServer) -> Iterator[Caller]:
    """An account that has one of most things, so that requests find what they name."""
    iam = aws.client("iam")
    for name in ("n0", "n1"):
        iam.create_user(UserName=name)
        iam.create_group(GroupName=name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam.create_policy(PolicyName="p0", PolicyDocument=ALLOW)
    iam.attach_user_policy(UserName="n0", PolicyArn="arn:aws:iam::123456789012:policy/p0")
    iam.put_user_policy(UserName="n0", PolicyName="n0", PolicyDocument=ALLOW)
    iam.create_instance_profile(InstanceProfileName="n0")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="n0")
    caller = Caller(aws.url)
    yield caller
    caller.close()


def require_answer(status: int, body: bytes) -> str:
    """The error's code, or OK: an answer in AWS's form that no failure here caused."""
    assert status < 500 or status == 501, body
    root = ElementTree.fromstring(body)
    assert root.find(".//{*}RequestId") is not None, body
    if status == 200:
        return "OK"
    code = root.find(".//{*}Code")
    assert code is not None and code.text, body
    return code.text


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.too_slow],
)  # fmt: skip
@given(st.data())
def test_requests_at_random_are_answered(caller: Caller, data: st.DataObject) -> None:
    service, version, name, shape = data.draw(st.sampled_from(_INPUTS))
    pairs = [("Action", name), ("Version", version), *data.draw(parameters(shape))]
    status, body = caller.call(service, pairs)
    event(require_answer(status, body))


@settings(
    max_examples=max(50, EXAMPLES // 10), deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.data())
def test_what_stands_around_a_request_is_never_a_failure_here(caller: Caller, data: st.DataObject) -> None:
    """Names of operations and headers at random, the signature's included."""
    header = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60)
    names = st.sampled_from([
        "User-Agent", "X-Amz-Date", "X-Amz-Security-Token", "Authorization", "Content-Type", "X-Amz-Target", "Accept",
        "X-Amz-Content-SHA256", "X-Forwarded-For", "Forwarded", "Origin", "Date", "Content-Encoding", "X-Request-ID",
    ])  # fmt: skip
    action = data.draw(st.one_of(st.sampled_from(["ListUsers", "GetUser", "GetCallerIdentity"]), odd))
    service = "sts" if action == "GetCallerIdentity" else "iam"
    given_headers: dict[str, Any] = data.draw(st.dictionaries(names, header, max_size=3))
    status, body = caller.call(service, [("Action", action), ("UserName", "n0")], **given_headers)
    assert status < 500 or status == 501, body

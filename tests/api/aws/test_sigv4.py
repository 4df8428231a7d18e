"""Signature Version 4: the published vectors, and that no byte can be changed."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from erstwhile.api.aws.wire import sigv4
from erstwhile.api.aws.wire.errors import AwsError

NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
FORM = "application/x-www-form-urlencoded"

# (method, path, query, further headers in the order of SignedHeaders, body, signature): AWS's test suite.
VECTORS: list[tuple[str, str, str, str, list[tuple[str, str]], bytes, str]] = [
    ("get-vanilla", "GET", "/", "", [], b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-vanilla-query", "GET", "/", "", [], b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", [], b"",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ("get-vanilla-empty-query-key", "GET", "/", "Param1=value1", [], b"",
     "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
    ("get-utf8", "GET", "/%E1%88%B4", "", [], b"", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    ("get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", [], b"",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    ("get-relative", "GET", "/example/..", "", [], b"",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-slash", "GET", "//", "", [], b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-header-value-trim", "GET", "/", "", [("my-header1", " value1"), ("my-header2", ' "a   b   c"')], b"",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    ("post-vanilla", "POST", "/", "", [], b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("post-header-key-sort", "POST", "/", "", [("my-header1", "value1")], b"",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
    ("post-x-www-form-urlencoded", "POST", "/", "", [("content-type", FORM)], b"Param1=value1",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
]  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=[vector[0] for vector in VECTORS])
def test_published_vectors(vector: tuple[str, str, str, str, list[tuple[str, str]], bytes, str]) -> None:
    _, method, path, query, more, body, signature = vector
    headers = CIMultiDict([("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"), *more])
    signed_headers = ";".join(sorted(name.lower() for name in headers))
    headers["Authorization"] = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={signed_headers}, Signature={signature}"
    )
    pairs = parse_qsl(query, keep_blank_values=True)
    signed = sigv4.read(method, path, pairs, headers, body, ("service",), NOW)
    sigv4.verify(signed, SECRET)
    with pytest.raises(AwsError, match="does not match"):
        sigv4.verify(signed, SECRET[:-1])


def by_botocore(body: bytes) -> AWSRequest:
    request = AWSRequest("POST", "http://127.0.0.1:8080/?a=b%20c", data=body, headers={"Content-Type": FORM})
    SigV4Auth(Credentials("AKIA1", SECRET), "iam", "us-east-1").add_auth(request)
    return request


def read(method: str, body: bytes, headers: CIMultiDict[str], query: str) -> None:
    pairs = parse_qsl(query, keep_blank_values=True)
    sigv4.verify(sigv4.read(method, "/", pairs, headers, body, ("iam",), datetime.now(UTC)), SECRET)


def parts(request: AWSRequest) -> tuple[CIMultiDict[str], str]:
    headers = CIMultiDict(dict(request.headers.items()))
    headers["Host"] = "127.0.0.1:8080"
    return headers, request.url.partition("?")[2]


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_hmac_is_hmac(key: bytes, message: bytes) -> None:
    assert sigv4.Hmac(key).of(message) == hmac.digest(key, message, "sha256")


def test_botocores_own_signatures() -> None:
    body = b"Action=ListUsers&Version=2010-05-08"
    headers, query = parts(by_botocore(body))
    read("POST", body, headers, query)
    request = AWSRequest("GET", "http://127.0.0.1:8080/?Action=ListUsers&Version=2010-05-08")
    SigV4QueryAuth(Credentials("AKIA1", SECRET), "iam", "us-east-1", 60).add_auth(request)
    headers, query = parts(request)
    read("GET", b"", headers, query)
    with pytest.raises(AwsError, match="does not match"):
        read("GET", b"", headers, query.replace("ListUsers", "ListRoles"))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_tampered_byte_is_refused(data: st.DataObject) -> None:
    body = b"Action=CreateUser&UserName=ada&Version=2010-05-08"
    request = by_botocore(body)
    headers, query = parts(request)
    what = data.draw(st.sampled_from(["body", "query", "date", "content-type", "signature", "host", "key"]))
    if what == "body":
        place, letter = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(1, 255))
        body = body[:place] + bytes([body[place] ^ letter]) + body[place + 1 :]
    elif what == "query":
        query += data.draw(st.sampled_from(["&x=1", "1", "&a=b"]))
    elif what == "date":
        shifted = datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ") + timedelta(
            seconds=data.draw(st.integers(1, 200))
        )
        headers["X-Amz-Date"] = shifted.strftime("%Y%m%dT%H%M%SZ")
    elif what in ("content-type", "host"):
        headers[what] += data.draw(st.text("abc;", min_size=1, max_size=3))
    else:
        old = headers["Authorization"]
        at = (
            old.index("Signature=") + 10 + data.draw(st.integers(0, 63))
            if what == "signature"
            else old.index("AKIA1") + 4
        )
        headers["Authorization"] = old[:at] + ("0" if old[at] != "0" else "1") + old[at + 1 :]
    if what == "key":
        # Another key's secret is looked up: the test has only one, so what was read is compared.
        signed = sigv4.read("POST", "/", parse_qsl(query), headers, body, ("iam",), datetime.now(UTC))
        assert signed.access_key_id != "AKIA1"
        return
    with pytest.raises(AwsError) as caught:
        read("POST", body, headers, query)
    assert caught.value.status in (400, 403)


def header(
    credential: str = "A/20150830/us-east-1/iam/aws4_request", signed: str = "host", signature: str = "0" * 64
) -> str:
    return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}"


@pytest.mark.parametrize(
    ("headers", "query", "code"),
    [
        ({}, "", "MissingAuthenticationToken"),
        ({"Authorization": "Bearer x"}, "", "IncompleteSignature"),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, "", "IncompleteSignature"),
        ({"Authorization": header("A/20150830/iam")}, "", "IncompleteSignature"),
        ({"Authorization": header("A/20150830/us-east-1/iam/aws3_request")}, "", "SignatureDoesNotMatch"),
        ({"Authorization": header("A/20150830/us-east-1/s3/aws4_request")}, "", "SignatureDoesNotMatch"),
        ({"Authorization": header("A/20150829/us-east-1/iam/aws4_request")}, "", "SignatureDoesNotMatch"),
        ({"Authorization": header(signed="x-amz-date")}, "", "SignatureDoesNotMatch"),
        ({"Authorization": header(), "X-Amz-Date": "yesterday"}, "", "IncompleteSignature"),
        ({"Authorization": header(), "X-Amz-Date": "20150830T123059Z"}, "", "SignatureDoesNotMatch"),
        ({"Authorization": header(), "X-Amz-Date": "20150830T124101Z"}, "", "SignatureDoesNotMatch"),
        ({"Authorization": header(), "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, "", "SignatureDoesNotMatch"),
        ({"Authorization": header(), "X-Amz-Content-SHA256": "0" * 64}, "", "SignatureDoesNotMatch"),
        ({}, "X-Amz-Signature=0&X-Amz-Algorithm=AWS4-HMAC-SHA1", "IncompleteSignature"),
        ({}, "X-Amz-Signature=0&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=0", "IncompleteSignature"),
        ({}, ("X-Amz-Signature=0&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-SignedHeaders=host&"
             "X-Amz-Date=20150830T123400Z&X-Amz-Credential=A/20150830/us-east-1/iam/aws4_request"), "RequestExpired"),
    ],
)  # fmt: skip
def test_what_is_refused_with_which_code(headers: dict[str, str], query: str, code: str) -> None:
    given = CIMultiDict({"Host": "h", "X-Amz-Date": "20150830T123600Z"} | headers)
    if "Authorization" not in headers:
        given.pop("X-Amz-Date")
    with pytest.raises(AwsError) as caught:
        sigv4.verify(sigv4.read("POST", "/", parse_qsl(query), given, b"", ("iam",), NOW), SECRET)
    assert caught.value.code == code


@pytest.mark.parametrize("signature", ["é", "\udcff", "0" * 63 + "ü"])
@pytest.mark.parametrize("region", ["us-east-1", "r\udcff"])
def test_bytes_that_are_not_ascii_are_a_wrong_signature(signature: str, region: str) -> None:
    now = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
    headers = {
        "Host": "h\udcfe", "X-Amz-Date": "20260303T140000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=key/20260303/{region}/iam/aws4_request, SignedHeaders=host, "
        f"Signature={signature}",
    }  # fmt: skip
    signed = sigv4.read("POST", "/", [], CIMultiDict(headers), b"", ("iam",), now)
    with pytest.raises(AwsError, match="signature we calculated"):
        sigv4.verify(signed, "secret")

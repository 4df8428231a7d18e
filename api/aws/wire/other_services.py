"""Refuses calls of other AWS services, in their client's protocol, with a message that says what this server is.

AWS_ENDPOINT_URL makes a client send the calls for all services here. It shows its user only an error in its own
protocol. AWS's clients do not retry HTTP 501 and do not take it for a missing resource.

Source: https://smithy.io/2.0/aws/protocols/ (awsJson1_1, restJson1, restXml, awsQuery, ec2Query), rpcv2Cbor, and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
import struct
from urllib.parse import unquote
from xml.sax.saxutils import escape

import orjson
from aiohttp import web

OURS = frozenset(("iam", "sts"))
_S3 = frozenset(("s3", "s3express", "s3-object-lambda", "s3-outposts"))
_REST_XML = frozenset(("cloudfront", "route53"))
_SCOPE = re.compile(r"Credential=([^,\s]+)")
FORM = "application/x-www-form-urlencoded"
UNKNOWN = "another service"


def asked(request: web.Request) -> str | None:
    """The service of a call in one of AWS's protocols, from the scope of its signature; None for other requests."""
    authorization = request.headers.get("Authorization", "")
    if authorization.startswith("AWS4-"):
        return _service(_SCOPE.search(authorization))
    if authorization.startswith("AWS "):
        return "s3"  # Signature Version 2
    if authorization:
        return None
    query = request.query
    if "X-Amz-Credential" in query:
        return _service(re.fullmatch("(.*)", query["X-Amz-Credential"], re.DOTALL))
    if "AWSAccessKeyId" in query:
        return "s3"
    if "X-Amz-Target" in request.headers or "smithy-protocol" in request.headers:
        return UNKNOWN
    if "amz-sdk-invocation-id" in request.headers and request.path != "/":
        return UNKNOWN if "json" in request.content_type else "s3"
    return None


def _service(found: re.Match[str] | None) -> str:
    parts = unquote(found.group(1)).split("/") if found is not None else []
    name = parts[-2] if len(parts) >= 4 else ""
    return name if re.fullmatch(r"[a-z0-9-]{1,40}", name) else UNKNOWN


def refused(request: web.Request, service: str, request_id: str) -> web.Response:
    """The error response, in the protocol of the call."""
    about = "calls of IAM and STS are POST /" if service in OURS else f"not {service}"
    words = (
        f"This endpoint is Erstwhile, an IAM and STS of your own: it does not serve this call ({about}). Set "
        "AWS_ENDPOINT_URL_IAM and AWS_ENDPOINT_URL_STS to it, and not AWS_ENDPOINT_URL."
    )
    headers = {"x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    kind = request.content_type if "Content-Type" in request.headers else ""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        body = b"\xa2" + _cbor("__type") + _cbor("UnknownOperationException") + _cbor("message") + _cbor(words)
        return _answer(400, body, "application/cbor", headers | {"smithy-protocol": "rpc-v2-cbor"})
    if "X-Amz-Target" in request.headers:
        error = {"__type": "UnknownOperationException", "message": words, "Message": words}
        content_type = kind if kind.startswith("application/x-amz-json") else "application/x-amz-json-1.1"
        return _answer(400, orjson.dumps(error), content_type, headers)
    if service == "ec2":
        return _answer(400, _ec2(words, request_id), "text/xml", headers)
    if kind == FORM or "Action" in request.query:
        return _answer(400, _query("InvalidAction", words, request_id), "text/xml", headers)
    if service in _S3 and "x-amz-account-id" not in request.headers:
        return _answer(501, _s3(request.path, words, request_id), "application/xml", headers)
    if service in _S3 or service in _REST_XML:
        return _answer(501, _query("NotImplemented", words, request_id), "text/xml", headers)
    error = {"__type": "NotImplemented", "message": words, "Message": words}
    return _answer(501, orjson.dumps(error), "application/json", headers | {"x-amzn-ErrorType": "NotImplemented"})


def _answer(status: int, body: bytes, content_type: str, headers: dict[str, str]) -> web.Response:
    return web.Response(status=status, body=body, headers={**headers, "Content-Type": content_type})


def _query(code: str, words: str, request_id: str) -> bytes:
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(words)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def _ec2(words: str, request_id: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>InvalidAction</Code><Message>{escape(words)}</Message></Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>"
    ).encode()


def _s3(path: str, words: str, request_id: str) -> bytes:
    resource = escape(re.sub("[^\x20-\x7e]", "?", path[:1_000]))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>NotImplemented</Code><Message>{escape(words)}</Message><Resource>{resource}</Resource>"
        f"<RequestId>{request_id}</RequestId></Error>"
    ).encode()


def _cbor(text: str) -> bytes:
    """A text string (RFC 8949, major type 3)."""
    raw = text.encode()
    return (bytes((0x60 | len(raw),)) if len(raw) < 24 else b"\x79" + struct.pack(">H", len(raw))) + raw

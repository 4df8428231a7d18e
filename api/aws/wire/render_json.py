"""Writes results and errors of the Query protocol as JSON, for callers with `Accept: application/json`.

AWS's form: `{"GetUserResponse": {"GetUserResult": {…}, "ResponseMetadata": {"RequestId": "…"}}}`, instants as
seconds since 1970.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import orjson

from erstwhile.api.aws.wire.render import DOCUMENTS
from erstwhile.api.aws.wire.render import render_error as render_xml_error

CONTENT_TYPE = "application/json"


def is_wanted(accept: str) -> bool:
    """Whether the Accept header of a request asks for JSON."""
    return CONTENT_TYPE in accept.lower()


def render(operation: Any, result: dict[str, Any], request_id: str) -> bytes:
    """`{"CreateUserResponse": …}`"""
    found: dict[str, Any] = {}
    shape = operation.output_shape
    if shape is not None:
        found[shape.serialization.get("resultWrapper", f"{operation.name}Result")] = _value(shape, result)
    found["ResponseMetadata"] = {"RequestId": request_id}
    return orjson.dumps({f"{operation.name}Response": found})


def render_error(code: str, message: str, status: int, request_id: str, detail: str = "") -> bytes:
    """`detail`: the cause in this project's words, appended to AWS's message."""
    kind = "Sender" if status < 500 else "Receiver"
    error = {"Code": code, "Message": message, "Type": kind} | ({"Detail": detail} if detail else {})
    return orjson.dumps({"Error": error, "RequestId": request_id})


def _value(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {
                str(member.serialization.get("name", name)): _value(member, value[name])
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list":
            return [_value(shape.member, each) for each in value]
        case "map":
            return {str(key): _value(shape.value, each) for key, each in value.items()}
        case "timestamp":
            return float(int(value.timestamp()))
        case "blob":
            return base64.b64encode(value).decode()
        case "string":
            return quote(str(value), safe="") if shape.name in DOCUMENTS else str(value)
        case _:
            return value


def failure(
    in_json: bool, protocol: str, code: str, message: str, status: int, request_id: str, detail: str = ""
) -> bytes:
    """An error in the requested form, XML or JSON; `protocol`: the service, if known."""
    if in_json:
        return render_error(code, message, status, request_id, detail)
    return render_xml_error(protocol or "iam", code, message, status, request_id, detail)

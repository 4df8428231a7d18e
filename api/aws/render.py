"""Results and errors as the XML of the Query protocol, from the operation's output shape."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from api.aws.model import namespace

_DOCUMENTS = ("policyDocumentType",)
"""Shapes whose text AWS gives URL-encoded (RFC 3986)."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(service: str, operation: Any, result: dict[str, Any], request_id: str) -> bytes:
    """`<CreateUserResponse>…`"""
    name = operation.name
    shape = operation.output_shape
    body = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
        body = f"<{wrapper}>{_members(shape, result)}</{wrapper}>"
    return (
        f'<{name}Response xmlns="{namespace(service)}">{body}'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"
    ).encode()


def render_error(service: str, code: str, message: str, status: int, request_id: str) -> bytes:
    kind = "Sender" if status < 500 else "Receiver"
    return (
        f'<ErrorResponse xmlns="{namespace(service)}"><Error><Type>{kind}</Type><Code>{_text(code)}</Code>'
        f"<Message>{_text(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def _members(shape: Any, value: dict[str, Any]) -> str:
    unknown = set(value) - set(shape.members)
    assert not unknown, f"{shape.name} has no {unknown}"
    parts = []
    for name, member in shape.members.items():
        if value.get(name) is not None:
            tag = member.serialization.get("name", name)
            parts.append(f"<{tag}>{_value(member, value[name])}</{tag}>")
    return "".join(parts)


def _value(shape: Any, value: Any) -> str:
    kind = shape.type_name
    if kind == "structure":
        return _members(shape, value)
    if kind == "list":
        return "".join(f"<member>{_value(shape.member, each)}</member>" for each in value)
    if kind == "map":
        return "".join(
            f"<entry><key>{_text(str(key))}</key><value>{_value(shape.value, each)}</value></entry>"
            for key, each in value.items()
        )
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return stamp(value)
    if kind == "blob":
        return base64.b64encode(value).decode()
    if shape.name in _DOCUMENTS:
        return quote(str(value), safe="")
    return _text(str(value))


def stamp(at: datetime) -> str:
    """An instant as AWS writes it: whole seconds, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))

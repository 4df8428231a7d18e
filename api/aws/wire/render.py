# mypyc: compiled
"""Writes results and errors as XML of the Query protocol, by the operation's output shape.

The function that writes a shape's values is built when the shape is first used.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from erstwhile.api.aws.wire.model import namespace

Write = Callable[[Any], str]

DOCUMENTS = ("policyDocumentType",)
"""Shapes whose text AWS gives URL-encoded (RFC 3986)."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile(r"[^\W_][\w/:.+=,@-]*", re.ASCII)
"""Text that needs no escaping in XML: names, ids and ARNs."""


def render(service: str, operation: Any, result: dict[str, Any], request_id: str) -> bytes:
    """`<CreateUserResponse>…`"""
    begin, write, end = _frame(service, operation)
    return f"{begin}{write(result)}{end[0]}{request_id}{end[1]}".encode()


@cache
def _frame(service: str, operation: Any) -> tuple[str, Write, tuple[str, str]]:
    """The parts of a response around the result and the request id."""
    name, shape = operation.name, operation.output_shape
    begin = f'<{name}Response xmlns="{namespace(service)}">'
    end = ("<ResponseMetadata><RequestId>", f"</RequestId></ResponseMetadata></{name}Response>")
    if shape is None:
        return begin, lambda _result: "", end
    wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
    return f"{begin}<{wrapper}>", _structure(shape), (f"</{wrapper}>{end[0]}", end[1])


def render_error(service: str, code: str, message: str, status: int, request_id: str, detail: str = "") -> bytes:
    """`detail`: the cause in this project's words, in a separate element because clients match AWS's message."""
    kind = "Sender" if status < 500 else "Receiver"
    own = f"<Detail>{_text(detail)}</Detail>" if detail else ""
    return (
        f'<ErrorResponse xmlns="{namespace(service)}"><Error><Type>{kind}</Type><Code>{_text(code)}</Code>'
        f"<Message>{_text(message)}</Message>{own}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


@cache
def _writer(shape: Any) -> Write:
    match shape.type_name:
        case "structure":
            return _structure(shape)
        case "list":
            return _list(shape)
        case "map":
            return _map(shape)
        case "boolean":
            return lambda value: "true" if value else "false"
        case "timestamp":
            return stamp
        case "blob":
            return lambda value: base64.b64encode(value).decode()
        case _ if shape.name in DOCUMENTS:
            return lambda value: quote(str(value), safe="")
        case _:
            return lambda value: _text(str(value))


def _structure(shape: Any) -> Write:
    members = [
        (name, str(member.serialization.get("name", name)), _writer(member)) for name, member in shape.members.items()
    ]
    names = frozenset(shape.members)
    tags = [(name, f"<{tag}>", write, f"</{tag}>") for name, tag, write in members]

    def write_members(value: dict[str, Any]) -> str:
        assert names.issuperset(value), f"{shape.name} has no {set(value) - names}"
        parts: list[str] = []
        for name, begin, write, end in tags:
            held = value.get(name)
            if held is not None:
                parts += (begin, write(held), end)
        return "".join(parts)

    return write_members


def _list(shape: Any) -> Write:
    write = _writer(shape.member)
    return lambda value: "".join([f"<member>{write(each)}</member>" for each in value])


def _map(shape: Any) -> Write:
    write = _writer(shape.value)
    return lambda value: "".join(
        [f"<entry><key>{_text(str(key))}</key><value>{write(each)}</value></entry>" for key, each in value.items()]
    )


@lru_cache(maxsize=4_096)
def stamp(at: datetime) -> str:
    """Formats an instant like AWS: whole seconds, UTC, a year of four digits (RFC 3339)."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else escape(_NOT_XML.sub("\ufffd", text))

# mypyc: compiled
"""Parses parameters of the Query protocol (`Tags.member.1.Key=team`) into a value of the operation's input shape.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html; error messages in IAM's words.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant

MAX_MEMBERS = 1_000
_CLASSES = {
    r"\w": "A-Za-z0-9_", r"[\d]": "[0-9]", r"\d": "[0-9]",
    r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s", r"\p{Alpha}": "A-Za-z",
}  # fmt: skip
"""Java's character classes in Python's syntax: Java's `\\w` and `\\d` are ASCII, and Python has no `\\p`."""


def parse(shape: Any, given: Mapping[str, str]) -> dict[str, Any]:
    """Returns the input of an operation. Raises AwsError ValidationError."""
    if shape is None:
        return {}
    problems: list[str] = []
    found: dict[str, Any] = _structure(shape)(given, "", "", problems)
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise invalid(f"{count}: {'; '.join(problems)}")
    return found


Read = Callable[[Mapping[str, str], str, str, list[str]], Any]
"""(parameters, key of the value, its place in messages, list of problems to extend) → the value, or None where it is
absent. A shape's parser is built when the shape is first used."""


@cache
def _reader(shape: Any) -> Read:
    match shape.type_name:
        case "structure":
            read = _structure(shape)
            return lambda given, key, place, problems: (
                read(given, f"{key}.", place, problems) if _has(given, f"{key}.") else None
            )
        case "list":
            return partial(_list, shape)
        case "map":
            return partial(_map, shape)
        case _:
            return _scalar_reader(shape)


def _scalar_reader(shape: Any) -> Read:
    def read(given: Mapping[str, str], key: str, place: str, problems: list[str]) -> Any:
        text = given.get(key)
        return None if text is None else _scalar(shape, kind, text, place, problems)

    kind = shape.type_name
    if kind != "string":
        return read
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    pattern = shape.metadata.get("pattern")
    fits = _compiled(pattern).fullmatch if pattern else None
    words = frozenset(getattr(shape, "enum", None) or ())

    def read_string(given: Mapping[str, str], key: str, place: str, problems: list[str]) -> Any:
        text = given.get(key)
        if text is None:
            return None
        if (
            least <= len(text) and (most is None or len(text) <= most) and "\0" not in text
            and (fits is None or fits(text)) and (not words or text in words)
        ):  # fmt: skip
            return text
        return _scalar(shape, kind, text, place, problems)  # it says what is wrong

    return read_string


@cache
def _structure(shape: Any) -> Read:
    required = frozenset(shape.required_members)
    members = [
        (name, str(member.serialization.get("name", name)), _camel(name), _reader(member), name in required)
        for name, member in shape.members.items()
    ]

    def read(given: Mapping[str, str], prefix: str, place: str, problems: list[str]) -> dict[str, Any]:
        found = {}
        for name, key, camel, read_member, is_required in members:
            here = f"{place}.{camel}" if place else camel
            value = read_member(given, prefix + key, here, problems)
            if value is not None:
                found[name] = value
            elif is_required:
                problems.append(f"Value null at '{here}' failed to satisfy constraint: Member must not be null")
        return found

    return read


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _has(given: Mapping[str, str], prefix: str) -> bool:
    return any(key.startswith(prefix) for key in given)


def _list(shape: Any, given: Mapping[str, str], key: str, place: str, problems: list[str]) -> list[Any] | None:
    prefix = f"{key}." if shape.serialization.get("flattened") else f"{key}.member."
    if key not in given and not _has(given, prefix):
        return None
    numbers = sorted({int(n) for each in given if each.startswith(prefix) for n in [_number(each[len(prefix) :])] if n})
    if not numbers:
        return [] if key in given else None
    if len(numbers) > MAX_MEMBERS:
        raise invalid(f"{place} has more than {MAX_MEMBERS} members")
    found = []
    read = _reader(shape.member)
    for number in numbers:
        here = f"{place}.{number}.member"
        value = read(given, f"{prefix}{number}", here, problems)
        if value is not None:
            found.append(value)
    _length(shape, len(found), "size", str(found), place, problems)
    return found


def _number(text: str) -> str:
    digits = text.partition(".")[0]
    return digits if digits.isascii() and digits.isdigit() and len(digits) < 7 else ""


def _map(shape: Any, given: Mapping[str, str], key: str, place: str, problems: list[str]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    read = _reader(shape.value)
    number = 1
    while (name := given.get(f"{key}.entry.{number}.key")) is not None and number <= MAX_MEMBERS:
        found[name] = read(given, f"{key}.entry.{number}.value", f"{place}.{name}", problems)
        number += 1
    return found or None


def _scalar(shape: Any, kind: str, text: str, place: str, problems: list[str]) -> Any:
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise AwsError("MalformedInput", f"{place}: expected true or false, not {text!r}")
        return text.lower() == "true"
    if kind in ("integer", "long"):
        if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
            raise AwsError("MalformedInput", f"{place}: expected a whole number, not {text[:50]!r}")
        _range(shape, int(text), place, problems)
        return int(text)
    if kind == "timestamp":
        try:
            return parse_instant(text)
        except MalformedInstant as error:
            raise AwsError("MalformedInput", f"{place}: {error}") from None
    if kind == "blob":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise AwsError("MalformedInput", f"{place}: expected base64") from None
    if "\0" in text:
        problems.append(_fails(shape, text, place, "Member must not hold a NUL"))
    _length(shape, len(text), "length", text, place, problems)
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(text):
        problems.append(_fails(shape, text, place, f"Member must satisfy regular expression pattern: {pattern}"))
    if getattr(shape, "enum", None) and text not in shape.enum:
        problems.append(_fails(shape, text, place, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"))
    return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.DOTALL)


def _length(shape: Any, size: int, what: str, value: str, place: str, problems: list[str]) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        problems.append(_fails(shape, value, place, f"Member must have {what} greater than or equal to {least}"))
    if most is not None and size > most:
        problems.append(_fails(shape, value, place, f"Member must have {what} less than or equal to {most}"))


def _range(shape: Any, value: int, place: str, problems: list[str]) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        problems.append(_fails(shape, str(value), place, f"Member must have value greater than or equal to {least}"))
    if most is not None and value > most:
        problems.append(_fails(shape, str(value), place, f"Member must have value less than or equal to {most}"))


def _fails(shape: Any, value: str, place: str, constraint: str) -> str:
    shown = "***" if shape.metadata.get("sensitive") else value[:200]
    return f"Value '{shown}' at '{place}' failed to satisfy constraint: {constraint}"

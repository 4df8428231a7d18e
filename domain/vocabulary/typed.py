"""Values of given types from JSON, for several threads.

What msgspec knows of a type it keeps with the type, and fills in while another thread may see it already: two threads
that read a type for the first time at once can end the process. So each type is made known under a lock, once.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")
_lock = threading.Lock()
_known: dict[Any, msgspec.json.Decoder[Any]] = {}


@overload
def decoder(kind: type[T]) -> msgspec.json.Decoder[T]: ...
@overload
def decoder(kind: Any) -> msgspec.json.Decoder[Any]: ...
def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of a type; one for all who ask."""
    found = _known.get(kind)
    if found is None:
        with _lock:
            found = _known.get(kind)
            if found is None:
                found = _known[kind] = msgspec.json.Decoder(kind)
    return found


@overload
def decode(data: bytes | str, kind: type[T]) -> T: ...
@overload
def decode(data: bytes | str, kind: Any) -> Any: ...
def decode(data: bytes | str, kind: Any) -> Any:
    """JSON as a value of a type. Raises msgspec.DecodeError."""
    return decoder(kind).decode(data)


@overload
def convert(value: Any, kind: type[T]) -> T: ...
@overload
def convert(value: Any, kind: Any) -> Any: ...
def convert(value: Any, kind: Any) -> Any:
    """What was read from JSON or YAML as a value of a type. Raises msgspec.ValidationError."""
    decoder(kind)
    return msgspec.convert(value, kind)

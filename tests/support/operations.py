"""The operations of AWS's services, read from botocore's models without building its classes."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import botocore
import msgspec

_ROOT = Path(botocore.__file__).parent / "data"


class _Metadata(msgspec.Struct):
    endpointPrefix: str
    signingName: str = ""


class _Model(msgspec.Struct):
    metadata: _Metadata
    operations: dict[str, msgspec.Raw]


_decoder = msgspec.json.Decoder(_Model)


def operations_of(service: str) -> tuple[str, list[str]]:
    """How CloudTrail names a service (the first label of its events' source), and the service's operations."""
    newest = max(_ROOT.glob(f"{service}/*/service-2.json.gz"))
    model = _decoder.decode(gzip.decompress(newest.read_bytes()))
    return (model.metadata.signingName or model.metadata.endpointPrefix).split(".")[0], list(model.operations)


def all_services() -> Iterator[str]:
    """The names of all services that botocore knows."""
    return (path.name for path in sorted(_ROOT.iterdir()) if list(path.glob("*/service-2.json.gz")))

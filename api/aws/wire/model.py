"""The operations of each service with the shapes of their input and output, from botocore's service models."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import UnknownRegionError

from erstwhile.api.aws.wire.errors import AwsError

VERSIONS = {"2010-05-08": "iam", "2011-06-15": "sts"}
"""Version of the Query API → service."""


@cache
def _service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


@cache
def operation(service: str, name: str) -> Any:
    """The model of an operation. Raises AwsError InvalidAction."""
    model = _service(service)
    if name not in model.operation_names:
        version = next(version for version, each in VERSIONS.items() if each == service)
        raise AwsError("InvalidAction", f"Could not find operation {name} for version {version}")
    return model.operation_model(name)


@cache
def error_status(service: str, name: str, code: str) -> int | None:
    """The HTTP status that an operation's model has for an error code; None where it has none."""
    model = _service(service)
    if name not in model.operation_names:
        return None
    for shape in model.operation_model(name).error_shapes:
        error = shape.metadata.get("error") or {}
        if code == (error.get("code") or shape.name):
            return int(error["httpStatusCode"]) if "httpStatusCode" in error else None
    return None


def service_of(name: str, version: str) -> str:
    """The service of an operation and API version. Raises AwsError."""
    if version:
        if version not in VERSIONS:
            raise AwsError("NoSuchVersion", f"The requested version ( {version} ) is not valid.")
        return VERSIONS[version]
    found = [service for service in VERSIONS.values() if name in _service(service).operation_names]
    if not found:
        raise AwsError("InvalidAction", f"Could not find operation {name}")
    return found[0]


@cache
def _partition_of(region: str) -> str:
    """The partition of a region; None for a region that AWS does not have (`local`), which is valid in every
    partition."""
    try:
        return str(botocore.session.get_session().get_partition_for_region(region))
    except UnknownRegionError:
        return ""


def require_partition(region: str, partition: str) -> None:
    """Raises AwsError if the region is in another partition than the account: an account's keys are valid in one
    only."""
    if _partition_of(region) not in ("", partition):
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


@cache
def namespace(service: str) -> str:
    return str(_service(service).metadata["xmlNamespace"])


def operation_names(service: str) -> list[str]:
    return list(_service(service).operation_names)

"""What boto3 was answered in these tests: pairs of operation and error code, `OK` for success."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from erstwhile.api.aws.operations import OPERATIONS

ANSWERED: set[tuple[str, str]] = set()
_call = BaseClient._make_api_call


def record() -> None:
    """From now on."""

    def call(self: Any, operation: str, given: dict[str, Any]) -> Any:
        try:
            found = _call(self, operation, given)
        except ClientError as error:
            ANSWERED.add((operation, error.response["Error"]["Code"]))
            raise
        ANSWERED.add((operation, "OK"))
        return found

    BaseClient._make_api_call = call


def documented() -> dict[str, list[str]]:
    """Operation → the codes of its errors, as botocore's models list them; of those that are offered."""
    found = {}
    for service in ("iam", "sts"):
        model = botocore.session.get_session().get_service_model(service)
        for name in model.operation_names:
            if name in OPERATIONS:
                shapes = model.operation_model(name).error_shapes
                found[name] = [str((each.metadata.get("error") or {}).get("code") or each.name) for each in shapes]
    return found

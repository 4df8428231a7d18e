"""Every operation that is offered is called by boto3 in some test of this folder; those that are not say why."""

from __future__ import annotations

import re
from pathlib import Path

from botocore import xform_name

from erstwhile.api.aws.documentation.operations_table import offered
from erstwhile.api.aws.operations import NOT_OFFERED, OPERATIONS
from erstwhile.api.aws.wire.model import operation_names
from tests.support.aws.clients import fails
from tests.support.aws.server import AwsServer


def test_every_operation_is_called_by_boto3() -> None:
    source = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    called = set(re.findall(r"\.([a-z_0-9]+)\b", source)) | set(re.findall(r'"([a-z_0-9]+)"', source))
    missing = [name for name in OPERATIONS if xform_name(name) not in called]
    assert missing == []


def test_what_is_not_offered_is_named_with_its_reason(aws: AwsServer) -> None:
    for service, operations in offered().items():
        left = {name for name, is_offered in operations.items() if not is_offered}
        assert left == set(operation_names(service)) & set(NOT_OFFERED)
    assert len(NOT_OFFERED) <= 12
    fails("NotImplemented", "there is none here", aws.client("iam").list_delegation_requests)
    fails("NotImplemented", "there is none here", aws.client("sts").get_delegated_access_token, TradeInToken="x" * 20)

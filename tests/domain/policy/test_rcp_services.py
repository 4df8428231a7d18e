"""The list of services under resource control policies, and another in its place."""

from __future__ import annotations

import subprocess
from pathlib import Path

import orjson
import pytest

from erstwhile.domain.policy.knowledge import rcp_services
from tests.support.policy.generator import RCP_ACTIONS
from tests.support.program import erstwhile_reading

ASKED = {
    "principal": "arn:aws:iam::111122223333:user/ada",
    "action": "newservice:Read",
    "resource": "arn:aws:newservice:eu-west-1:111122223333:thing/1",
    "policies": {
        "identity": [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}],
        "rcp": [[]],
    },
}


def test_the_shipped_list_has_a_date_and_each_service_is_tried() -> None:
    shipped = rcp_services.in_force()
    assert shipped.as_of == "2026-09-26"
    assert {action.partition(":")[0] for action in RCP_ACTIONS} == shipped.services
    assert len(shipped.services) == 62


def _asked(**environment: str) -> subprocess.CompletedProcess[str]:
    return erstwhile_reading(orjson.dumps(ASKED), "evaluate", "-", **environment)


def test_a_newer_list_takes_its_place_without_code(tmp_path: Path) -> None:
    assert orjson.loads(_asked().stdout)["decision"] == "allow"
    newer = tmp_path / "services.json"
    newer.write_text('{"as_of": "2027-01-01", "services": ["s3", "newservice"]}')
    found = orjson.loads(_asked(ERSTWHILE_RCP_SERVICES=str(newer)).stdout)
    assert (found["decision"], found["blocked_by"]) == ("implicit_deny", ["rcp"])


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"as_of": "2027-01-01", "services": []}', '{"services": ["a:b"], "as_of": ""}']
)
def test_a_list_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(rcp_services.MalformedServices):
        rcp_services.read(text.encode())
    broken = tmp_path / "services.json"
    broken.write_text(text)
    found = _asked(ERSTWHILE_RCP_SERVICES=str(broken))
    assert found.returncode == 1
    assert "ERSTWHILE_RCP_SERVICES" in found.stderr
    assert "Traceback" not in found.stderr

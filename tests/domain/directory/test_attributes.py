"""What events write into a Directory has the names and shapes that `attributes` says."""

from __future__ import annotations

import json
import typing
from pathlib import Path

import pytest

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.attributes import (
    AssignmentItem,
    CredentialItem,
    PolicyTypeItem,
    TargetItem,
    credential_item,
    policy_type_item,
    target_item,
)
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.event_log.codec import decode_envelope
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.memory_log import NOW, MemoryLog

GOLDEN = Path(__file__).parents[2] / "event_log" / "golden.json"
EMPTY: frozenset[str] = frozenset()


def _keys(value: type) -> frozenset[str]:
    return frozenset(typing.get_type_hints(value))


SHAPES: dict[str, frozenset[str]] = {
    attributes.ENTITY: _keys(attributes.EntityValue),
    attributes.TAG: _keys(attributes.TagValue),
    attributes.COVERAGE: EMPTY,
    attributes.VANISHED: _keys(attributes.VanishedValue),
    attributes.ATTACHED: EMPTY,
    attributes.INLINE: _keys(attributes.DocumentValue),
    attributes.BOUNDARY: _keys(attributes.BoundaryValue),
    attributes.MEMBER_OF: EMPTY,
    attributes.TRUST: _keys(attributes.DocumentValue),
    attributes.ROLE: EMPTY,
    attributes.ACCESS_KEY: _keys(attributes.AccessKeyValue),
    attributes.LOGIN_PROFILE: _keys(attributes.LoginProfileValue),
    attributes.MFA: EMPTY,
    attributes.CREDENTIAL: _keys(attributes.CredentialValue),
    attributes.CREDENTIAL_REPORT: _keys(attributes.CredentialReportValue),
    attributes.VERSION: _keys(attributes.DocumentValue),
    attributes.DEFAULT: _keys(attributes.DefaultValue),
    attributes.GAP: EMPTY,
    attributes.REGISTERED: _keys(attributes.RegisteredValue),
    attributes.POLICY: _keys(attributes.DocumentValue),
    attributes.STATEMENT: _keys(attributes.StatementValue),
    attributes.GRANT: _keys(attributes.GrantValue),
    attributes.MODE: _keys(attributes.ModeValue),
    attributes.SNAPSHOT: _keys(attributes.SnapshotValue),
    attributes.ASSIGNMENT: _keys(attributes.AssignmentValue),
    attributes.ORGANIZATION: _keys(attributes.OrganizationValue),
    attributes.NODE: _keys(attributes.NodeValue),
    attributes.GUARDRAIL: _keys(attributes.GuardrailValue),
    attributes.POLICY_TYPE: _keys(attributes.PolicyTypeValue),
    attributes.TARGET: EMPTY,
    attributes.WATCH: _keys(attributes.WatchValue),
    attributes.REVIEW: _keys(attributes.ReviewValue),
    attributes.DECISION: _keys(attributes.DecisionValue),
    attributes.DELEGATE: _keys(attributes.DelegateValue),
    attributes.EXCEPTION: _keys(attributes.ExceptionValue),
}


def test_every_attribute_has_a_shape() -> None:
    named = {value for name, value in vars(attributes).items() if name.isupper() and isinstance(value, str)}
    assert named == {*SHAPES, attributes.SETTING}


@pytest.mark.parametrize("name", json.loads(GOLDEN.read_text()))
def test_events_write_what_attributes_say(name: str) -> None:
    """Every event that there is, alone in an empty log."""
    log = MemoryLog()
    log.append("111122223333", decode_envelope(name.rstrip("+"), json.loads(GOLDEN.read_text())[name]).body, NOW)
    for *_, attribute, _item, fact in log.engine.directory.facts():
        settings = attribute == attributes.SETTING  # has the attributes that IAM gives it
        assert settings or set(fact.value) <= SHAPES[attribute], (attribute, fact.value)


@pytest.mark.parametrize(
    ("item", "read"),
    [
        (CredentialItem("ssh_public_key", "APKA1/2"), credential_item),
        (TargetItem("p-1", "ou-1"), target_item),
        (PolicyTypeItem("SERVICE_CONTROL_POLICY", "r-1"), policy_type_item),
    ],
)
def test_items_of_two_parts_are_read_as_written(item: typing.Any, read: typing.Any) -> None:
    assert read(item.text) == item


def test_the_text_of_an_assignment() -> None:
    assert AssignmentItem("USER", "u-1", "arn:aws:sso:::permissionSet/x/ps-1").text == (
        "USER/u-1/arn:aws:sso:::permissionSet/x/ps-1"
    )


def test_accessors_read_what_is_there() -> None:
    entity = Entity("111122223333", "user", "AIDA1")
    entity.facts = {
        "entity": {"": Fact({"name": "ada", "arn": "arn:aws:iam::111122223333:user/ada", "path": "/"}, BEFORE, 1)},
        "boundary": {"": Fact({"policy": "arn:aws:iam::111122223333:policy/Limit"}, BEFORE, 2)},
        "tag": {"team": Fact({"value": "red"}, BEFORE, 3)},
        "login_profile": {"": Fact({"password_reset_required": True}, BEFORE, 4)},
        "credential": {"ssh_public_key/APKA1": Fact({"status": "Active"}, BEFORE, 5)},
    }
    assert entity.exists and entity.name == "ada" and entity.boundary == "arn:aws:iam::111122223333:policy/Limit"
    assert entity.tags == {"team": "red"} and entity.has_password and entity.must_reset_password
    assert list(entity.credentials("ssh_public_key")) == ["APKA1"] and not entity.credentials("signing_certificate")
    assert entity.credential("ssh_public_key", "APKA1") == {"status": "Active"}
    assert not entity.service_linked and entity.max_session_duration == 3_600 and entity.trust_policy is None

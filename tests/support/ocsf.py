"""Events of the Open Cybersecurity Schema Framework, validated: class 2004 by the models of py-ocsf-models, class 2008,
which these do not have, by what its schema requires and allows.

Sources: https://schema.ocsf.io/1.6.0/classes/iam_analysis_finding (with the profile `cloud`), and the objects that it
refers to
"""

from __future__ import annotations

from typing import Any

from py_ocsf_models.events.findings.detection_finding import DetectionFinding

_REQUIRED = {
    "activity_id", "category_uid", "class_uid", "cloud", "finding_info", "metadata", "severity_id", "time", "type_uid",
}  # fmt: skip
_ALLOWED = _REQUIRED | {
    "activity_name", "category_name", "class_name", "type_name", "severity", "status", "status_id", "confidence",
    "confidence_id", "message", "resources", "user", "applications", "access_analysis_result", "api", "unmapped",
    "identity_activity_metrics", "permission_analysis_results", "remediation", "comment", "end_time", "start_time",
}  # fmt: skip
_ONE_OF = {"access_analysis_result", "identity_activity_metrics", "permission_analysis_results"}
_ACCESS = {
    "accessors", "access_level", "access_type", "additional_restrictions", "condition_keys", "granted_privileges",
}  # fmt: skip
_PERMISSION = {
    "condition_keys", "granted_privileges", "policy", "unused_privileges_count", "unused_services_count",
}  # fmt: skip


def validate(event: dict[str, Any]) -> None:
    """Raises AssertionError, or pydantic's ValidationError, for what is no valid event."""
    if event["class_uid"] == 2004:
        DetectionFinding.model_validate(event, strict=False)
        assert event.keys() <= DetectionFinding.model_fields.keys()
        return
    assert (event["class_uid"], event["category_uid"], event["type_uid"]) == (2008, 2, 200800 + event["activity_id"])
    assert event.keys() >= _REQUIRED and event.keys() <= _ALLOWED
    assert event.keys() & _ONE_OF
    assert event["finding_info"].keys() >= {"uid"} and event["metadata"].keys() >= {"version", "product"}
    assert isinstance(event["time"], int) and event["severity_id"] in range(7)
    access = event.get("access_analysis_result")
    if access is not None:
        assert access["accessors"] and all(each.keys() & {"uid", "name"} for each in access["accessors"])
        assert access.keys() <= _ACCESS
    for each in event.get("permission_analysis_results", ()):
        assert each.keys() <= _PERMISSION
        assert all(isinstance(action, str) for action in each["granted_privileges"])
    for each in (event.get("user"), *event.get("resources", ())):
        assert each is None or each.keys() & {"uid", "name"}
    if "api" in event:
        assert event["api"]["operation"]


_EVERY_EVENT = {"activity_id", "category_uid", "class_uid", "cloud", "metadata", "severity_id", "time", "type_uid"}
_OF_CLASS = {
    3001: (3, {"user"}), 3002: (3, {"user", "service"}), 3006: (3, {"group"}),
    6003: (6, {"actor", "api", "src_endpoint"}),
}  # fmt: skip
"""Class → its category, and the members that it requires beside those of every event.

Sources: https://schema.ocsf.io/1.8.0/classes/account_change, …/authentication, …/group_management, …/api_activity
"""


def validate_activity(event: dict[str, Any]) -> None:
    """Raises AssertionError for what is no valid event of the trail."""
    category, required = _OF_CLASS[event["class_uid"]]
    assert event.keys() >= _EVERY_EVENT | required, event
    assert event["category_uid"] == category
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert isinstance(event["time"], int) and event["severity_id"] in range(7)
    assert event["metadata"].keys() >= {"version", "product"} and event["metadata"]["version"] in ("1.8.0", "1.9.0")
    assert event["actor"]["user"].keys() & {"uid", "name"} and event["api"]["operation"]
    assert event["src_endpoint"].keys() & {"ip", "name", "svc_name", "uid"}
    assert all(each.keys() & {"uid", "name"} for each in event["resources"])
    for name in ("user", "group"):
        assert name not in event or event[name].keys() & {"uid", "name"}

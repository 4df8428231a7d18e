"""Findings as events of the Open Cybersecurity Schema Framework: class IAM Analysis Finding (2008) of version 1.6.0,
which has it first, where they follow from an analysis of policies; else class Detection Finding (2004) of version
1.3.0.

Sources: https://schema.ocsf.io/1.3.0/classes/detection_finding (required members: activity_id, category_uid, class_uid,
finding_info, metadata, severity_id, time, type_uid; with the cloud profile: cloud),
https://schema.ocsf.io/1.3.0/objects/finding_info (uid, title), https://schema.ocsf.io/1.3.0/objects/evidences,
https://schema.ocsf.io/1.3.0/objects/metadata (product, version),
https://schema.ocsf.io/1.6.0/classes/iam_analysis_finding (one of access_analysis_result, identity_activity_metrics and
permission_analysis_results), https://schema.ocsf.io/1.6.0/objects/access_analysis_result (accessors).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from erstwhile.domain.detections.catalogue import (
    ADMINISTRATOR,
    ESCALATION,
    FEDERATED,
    PUBLIC,
    TECHNIQUES,
    UNKNOWN_ACCOUNT,
)
from erstwhile.domain.detections.networks import network_of
from erstwhile.domain.vocabulary.instants import parse_instant

_CATEGORY, _CREATE = 2, 1


class _Class(NamedTuple):
    """A class of events. `version`: of the schema."""

    uid: int
    name: str
    version: str


_DETECTION = _Class(2004, "Detection Finding", "1.3.0")
_ANALYSIS = _Class(2008, "IAM Analysis Finding", "1.6.0")
_ANALYSES = (ADMINISTRATOR, ESCALATION, PUBLIC, UNKNOWN_ACCOUNT, FEDERATED)
"""The detections that analyse policies; the others are about calls."""
_ACCESS_TYPES = {PUBLIC: "Public", FEDERATED: "Federated"}
_SEVERITIES = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
_CONFIDENCES = {"possible": 1, "conditional": 2, "certain": 3}
"""Low, medium, high."""
_RULE = 1
"""The type of an analytic that is a rule."""
_NEW, _SUPPRESSED = 1, 3
_AWS_ACCOUNT, _UNKNOWN = 10, 0
"""Types of an account, and of a user."""


def ocsf_event(finding: dict[str, Any], product_version: str) -> dict[str, Any]:
    """One finding, as `told_findings` has it: of class 2008 where it follows from an analysis of policies, else of
    2004. Times are milliseconds since 1970 in UTC: `time` is when it happened, so that the same finding is the same
    event whenever it is asked for."""
    if finding["kind"] in _ANALYSES:
        return _common(finding, product_version, _ANALYSIS) | _analysis(finding)
    by = finding["by"]
    return _common(finding, product_version, _DETECTION) | {"evidences": [] if by is None else [_evidence(by)]}


def _common(finding: dict[str, Any], product_version: str, of: _Class) -> dict[str, Any]:
    at = _milliseconds(finding["at"])
    confidence = _CONFIDENCES[finding["certainty"]]
    return {
        "activity_id": _CREATE,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": _CATEGORY,
        "class_name": of.name,
        "class_uid": of.uid,
        "type_name": f"{of.name}: Create",
        "type_uid": of.uid * 100 + _CREATE,
        "time": at,
        "severity": finding["severity"].capitalize(),
        "severity_id": _SEVERITIES[finding["severity"]],
        "status": "New" if finding["excepted"] is None else "Suppressed",
        "status_id": _NEW if finding["excepted"] is None else _SUPPRESSED,
        "confidence": ("Low", "Medium", "High")[confidence - 1],
        "confidence_id": confidence,
        "message": finding["what"],
        "metadata": {
            "version": of.version,
            "uid": finding["id"],
            "profiles": ["cloud"],
            "product": {"name": "Erstwhile", "vendor_name": "Erstwhile", "version": product_version},
        },
        "cloud": {"provider": "AWS", "account": _account(finding["account"])},
        "finding_info": {
            "uid": finding["id"],
            "title": finding["title"],
            "desc": "; ".join([finding["what"], *finding["because"]]),
            "types": [finding["kind"]],
            "created_time": at,
            "first_seen_time": at,
            "src_url": finding["source"],
            "analytic": {"name": finding["kind"], "uid": finding["kind"], "type": "Rule", "type_id": _RULE},
            "attacks": [_attack(finding["technique"])],
        },
        "resources": [{"uid": finding["subject"], "owner": _owner(finding["account"])}],
    }


def _account(account: str) -> dict[str, Any]:
    """An account is called by its id: its name is in no record."""
    return {"uid": account, "name": account, "type": "AWS Account", "type_id": _AWS_ACCOUNT}


def _owner(account: str) -> dict[str, Any]:
    return {
        "uid": account, "name": account, "type": "Unknown", "type_id": _UNKNOWN, "account": _account(account),
    }  # fmt: skip


def _analysis(finding: dict[str, Any]) -> dict[str, Any]:
    """What an analysis found: of an identity, what it may; of a resource, who may. The call behind it is told by the
    cloud profile's `api`; what the class has no place for, as it is."""
    privileges = finding["privileges"]
    found: dict[str, Any]
    if finding["who"]:
        access_type = _ACCESS_TYPES.get(finding["kind"], "Cross-Account")
        found = {"access_analysis_result": {
            "accessors": [{"uid": finding["who"]}], "access_type": access_type, "granted_privileges": privileges,
        }}  # fmt: skip
    else:
        found = {
            "user": {"uid": finding["subject"]}, "permission_analysis_results": [{"granted_privileges": privileges}],
        }  # fmt: skip
    by = finding["by"]
    return found | ({} if by is None else {"api": _api(by), "unmapped": {"by": by}})


def _api(by: dict[str, Any]) -> dict[str, Any]:
    service, _, operation = by["action"].partition(":")
    api: dict[str, Any] = {
        "operation": operation or service,
        "service": {"name": service, "uid": f"{service}.amazonaws.com", "version": "unknown"},
    }
    if by["error_code"]:
        api["response"] = {"error": by["error_code"]}
    return api


def _evidence(by: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "api": _api(by),
        "data": {"evidence": by["evidence"], "position": by["position"], "user_agent": by["user_agent"]},
    }
    user = {"uid": by["actor"]} if by["actor"] else {}
    if by["access_key"]:
        user["credential_uid"] = by["access_key"]
    actor: dict[str, Any] = {"user": user} if user else {}
    if by["session"]:
        actor["session"] = {"uid": by["session"]}
    if actor:
        found["actor"] = actor
    if by["source_ip"]:
        # A service of AWS that called is recorded by its name.
        found["src_endpoint"] = {("ip" if network_of(by["source_ip"]) else "svc_name"): by["source_ip"]}
    return found


def _attack(technique: str) -> dict[str, Any]:
    main = technique.partition(".")[0]
    named = {"uid": main, "name": TECHNIQUES[main]}
    return {"technique": named} | ({"sub_technique": {"uid": technique}} if main != technique else {})


def _milliseconds(text: str) -> int:
    return round(parse_instant(text).timestamp() * 1000)

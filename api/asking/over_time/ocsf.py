"""Findings as events of the Open Cybersecurity Schema Framework: class Detection Finding (2004) of version 1.3.0.

Sources: https://schema.ocsf.io/1.3.0/classes/detection_finding (required members: activity_id, category_uid, class_uid,
finding_info, metadata, severity_id, time, type_uid; with the cloud profile: cloud),
https://schema.ocsf.io/1.3.0/objects/finding_info (uid, title), https://schema.ocsf.io/1.3.0/objects/evidences,
https://schema.ocsf.io/1.3.0/objects/metadata (product, version). The class IAM Analysis Finding (2008) is about results
of an analysis of what an identity uses, which a finding here does not have.
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.detections.networks import network_of
from erstwhile.domain.vocabulary.instants import parse_instant

VERSION = "1.3.0"
_CLASS, _CATEGORY, _CREATE = 2004, 2, 1
_SEVERITIES = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
_CONFIDENCES = {"possible": 1, "conditional": 2, "certain": 3}
"""Low, medium, high."""
_RULE = 1
"""The type of an analytic that is a rule."""
_NEW = 1


def ocsf_event(finding: dict[str, Any], product_version: str) -> dict[str, Any]:
    """One finding, as `told_findings` has it. Times are milliseconds since 1970 in UTC: `time` is when it happened, so
    that the same finding is the same event whenever it is asked for."""
    at = _milliseconds(finding["at"])
    by = finding["by"]
    confidence = _CONFIDENCES[finding["certainty"]]
    return {
        "activity_id": _CREATE,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": _CATEGORY,
        "class_name": "Detection Finding",
        "class_uid": _CLASS,
        "type_name": "Detection Finding: Create",
        "type_uid": _CLASS * 100 + _CREATE,
        "time": at,
        "severity": finding["severity"].capitalize(),
        "severity_id": _SEVERITIES[finding["severity"]],
        "status": "New",
        "status_id": _NEW,
        "confidence": ("Low", "Medium", "High")[confidence - 1],
        "confidence_id": confidence,
        "message": finding["what"],
        "metadata": {
            "version": VERSION,
            "uid": finding["id"],
            "profiles": ["cloud"],
            "product": {"name": "Erstwhile", "vendor_name": "Erstwhile", "version": product_version},
        },
        "cloud": {"provider": "AWS", "account": {"uid": finding["account"]}},
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
        "resources": [{"uid": finding["subject"], "owner": {"account": {"uid": finding["account"]}}}],
        "evidences": [] if by is None else [_evidence(by)],
    }


def _evidence(by: dict[str, Any]) -> dict[str, Any]:
    service, _, operation = by["action"].partition(":")
    api: dict[str, Any] = {"operation": operation or service, "service": {"name": service}}
    if by["error_code"]:
        api["response"] = {"error": by["error_code"]}
    found: dict[str, Any] = {
        "api": api,
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
    return {"technique": {"uid": main}} | ({"sub_technique": {"uid": technique}} if main != technique else {})


def _milliseconds(text: str) -> int:
    return round(parse_instant(text).timestamp() * 1000)

"""The detections, as a table: what each is called, and where the rule comes from."""

from __future__ import annotations

from msgspec import Struct

ADMINISTRATOR = "administrator-outside-change-hours"
ESCALATION = "escalation-path-opened"
PUBLIC = "public-exposure"
UNKNOWN_ACCOUNT = "unknown-account-let-in"
FEDERATED = "federated-subject-too-wide"
NETWORK = "key-from-new-network"
TAMPERING = "watch-tampered-with"


class Detection(Struct, frozen=True, kw_only=True):
    """`source`: the page that the rule comes from; `technique`: of MITRE ATT&CK, by its id."""

    title: str
    source: str
    technique: str


CATALOGUE: dict[str, Detection] = {
    ADMINISTRATOR: Detection(
        title="A principal became an administrator",
        source="https://attack.mitre.org/techniques/T1098/003/",
        technique="T1098.003",
    ),
    ESCALATION: Detection(
        title="A path to administrator opened",
        source="https://attack.mitre.org/techniques/T1548/005/",
        technique="T1548.005",
    ),
    PUBLIC: Detection(
        title="A policy lets in everybody",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html",
        technique="T1537",
    ),
    UNKNOWN_ACCOUNT: Detection(
        title="A policy lets in an account that is not known",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html",
        technique="T1537",
    ),
    FEDERATED: Detection(
        title="A trust lets in everybody of a shared identity provider",
        source=(
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html"
        ),
        technique="T1078.004",
    ),
    NETWORK: Detection(
        title="An access key was used from a new network",
        source="https://attack.mitre.org/techniques/T1078/004/",
        technique="T1078.004",
    ),
    TAMPERING: Detection(
        title="Records, alarms or detectors were turned off",
        source="https://attack.mitre.org/techniques/T1562/008/",
        technique="T1562.008",
    ),
}
TECHNIQUES = {
    "T1078": "Valid Accounts",
    "T1098": "Account Manipulation",
    "T1537": "Transfer Data to Cloud Account",
    "T1548": "Abuse Elevation Control Mechanism",
    "T1562": "Impair Defenses",
}
"""The techniques of MITRE ATT&CK, by their ids: https://attack.mitre.org/techniques/enterprise/"""

"""Who called, as CloudTrail's userIdentity says it.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from typing import Any


def user_identity(actor: dict[str, Any], session: str, account: str) -> dict[str, Any]:
    """Of an actor as the trail tells it. What the trail does not know (when a session began) is left out."""
    arn, kind = actor["arn"], actor["type"]
    own = arn.split(":")[4] if arn.count(":") >= 5 and arn.split(":")[4] else account
    found: dict[str, Any] = {"type": kind or "Unknown", "principalId": actor["id"], "arn": arn, "accountId": own}
    if actor["access_key"]:
        found["accessKeyId"] = actor["access_key"]
    attributes = {} if actor["mfa"] is None else {"mfaAuthenticated": "true" if actor["mfa"] else "false"}
    resource = arn.rpartition(":")[2]
    if kind == "IAMUser":
        found["userName"] = resource.rpartition("/")[2]
    if kind == "AssumedRole":
        found |= _session(arn, own, actor["id"], session)
    if attributes:
        found.setdefault("sessionContext", {})["attributes"] = attributes
    return {name: value for name, value in found.items() if value != ""}


def _session(arn: str, account: str, unique_id: str, session: str) -> dict[str, Any]:
    """The trail names a session by its own ARN, or by that of its role."""
    partition = arn.split(":")[1] if arn.count(":") >= 5 else "aws"
    resource = arn.rpartition(":")[2]
    kind, _, rest = resource.partition("/")
    name = rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
    role = arn if kind == "role" else f"arn:{partition}:iam::{account}:role/{name}"
    own = session or (rest.partition("/")[2] if kind == "assumed-role" else "")
    issuer = {"type": "Role", "principalId": unique_id, "arn": role, "accountId": account, "userName": name}
    return {
        "principalId": f"{unique_id}:{own}" if own else unique_id,
        "arn": f"arn:{partition}:sts::{account}:assumed-role/{name}/{own}" if own else arn,
        "sessionContext": {"sessionIssuer": {key: value for key, value in issuer.items() if value}},
    }

"""A role's trust let in everybody who has an account with an identity provider that many organisations share: of the
token's subject, it asks for too little. The engine says so, of subjects that belong to nobody known.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html (shared
providers, and the claims that they must be limited by);
https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims,
https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload,
https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens (subjects)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.detections.catalogue import FEDERATED
from erstwhile.domain.detections.finding import Certainty, Finding
from erstwhile.domain.detections.touched import lets_in
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.around_event import AroundEvent
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request

_ASSUME = "sts:AssumeRoleWithWebIdentity"
_NOBODY = "an-owner-that-nobody-is"
SUBJECTS: dict[str, tuple[str, ...]] = {
    "token.actions.githubusercontent.com": tuple(
        f"repo:{_NOBODY}/x:{of}" for of in ("ref:refs/heads/main", "pull_request", "environment:production")
    ),
    "gitlab.com": (f"project_path:{_NOBODY}/x:ref_type:branch:ref:main",),
    "app.terraform.io": (f"organization:{_NOBODY}:project:x:workspace:x:run_phase:apply",),
}
"""Host of a shared provider: subjects of tokens that it gives to somebody who belongs to no organisation here."""
_AUDIENCES = {"app.terraform.io": "aws.workload.identity"}


def open_to_shared_issuers(
    history: FactHistory, at: datetime, position: int, rows: Iterable[Interval], account: str = ""
) -> Iterator[Finding]:
    """The roles whose trust an event made or changed so that it let in subjects which belong to nobody known."""
    keys = [key for key in lets_in(rows, position) if key[1] == "role" and account in ("", key[0])]
    if not keys:
        return
    after = directory_at(history, at)
    before = directory_at(AroundEvent(history, position), at - TICK)
    for key in keys:
        role = after.get(*key)
        trust = role.trust_policy if role is not None else None
        if role is None or trust is None:
            continue
        for host in (each for each in SUBJECTS if each in trust):
            certainty = _lets_in(after, role, host)
            if certainty is not None and _lets_in(before, before.get(*key), host) is None:
                yield _finding(at, position, key[0], after.arn_of(role), host, certainty)


def _lets_in(directory: Directory, role: Entity | None, host: str) -> Certainty | None:
    """Whether the role lets in a subject that belongs to nobody known; None where it does not."""
    if role is None or not role.exists:
        return None
    found: Certainty | None = None
    provider = f"arn:{directory.partition(role.account)}:iam::{role.account}:oidc-provider/{host}"
    for subject in SUBJECTS[host]:
        context = {f"{host}:sub": (subject,), f"{host}:aud": (_AUDIENCES.get(host, "sts.amazonaws.com"),)}
        asked = Request(
            principal=provider, action=_ASSUME, resource=directory.arn_of(role), context=context, mode="discover"
        )
        decision = authorize(directory, asked)
        if decision.effect == "allow":
            return "certain"
        if decision.effect == "conditional":
            found = "possible" if decision.unknown else "conditional"
    return found


def _finding(at: datetime, position: int, account: str, arn: str, host: str, certainty: Certainty) -> Finding:
    because = () if certainty == "certain" else ("other conditions of its trust, or something not known, decide",)
    return Finding(
        kind=FEDERATED, severity="critical" if certainty == "certain" else "medium", at=at, account=account,
        subject=arn, detail=host, certainty=certainty, because=because, position=position, who=host,
        privileges=(_ASSUME,), what=f"{arn} let in everybody who gets tokens from {host}: its trust names no owner",
    )  # fmt: skip

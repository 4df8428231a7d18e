"""Becoming a role by its trust. Trust and permission are one question to the engine, which knows what each account must
allow; external ids, MFA, session tags and source identities come out as conditions.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html and
…/id_roles_providers_oidc.html, …/id_roles_providers_saml.html
"""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.family import TARGET, Family, Need

ASSUME_ROLE = Family("assume-role", "assume", "sts", (Need("sts:AssumeRole", TARGET),), "a session of the role")

ASSUMED_ROLES = (
    ASSUME_ROLE,
    Family(
        "assume-role-with-web-identity", "federated", "sts", (Need("sts:AssumeRoleWithWebIdentity", TARGET),),
        "a session of the role, for a subject of the OIDC provider",
    ),
    Family(
        "assume-role-with-saml", "federated", "sts", (Need("sts:AssumeRoleWithSAML", TARGET),),
        "a session of the role, for a subject of the SAML provider",
    ),
)  # fmt: skip

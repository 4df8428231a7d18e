"""Becoming a user by a credential that one makes for it, and a role by a trust that one gives it.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html (a user has at most two access
keys) and …/id_roles_update-role-trust-policy.html
"""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.family import TARGET, Family, Need

CREDENTIALS = (
    Family(
        "create-access-key", "credential", "iam", (Need("iam:CreateAccessKey", TARGET),),
        "an access key of the user", of=("user",), where="has a place for an access key",
    ),
    Family(
        "replace-access-key", "credential", "iam",
        (Need("iam:DeleteAccessKey", TARGET), Need("iam:CreateAccessKey", TARGET)),
        "an access key of the user, in the place of one of its two", of=("user",), where="has two access keys",
    ),
    Family(
        "create-login-profile", "credential", "iam", (Need("iam:CreateLoginProfile", TARGET),),
        "a password of the user", of=("user",), where="has no password",
    ),
    Family(
        "update-login-profile", "credential", "iam", (Need("iam:UpdateLoginProfile", TARGET),),
        "another password of the user", of=("user",), where="has a password",
    ),
    Family(
        "update-assume-role-policy", "trust", "iam", (Need("iam:UpdateAssumeRolePolicy", TARGET),),
        "a trust that names the source, and a session of the role",
    ),
)  # fmt: skip

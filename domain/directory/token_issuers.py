"""Accounts as issuers of web identity tokens: an issuer is a setting of its account.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOutboundWebIdentityFederation.html
"""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Value

CATEGORY = "outbound-federation"


def find_issuer(directory: Directory, path: str) -> Value | None:
    """The issuer whose URL ends with a path, as attributes: `issuer` (its URL) and `keys` (of its JSON Web Key Set)."""
    for entity in directory.of_kind("setting"):
        if entity.id.startswith(f"{CATEGORY}/") and entity.setting.get("issuer", "").endswith(path):
            return entity.setting
    return None

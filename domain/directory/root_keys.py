"""Access keys of an account's root user. Their states are settings of the account, because the root user is no entity.

A key without a setting is active: the first key of an account, or a key that the environment gives.
"""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact

CATEGORY = "root-access-key"
ACTIVE, INACTIVE, DELETED = "Active", "Inactive", "Deleted"


def fact_of(directory: Directory, account: str, access_key_id: str) -> Fact | None:
    """The fact with the state of a root user's key; None where there is none."""
    entity = directory.get(account, "setting", f"{CATEGORY}/{access_key_id}")
    return entity.setting_fact if entity is not None else None


def status_of(directory: Directory, account: str, access_key_id: str) -> str:
    """The state of a root user's key: Active, Inactive or Deleted."""
    fact = fact_of(directory, account, access_key_id)
    return str(fact.value["Status"]) if fact is not None else ACTIVE

# mypyc: compiled
"""Slots: names of the places that entities occupy over time; the event log finds events by them.

A slot is a name in an account, the ARN of a resource, an organisation, … Events of one slot are replayed together. The
log also finds events by a unique id, an access key and an MFA device in use: these are slots that are never replayed.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from erstwhile.domain.vocabulary.storable_text import is_storable, storable

NAMED = frozenset(("user", "group", "role", "policy", "instance-profile"))
"""Kinds whose entities have a name that is unique in their account."""
_LONGEST = 2_400
"""Bytes of a slot's text in the log's index."""
_SURELY_SHORT = _LONGEST // 4


class Slot(NamedTuple):
    kind: str
    """user, group, role, policy, instance-profile; resource, setting, assignment, organization, account; watch, review,
    review-lines, approvals, exception; id, key, mfa."""
    account: str
    """Empty for a resource, which several accounts may claim, and for slots that are never replayed."""
    name: str
    """In lower case where IAM's names are unique regardless of case."""

    @property
    def is_named(self) -> bool:
        """Whether the slot is the name of an IAM entity."""
        return self.kind in NAMED

    @property
    def text(self) -> str:
        """The slot's text in the event log and in the clocks of history."""
        kind, account, name = self
        if kind in NAMED:
            return f"name:{account}/{kind}/{name}"
        if not account:
            return name if kind == "id" else f"{kind}:{name}"
        return f"{kind}:{account}/{name}" if name else f"{kind}:{account}"

    @property
    def stored(self) -> str:
        """The text in the form of the log's index."""
        return stored_text(self.text)

    @property
    def is_too_long(self) -> bool:
        """Whether the text is too long to be whole in the log's index."""
        if len(self.name) + len(self.account) <= _SURELY_SHORT // 2:
            return False  # as of nearly all
        text = self.text
        return len(text) > _SURELY_SHORT and stored_text(text) != text


def stored_text(text: str) -> str:
    """The text of a slot in the form of the log's index. PostgreSQL's indexes accept at most 2,704 bytes for a row, and
    no NUL; a longer text (none of AWS's is) is cut and ends in its SHA-256."""
    if len(text) <= _SURELY_SHORT or len(text.encode(errors="replace")) <= _LONGEST:
        return text if is_storable(text) else storable(text)
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"{storable(text, _LONGEST // 8)}…{digest}"


def name_slot(account: str, kind: str, name: str) -> Slot:
    """The slot of a user, group, role, policy or instance profile."""
    return Slot(kind, account, name.lower())


def account_slot(account: str) -> Slot:
    return Slot("account", account, "")


def organization_slot(account: str) -> Slot:
    """The slot of the organisation that an account manages or has listed."""
    return Slot("organization", account, "")


def resource_slot(arn: str) -> Slot:
    return Slot("resource", "", arn)


def setting_slot(account: str, category: str, name: str) -> Slot:
    return Slot("setting", account, f"{category}/{name}")


def assignment_slot(account: str, target_account: str) -> Slot:
    """The slot of what IAM Identity Center of an account assigns in another account."""
    return Slot("assignment", account, target_account)


def watch_slot(account: str, name: str) -> Slot:
    return Slot("watch", account, name.lower())


def review_slot(account: str, name: str) -> Slot:
    return Slot("review", account, name.lower())


def review_lines_slot(account: str, name: str) -> Slot:
    """The slot of a review's population: apart, so that reading what was decided does not read all lines."""
    return Slot("review-lines", account, name.lower())


def approvals_slot(account: str) -> Slot:
    """The slot of all approvals of changes, and of how tickets are found."""
    return Slot("approvals", account, "")


def exception_slot(account: str, name: str) -> Slot:
    return Slot("exception", account, name.lower())


def id_slot(kind: str, unique_id: str) -> Slot:
    """All events that name an entity by its unique id."""
    return Slot("id", "", f"{kind}:{unique_id}")


def key_slot(access_key_id: str) -> Slot:
    """The creation and deletion of an access key."""
    return Slot("key", "", access_key_id)


def mfa_slot(serial_number: str) -> Slot:
    """An MFA device is taken into use."""
    return Slot("mfa", "", serial_number)

"""The access state of an instant, as files that AWS's tools print and that imports read."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment, moment
from erstwhile.api.asking.questions import require_account
from erstwhile.domain.exports.account_details import LeftOut, account_details
from erstwhile.domain.exports.organization import organization_listing
from erstwhile.domain.history.facts_at import directory_at


class StateExport(msgspec.Struct, frozen=True):
    """`files`: name → what stands in it. `left_out`: what these forms cannot say."""

    moment: Moment
    files: dict[str, Any]
    left_out: tuple[LeftOut, ...]


def export_state(
    history: History, as_of: str | None = None, known_at: str | None = None, account: str | None = None
) -> StateExport:
    """All accounts and organisations of an instant, or one account. Raises Problem."""
    with history.connection() as connection:
        when = moment(connection, as_of, known_at)
        history.wait_for(connection, when.known_at)
        directory = directory_at(history.facts(when.known_at), when.as_of)
        require_account(directory, account)
        files: dict[str, Any] = {}
        left_out: list[LeftOut] = []
        for each in [account] if account else directory.accounts():
            found = account_details(directory, each)
            if any(found.details.values()):
                files[f"account-{each}.json"] = found.details
            left_out += found.left_out
        for organization in directory.of_kind("organization"):
            if account in (None, organization.account):
                files[f"organization-{organization.account}.json"] = organization_listing(organization)
    return StateExport(when, files, tuple(left_out))

"""The access state of an instant, as files that AWS's tools print and that imports read."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment, moment
from erstwhile.api.asking.questions import require_account
from erstwhile.domain.exports.account_details import OF_RESOURCES, LeftOut, account_details
from erstwhile.domain.exports.iam_collect import collected_account, collected_organization, collected_resources
from erstwhile.domain.exports.organization import organization_listing
from erstwhile.domain.history.facts_at import directory_at


class StateExport(msgspec.Struct, frozen=True):
    """`files`: name → what stands in it. `left_out`: what these forms cannot say."""

    moment: Moment
    files: dict[str, Any]
    left_out: tuple[LeftOut, ...]


Layout = Literal["aws", "iam-collect"]
"""As AWS's tools print it, a file for each account; or as iam-collect keeps it, a folder for each entity."""


def export_state(
    history: History, as_of: str | None = None, known_at: str | None = None, account: str | None = None,
    layout: Layout = "aws",
) -> StateExport:  # fmt: skip
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
            if layout == "iam-collect":
                for made, missing in (
                    collected_account(found.details, each, directory.partition(each)),
                    collected_resources(directory, each),
                ):
                    files |= made
                    left_out += missing
                left_out += [one for one in found.left_out if one.why != OF_RESOURCES]
                continue
            if any(found.details.values()):
                files[f"account-{each}.json"] = found.details
            left_out += found.left_out
        for organization in directory.of_kind("organization"):
            if account not in (None, organization.account):
                continue
            listing = organization_listing(organization)
            if layout == "iam-collect":
                files |= collected_organization(listing, directory.partition(organization.account))
            else:
                files[f"organization-{organization.account}.json"] = listing
    return StateExport(when, files, tuple(left_out))

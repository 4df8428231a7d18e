"""Commands about approvals of changes. They belong to this installation: their account is `OWN`."""

from __future__ import annotations

from erstwhile.domain.approvals.references import MalformedPattern, check_pattern
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import nothing
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.approvals import ApprovalsImported, ImportedApproval, TicketRuleSet
from erstwhile.domain.vocabulary.refusals import LimitExceeded, ValidationError

APPROVALS = 50_000
"""Of one list."""
APPROVALS_OF_AN_EVENT = 500
TAGS = 20


class ImportApprovals(Command, frozen=True, kw_only=True):
    """`sha256`: of the file that they come from."""

    file: str
    sha256: str
    approvals: list[ImportedApproval]


class SetTicketRule(Command, frozen=True, kw_only=True):
    """How the tickets that changes name are found."""

    pattern: str
    tags: list[str]


@handles(ImportApprovals, depends_on=nothing, governed_only=False)
def import_approvals(_directory: Directory, command: ImportApprovals) -> Decided:
    found = command.approvals
    if not found:
        raise ValidationError("the list has no approvals")
    if len(found) > APPROVALS:
        raise LimitExceeded(f"a list has {APPROVALS:,} approvals or fewer, not {len(found):,}: import it in parts")
    for each in found:
        if not each.approved_by.strip() or not (each.ticket.strip() or each.event):
            raise ValidationError("each approval has a ticket or an event, and who approved it")
    return [
        ApprovalsImported(
            file=command.file, sha256=command.sha256, approvals=found[first : first + APPROVALS_OF_AN_EVENT]
        )
        for first in range(0, len(found), APPROVALS_OF_AN_EVENT)
    ]


@handles(SetTicketRule, depends_on=nothing, governed_only=False)
def set_ticket_rule(_directory: Directory, command: SetTicketRule) -> Decided:
    try:
        check_pattern(command.pattern)
    except MalformedPattern as error:
        raise ValidationError(str(error)) from None
    tags = list(dict.fromkeys(each for each in command.tags if each))
    if len(tags) > TAGS:
        raise ValidationError(f"tickets are found in {TAGS} tags or fewer, not in {len(tags):,}")
    return [TicketRuleSet(pattern=command.pattern, tags=tags)]

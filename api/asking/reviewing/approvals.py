"""Approvals: lists of them taken in, and by whom an event or a grant was approved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import moment, parse_known_at, parse_position
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.principal_finder import find_subject
from erstwhile.api.asking.times import read_time
from erstwhile.api.support.spreadsheets import MalformedTable, read_csv
from erstwhile.domain.approvals.approval import NO_REFERENCE, Approval, Approved, of_grant
from erstwhile.domain.commands.approvals import ImportApprovals, SetTicketRule
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events.approvals import ImportedApproval
from erstwhile.domain.history.grants import Link
from erstwhile.domain.history.provenance import provenance
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import BEFORE, MalformedInstant, format_instant
from erstwhile.projections.approvals import TrailApprovals, approvals_on_record
from erstwhile.projections.happenings import TrailHappenings

REQUIRED = ("ticket", "approved_by")
_SHOWN = 10


class ApprovalQuestions:
    """Any thread may ask."""

    def __init__(self, history: History, names: Names) -> None:
        self._history = history
        self._names = names

    @staticmethod
    def importing(file: str, data: bytes) -> ImportApprovals:
        """The command with the approvals of a CSV: `ticket`, `approved_by`, and where they are there `approved_at`,
        `event` (`@4711`, a record's id, a request's id), `note`. Raises MalformedTable."""
        found, wrong = [], []
        for number, row in read_csv(data, REQUIRED):
            at, event = row.get("approved_at", ""), row.get("event", "")
            try:
                approved_at = format_instant(read_time(at)) if at else ""
            except MalformedInstant as error:
                wrong.append(f"line {number}: approved_at: {error}")
                continue
            if not row["approved_by"] or not (row["ticket"] or event):
                wrong.append(f"line {number}: a ticket or an event, and who approved it, are expected")
                continue
            found.append(
                ImportedApproval(
                    ticket=row["ticket"], approved_by=row["approved_by"], approved_at=approved_at, event=event,
                    note=row.get("note", ""),
                )
            )  # fmt: skip
        if wrong:
            more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
            raise MalformedTable(f"nothing is imported: {'; '.join(wrong[:_SHOWN])}{more}")
        return ImportApprovals(account=OWN, file=file[:200], sha256=hashlib.sha256(data).hexdigest(), approvals=found)

    @staticmethod
    def rule(pattern: str, tags: Sequence[str]) -> SetTicketRule:
        """The command that says how tickets are found."""
        return SetTicketRule(account=OWN, pattern=pattern, tags=list(tags))

    def listing(self, ticket: str = "", known_at: str | None = None) -> dict[str, Any]:
        """The approvals on record, of one ticket or of all, and how tickets are found. Raises Problem."""
        with self._history.connection() as connection:
            position = parse_known_at(connection, known_at)
            position = EventLog.within(connection).head() if position is None else position
            found, rule = approvals_on_record(connection, position)
            return {
                "revision": position,
                "pattern": rule.pattern,
                "tags": list(rule.tags),
                "approvals": [_json(each) for each in found if ticket.lower() in ("", each.ticket.lower())],
            }

    def of_event(self, position: str, known_at: str | None = None) -> dict[str, Any]:
        """By whom the event at a log position was approved. Raises Problem."""
        with self._history.connection() as connection:
            at = parse_position(connection, "the position", position)
            known = parse_known_at(connection, known_at)
            known = EventLog.within(connection).head() if known is None else known
            self._history.wait_for(connection, known)
            approved = TrailApprovals(connection, self._history.facts(known)).of_events([at])
            events = ToldEvents(connection)
            events.read([at])
            told = _approved(approved.get(at, NO_REFERENCE))
            return {"revision": known, "position": at, "event": events.get(at), **told}

    def of_grant(
        self,
        principal: str,
        action: str,
        resource: str,
        as_of: str | None = None,
        known_at: str | None = None,
        resource_account: str | None = None,
    ) -> dict[str, Any]:
        """By whom the events were approved through which a principal may do an action on a resource: of attachments,
        memberships and words of policies, not of the principal's own beginning. Raises Problem."""
        require_action(action)
        with self._history.connection() as connection:
            when = moment(connection, as_of, known_at)
            directory = self._history.at(connection, when)
            require_existing(directory, self._names, action)
            asked = require_resource(directory, self._names, resource, resource_account)
            arn = find_subject(connection, directory, principal, when)
            history = self._history.facts(when.known_at)
            found = provenance(
                history, TrailHappenings(connection), arn, action, asked.resource, when.as_of,
                resource_account=asked.account, depth=0,
            )  # fmt: skip
            links = [link for grant in found.grants for link in grant.links if _is_given(link)]
            positions = list(dict.fromkeys(link.position for link in links))
            approved, events = TrailApprovals(connection, history).of_events(positions), ToldEvents(connection)
            events.read(positions)
            return {
                "revision": when.known_at,
                "as_of": format_instant(when.as_of),
                "principal": found.principal,
                "action": action,
                "resource": asked.resource,
                "effect": found.decision.effect if found.decision is not None else "unknown_principal",
                **_approved(of_grant(approved, positions)),
                "events": [
                    {"event": events.get(position), **_approved(approved.get(position, NO_REFERENCE))}
                    for position in positions
                ],
            }


def _is_given(link: Link) -> bool:
    return link.attribute != "entity" and link.since != BEFORE


def _approved(found: Approved) -> dict[str, Any]:
    return {
        "state": found.state,
        "approved_by": found.by or None,
        "words": found.words,
        "tickets": list(found.tickets),
        "approvals": [_json(each) for each in found.approvals],
    }


def _json(each: Approval) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(each)
    told["approved_at"] = format_instant(each.approved_at) if each.approved_at is not None else None
    return told

"""By whom events of the log were approved: `Approvals` of one database, as known at a log position.

Tickets are looked for in the session's name, in the source identity of the record behind the event, and in the tags
that what the event changed had then; approvals are those that were imported up to the position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from erstwhile.domain.approvals.approval import Approval, Approved
from erstwhile.domain.approvals.matching import ApprovalsOnRecord, ChangeMade
from erstwhile.domain.approvals.references import TicketRule, tickets_in
from erstwhile.domain.directory import attributes
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events.approvals import ApprovalsImported, TicketRuleSet
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.happenings import TrailEvent, TrailHappenings
from erstwhile.projections.sql import Connection

_TYPES = ("approval.ApprovalsImported", "approval.TicketRuleSet")
_RECORDS = (
    "SELECT a.account, a.record_id, a.block_id, a.line FROM unnest(%s::text[], %s::text[]) AS k (account, record_id) "
    "JOIN activity a USING (account, record_id)"
)


def approvals_on_record(connection: Connection, known_at: int) -> tuple[list[Approval], TicketRule]:
    """The approvals that were imported up to a log position, in their order, and how tickets are found there."""
    found: list[Approval] = []
    rule = TicketRule()
    for event in EventLog.within(connection).read_types(_TYPES, known_at):
        body = event.body
        if isinstance(body, TicketRuleSet):
            rule = TicketRule(pattern=body.pattern, tags=tuple(body.tags))
        elif isinstance(body, ApprovalsImported):
            found += [
                Approval(
                    ticket=each.ticket, approved_by=each.approved_by, event=each.event, note=each.note,
                    approved_at=parse_instant(each.approved_at) if each.approved_at else None, position=event.position,
                )
                for each in body.approvals
            ]  # fmt: skip
    return list(dict.fromkeys(found)), rule


class TrailApprovals:
    """Reads what is on record once, and each event once. `history`: as known at the same position."""

    def __init__(self, connection: Connection, history: FactHistory) -> None:
        self._connection = connection
        self._history = history
        self._happenings = TrailHappenings(connection)
        approvals, self._rule = approvals_on_record(connection, history.known_at)
        self._on_record = ApprovalsOnRecord(approvals)
        self._told: dict[int, Approved] = {}

    def of_events(self, positions: Iterable[int]) -> Mapping[int, Approved]:
        """By position, for each that the log has."""
        wanted = list(dict.fromkeys(positions))
        fresh = [position for position in wanted if position not in self._told]
        events = self._happenings.events(fresh)
        there = [events[position] for position in fresh if position in events]
        identities = self._source_identities(there)
        for event in there:
            texts = (event.session, _session_of(event), identities.get(event.evidence, ""))
            change = ChangeMade(
                position=event.position, occurred_at=event.occurred_at, request_id=event.request_id,
                record_id=event.evidence.partition("/")[2], tickets=tickets_in(self._rule, texts, self._tags(event)),
            )  # fmt: skip
            self._told[event.position] = self._on_record.of(change)
        return {position: self._told[position] for position in wanted if position in self._told}

    def _tags(self, event: TrailEvent) -> Iterator[tuple[str, str]]:
        """The tags that what the event changed had then, those that the event itself gave included."""
        for key in dict.fromkeys(row[:3] for row in self._history.of_event(event.position)):
            for row in self._history.intervals_of(key):
                if row.attribute == attributes.TAG and row.valid_from <= event.occurred_at < row.valid_to:
                    yield row.item, str(row.value["value"])

    def _source_identities(self, events: Iterable[TrailEvent]) -> dict[str, str]:
        """The source identity (`sts:SourceIdentity`) in the record behind each event that has one, by evidence."""
        names = [each.evidence.partition("/") for each in events if each.source == "cloudtrail"]
        if not names:
            return {}
        columns = [account for account, _, _ in names], [record for _, _, record in names]
        lines, found = EvidenceLines(self._connection), {}
        for account, record_id, block, line in self._connection.execute(_RECORDS, columns).fetchall():
            raw = lines.line(block, line)
            if raw is not None and b"sourceIdentity" in raw:
                context = (read_json(raw).get("userIdentity") or {}).get("sessionContext") or {}
                found[f"{account}/{record_id}"] = str(context.get("sourceIdentity") or "")
        return found


def _session_of(event: TrailEvent) -> str:
    """The session's name in the ARN of the actor; '' where it is none."""
    return event.actor.rpartition("/")[2] if ":assumed-role/" in event.actor else ""

"""Every real call that succeeded is allowed by the engine, or the reason why it cannot be is known."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from erstwhile.api.database.database import Database
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.files import find_files
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.inputs.sources import identity_sources, unknowns
from erstwhile.domain.what_if.recorded_call import calls_of
from erstwhile.projections.activity import EvidenceLines

NEEDS_NO_PERMISSION = {"signin:ConsoleLogin"}


def not_known(directory: Directory, principal: str) -> bool:
    """Whether some policy of a user or role was never seen."""
    entity = directory.with_arn(principal)
    if entity is None or unknowns(directory, entity):
        return True
    return any(source.document is None for source in identity_sources(directory, entity))


def test_calls_that_succeeded_are_allowed_or_the_reason_is_known(database: Database, shared: Path) -> None:
    service, found = ReadingRuntime(database), Counter[str]()
    with database.connect() as connection:
        CloudTrailImporter(connection).import_files(find_files([shared / "cloudtrail"]))
        service.projector.catch_up()
        history, lines = service.history.facts(EventLog.within(connection).head()), EvidenceLines(connection)
        rows = connection.execute(
            "SELECT account, principal, block_id, line FROM activity WHERE error_code = '' ORDER BY occurred_at"
        ).fetchall()
        for account, principal, block, line in rows:
            raw = lines.line(block, line)
            assert raw is not None
            for call in calls_of(read_json(raw), account, ""):
                directory = directory_at(history, call.at)
                effects = {
                    authorize(directory, Request(
                        principal=call.principal, action=call.action, resource=resource,
                        resource_account=call.account, context=call.context, mode="discover",
                    )).effect for resource in call.resources
                }  # fmt: skip
                if effects == {"allow"}:
                    found["allowed"] += 1
                elif call.action in NEEDS_NO_PERMISSION:
                    found["needs no permission"] += 1
                else:
                    assert effects <= {"allow", "conditional"} and not_known(directory, principal), (call, effects)
                    found["policies not known"] += 1
    service.close()
    # Of 2,529 requests: who made most of them was there before the records, and with policies that no record shows.
    assert found == {"allowed": 15, "policies not known": 2_512, "needs no permission": 2}

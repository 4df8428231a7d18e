"""Stores reports that a later call fetches, from any process, until they expire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import orjson

from erstwhile.projections.sql import Connection

JOBS_LAST = timedelta(hours=24)
"""Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html"""
CREDENTIALS_LAST = timedelta(hours=4)
"""Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html"""


class Report(msgspec.Struct, frozen=True):
    content: Any
    created_at: datetime


def put(connection: Connection, report_id: str, account: str, kind: str, content: Any) -> None:
    """Stores a report in place of an earlier one with this id; deletes expired reports."""
    connection.execute("DELETE FROM report WHERE created_at < clock_timestamp() - %s", (JOBS_LAST,))
    connection.execute(
        "INSERT INTO report (report_id, account, kind, content) VALUES (%s, %s, %s, %s::jsonb) "
        "ON CONFLICT (report_id) DO UPDATE SET content = excluded.content, created_at = clock_timestamp()",
        (report_id, account, kind, orjson.dumps(content).decode()),
    )


def get(connection: Connection, report_id: str, account: str, kind: str) -> Report | None:
    row = connection.execute(
        "SELECT content::text, created_at FROM report WHERE report_id = %s AND account = %s AND kind = %s",
        (report_id, account, kind),
    ).fetchone()
    return None if row is None else Report(orjson.loads(row[0]), row[1])

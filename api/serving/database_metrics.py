"""The metrics of what all processes have in common: the log, its read models, the ledger, imports."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.api.serving.families import Family, gauge
from erstwhile.projections.history import NAME as HISTORY
from erstwhile.projections.sql import Connection
from erstwhile.projections.webhook_rows import figures

_LOG = (
    "SELECT coalesce((SELECT max(position) FROM event), 0), "
    f"coalesce((SELECT position FROM checkpoint WHERE projection = '{HISTORY}'), 0)"
)
_BEHIND = (
    "SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float8 FROM event WHERE position > %s "
    "ORDER BY position LIMIT 1"
)
_LEDGER = (
    "SELECT size, extract(epoch FROM clock_timestamp() - made_at)::float8 FROM ledger_checkpoint "
    "ORDER BY size DESC LIMIT 1"
)
_WEBHOOKS = (
    ("erstwhile_webhook_lag_events", "lag", "Events that a webhook was not sent yet."),
    ("erstwhile_webhook_attempts", "attempts", "How often a webhook's next message was sent in vain."),
    ("erstwhile_webhook_dead_letters", "dead_letters", "Messages to a webhook that were given up."),
)
_IMPORTS = "SELECT kind, count(*), coalesce(sum(records), 0)::bigint FROM imported_file GROUP BY kind ORDER BY kind"


def database_families(connection: Connection) -> Iterator[Family]:
    """Raises psycopg.Error."""
    [(head, projected)] = connection.execute(_LOG).fetchall()
    yield gauge("erstwhile_log_position", "The position of the log's last event.", [({}, float(head))])
    yield gauge("erstwhile_projector_lag_events", "Events that the read models do not have yet.",
                [({}, float(max(0, head - projected)))])  # fmt: skip
    waiting = connection.execute(_BEHIND, (projected,)).fetchone()
    yield gauge("erstwhile_projector_lag_seconds", "Seconds since the first of these events was recorded.",
                [({}, max(0.0, waiting[0]) if waiting else 0.0)])  # fmt: skip
    signed = connection.execute(_LEDGER).fetchone()
    if signed is not None:
        yield gauge("erstwhile_ledger_size", "Events under the last signed checkpoint.", [({}, float(signed[0]))])
        yield gauge("erstwhile_ledger_lag_events", "Events that no checkpoint has yet.",
                    [({}, float(max(0, head - signed[0])))])  # fmt: skip
        yield gauge("erstwhile_ledger_checkpoint_age_seconds", "Seconds since the last checkpoint was signed.",
                    [({}, max(0.0, signed[1]))])  # fmt: skip
    imports = connection.execute(_IMPORTS).fetchall()
    yield gauge("erstwhile_imported_files", "Files that were imported, by kind.",
                [({"kind": kind}, float(files)) for kind, files, _ in imports])  # fmt: skip
    yield gauge("erstwhile_imported_records", "Records of these files.",
                [({"kind": kind}, float(records)) for kind, _, records in imports])  # fmt: skip
    webhooks = figures(connection)
    for name, member, words in _WEBHOOKS:
        yield gauge(name, words, [({"webhook": each["name"]}, float(each[member])) for each in webhooks])

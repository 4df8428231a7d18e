"""The question: what an access key, session, principal or address could do and did, and whether it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from typing import Any

import msgspec

from erstwhile.api.asking.incident.about import about
from erstwhile.api.asking.incident.evidence import Evidence
from erstwhile.api.asking.incident.sections import SECTIONS, Report
from erstwhile.api.asking.moments import parse_as_of
from erstwhile.api.asking.over_time.ground import Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.sealed import sealed
from erstwhile.api.asking.over_time.spans import windows
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.problems import bad_request
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import within
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.account_records import Records
from erstwhile.projections.clock import now_at_least


class Incidents(Grounded):
    """Any thread may ask."""

    @contextmanager
    def incident(
        self, words: str, window: WindowWords, stop: Stop, as_of: str | None = None, wanted: Sequence[str] = ()
    ) -> Iterator[Pieces]:
        """The report about a window: its head at once, its sections one after another. `as_of`: the instant at which it
        is asked what still stands; now where none is given. `wanted`: these sections only. Raises Problem."""
        unknown = [each for each in wanted if each not in SECTIONS]
        if unknown:
            raise bad_request(
                "unknown_section", f"there is no section {unknown[0]!r}; there are: {', '.join(SECTIONS)}"
            )
        with self.ground(window, stop) as ground:
            found = about(ground, words)
            at = parse_as_of(ground.connection, as_of) or now_at_least(ground.connection)
            directory = directory_at(ground.history, at)
            accounts = [found.account] if found.account else directory.accounts()
            governed = [each for each in directory.accounts() if directory.mode(each) == "governed"]
            gaps = self.times_without_records(ground, directory, accounts[0]) if len(accounts) == 1 else []
            known = self.history.coverage.records.of(ground.connection, accounts, ground.window.known_at)
            head = head_of(ground, {
                "about": words, "kind": found.kind, "principal": found.principal, "unique_id": found.unique_id,
                "account": found.account, "as_of": format_instant(at),
                "generated_by": f"erstwhile {version('erstwhile')}",
                "coverage": [each.as_json for each in known],
                "without_records": windows(within(gaps, ground.window.begin, ground.window.end)),
            })  # fmt: skip
            cautions = _cautions(known, accounts, directory.mode, at)
            report = Report(Evidence(ground, found, at, governed), gaps, cautions)
            yield sealed(Pieces(
                head, "sections", (_told(each, stop) for each in report.sections(wanted)),
                lambda: {"notes": [*ground.window.notes, *cautions]},
            ))  # fmt: skip


def _cautions(
    known: Sequence[Records], accounts: list[str], mode: Callable[[str], str | None], at: datetime
) -> tuple[str, ...]:
    """What is not known of an instant, because records are missing."""
    notes = [note for each in known for note in each.notes(at, mode(each.account))]
    missing = [each for each in accounts if each not in {one.account for one in known}]
    notes += [f"no records of {each} are here" for each in missing if mode(each) != "governed"]
    return tuple(dict.fromkeys(notes))


def _told(section: msgspec.Struct, stop: Stop) -> dict[str, Any]:
    stop.check()
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(section))
    return told

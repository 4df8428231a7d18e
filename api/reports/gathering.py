"""From the words of a question to a report: which report, about which instant or window and which accounts, and all
that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from difflib import get_close_matches
from importlib.metadata import version

import msgspec

from erstwhile.api.asking.actions_and_resources import require_resource
from erstwhile.api.asking.moments import moment
from erstwhile.api.asking.over_time.ground import Grounded
from erstwhile.api.asking.over_time.stopping import Stop, stoppable
from erstwhile.api.asking.over_time.window import AskedWindow, asked_window
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import Problem, bad_request, not_found
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.exceptions.exception import exceptions_of
from erstwhile.domain.exceptions.exempted import ExemptedAt
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK, within
from erstwhile.domain.policy.knowledge.service_reference import data_version
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.catalogue import REPORTS
from erstwhile.domain.reports.kind import ReportKind
from erstwhile.domain.reports.report import AccountCoverage, Gap, Header, Report, options_of
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant
from erstwhile.projections.approvals import TrailApprovals
from erstwhile.projections.coverage import coverage_of, times_without_records
from erstwhile.projections.credential_uses import CredentialUses
from erstwhile.projections.happenings import TrailHappenings
from erstwhile.projections.reports.calls import ReportCalls
from erstwhile.projections.reports.recorded import recorded_at
from erstwhile.projections.reports.uses import RecordedUses
from erstwhile.projections.sessions_given import SessionsGiven
from erstwhile.projections.sql import Connection


class ReportWords(msgspec.Struct, frozen=True, kw_only=True):
    """A question as its caller wrote it. `options` by name; those of files have the files' contents."""

    as_of: str | None = None
    begin: str | None = None
    end: str | None = None
    known_at: str | None = None
    accounts: tuple[str, ...] = ()
    resource: str = ""
    options: Mapping[str, str] = {}


class _When(msgspec.Struct, frozen=True):
    """What a report is about in time. `begin` is None of an instant; `at` is the instant of its Directory."""

    at: datetime
    begin: datetime | None
    end: datetime
    position: int
    notes: tuple[str, ...] = ()


def report_kind(name: str) -> ReportKind:
    """The report of a name. Raises Problem 404, with the names that are like it."""
    found = REPORTS.get(name.strip().lower().replace("_", "-"))
    if found is None:
        close = get_close_matches(name.lower(), REPORTS, n=3, cutoff=0.5) or [each for each in REPORTS if name in each]
        meant = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(REPORTS)}"
        raise not_found("unknown_report", f"there is no report {name!r}; {meant}")
    return found


class Reports(Grounded):
    """Any thread may ask."""

    @contextmanager
    def report(
        self,
        name: str,
        words: ReportWords,
        stop: Stop,
        progress: Callable[[int, int], None] = lambda done, in_all: None,
    ) -> Iterator[Report]:
        """A report, whose rows may be read until the end of the block. `progress` is called by what takes long before
        there are rows. Raises Problem, MalformedInput."""
        kind = report_kind(name)
        _require_sense(kind, words)
        options = _options(kind, words.options)
        with self.history.connection() as connection, closing(TrailHappenings(connection)) as happenings:
            when = self._when(connection, kind, words)
            self.history.wait_for(connection, when.position)
            history = stoppable(self.history.facts(when.position), stop)
            directory = directory_at(history, when.at)
            accounts = _accounts(directory, kind, words.accounts)
            resource, notes = self._resource(directory, words.resource)
            coverage = self._coverage(connection, directory, accounts, when)
            if kind.needs_records:
                _require_records(when, coverage)
            known = Known(
                history=history, directory=directory, coverage={each.account: each for each in coverage},
                happenings=happenings,
                uses=RecordedUses(connection, when.at, when.position, {each.account: each for each in coverage}),
                approvals=TrailApprovals(connection, history),
                exceptions=ExemptedAt(exceptions_of(history), when.at),
                calls=ReportCalls(connection, when.position), sessions=SessionsGiven(connection, when.position),
                credential_uses=CredentialUses(connection, when.position),
            )  # fmt: skip
            asked = Asked(
                accounts=accounts, begin=when.begin, end=when.end, resource=resource, options=options, progress=progress
            )
            header = Header(
                report=kind.name, title=kind.title, question=kind.question,
                parameters=options_of(dict(options) | {"resource": resource}),
                as_of=when.at if when.begin is None else None, begin=when.begin,
                end=when.end if when.begin is not None else None,
                known_at=recorded_at(connection, when.position), position=when.position, accounts=accounts,
                coverage=coverage, notes=(*when.notes, *notes, *self._notes(connection, directory, accounts, when)),
                engine_version=version("erstwhile"), data_version=data_version(),
            )  # fmt: skip
            yield Report(header=header, sections=kind.make(asked, known))

    def _when(self, connection: Connection, kind: ReportKind, words: ReportWords) -> _When:
        """Raises Problem for an instant or window of which nothing is known."""
        if kind.about == "window":
            window: AskedWindow = asked_window(self.history, connection, words.begin, words.end, words.known_at)
            return _When(window.end - TICK, window.begin, window.end, window.known_at, window.notes)
        found = moment(connection, words.as_of, words.known_at)
        first = self.history.beginning.at(connection, found.known_at)
        if first is None:
            raise bad_request("nothing_known", "nothing is known yet: no records were imported, and no account is here")
        if found.as_of < first:
            raise bad_request(
                "nothing_known",
                f"nothing is known before {format_instant(first)}: a report as of {format_instant(found.as_of)} would "
                "be empty, whatever there was",
            )
        return _When(found.as_of, None, found.as_of, found.known_at)

    def _resource(self, directory: Directory, word: str) -> tuple[str, tuple[str, ...]]:
        if not word:
            return "", ()
        found = require_resource(directory, self.names, word, None)
        return found.resource, found.notes

    def _coverage(
        self, connection: Connection, directory: Directory, accounts: tuple[str, ...], when: _When
    ) -> tuple[AccountCoverage, ...]:
        known = self.history.coverage.records
        records = {each.account: each for each in known.of(connection, accounts, when.position)}
        found = []
        for account in accounts:
            mode, held = directory.mode(account) or "unknown", records.get(account)
            gaps: tuple[tuple[datetime, datetime], ...] = ()
            if mode == "observed":
                every = times_without_records(connection, account, when.position, self.history.coverage)
                begin = when.begin or (held.first if held is not None else BEFORE)
                gaps = within(every, begin, when.end)
            found.append(AccountCoverage(
                account=account, mode=mode, first_record=held.first if held is not None else None,
                last_record=held.last if held is not None else None, records=held.records if held is not None else 0,
                gaps=tuple(Gap(begin, end) for begin, end in gaps),
            ))  # fmt: skip
        return tuple(found)

    def _notes(
        self, connection: Connection, directory: Directory, accounts: tuple[str, ...], when: _When
    ) -> Iterator[str]:
        """What is not known, in words."""
        found = coverage_of(connection, directory, when.at, list(accounts), self.history.coverage)
        yield from found["notes"]
        for each in found["missing_documents"]:
            yield f"not known: {each}"
        hidden, in_all = found["principals_never_covered"], found["principals_never_covered_in_all"]
        for each in hidden:
            yield f"the policies of {each} were never seen"
        if in_all > len(hidden):
            yield f"the policies of {in_all - len(hidden)} more principals were never seen"


def _require_sense(kind: ReportKind, words: ReportWords) -> None:
    """Raises Problem for what a report cannot be asked."""
    if kind.about == "instant" and (words.begin or words.end):
        raise bad_request(
            "malformed_parameter", f"{kind.name} is about an instant: give as_of, and neither from nor to"
        )
    if kind.about == "window" and words.as_of:
        raise bad_request("malformed_parameter", f"{kind.name} is about a window: give from and to, and no as_of")
    if words.resource and not kind.takes_resource:
        raise bad_request("malformed_parameter", f"{kind.name} takes no resource")


def _options(kind: ReportKind, given: Mapping[str, str]) -> Mapping[str, str]:
    """Raises Problem for an option that the report does not have, and for a missing one."""
    known = {each.name: each for each in kind.options}
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise bad_request("unknown_option", f"{kind.name} has no option {name!r}; there are: {listed}")
    missing = [each.name for each in kind.options if each.is_required and not given.get(each.name)]
    if missing:
        raise bad_request("parameter_missing", f"{kind.name} needs the option {missing[0]}: {known[missing[0]].help}")
    return {name: given.get(name) or each.default for name, each in known.items()}


def _accounts(directory: Directory, kind: ReportKind, given: tuple[str, ...]) -> tuple[str, ...]:
    """In order, each once. Raises Problem 404 for one that is not known, 400 where one has to be said."""
    for each in given:
        require_account(directory, each)
    found = tuple(sorted(set(given))) or tuple(directory.accounts())
    if not found:
        raise Problem(404, "nothing_known", "no account is known at this instant")
    if kind.one_account and len(found) != 1:
        raise bad_request("parameter_missing", f"{kind.name} is about one account: say which of {', '.join(found)}")
    return found


def _require_records(when: _When, coverage: tuple[AccountCoverage, ...]) -> None:
    """Raises Problem for a window of which no record of any account tells: an empty report would look like one."""
    if when.begin is None or any(each.mode == "governed" for each in coverage):
        return
    if all(_covers(each, when.begin, when.end) for each in coverage):
        spans = [
            f"{each.account} from {format_instant(each.first_record)} to {format_instant(each.last_record)}"
            for each in coverage if each.first_record is not None and each.last_record is not None
        ]  # fmt: skip
        known = f"there are records of {'; '.join(spans)}" if spans else "no records were imported"
        raise Problem(
            422, "outside_coverage",
            f"no record tells of the time from {format_instant(when.begin)} to {format_instant(when.end)}: {known}",
        )  # fmt: skip


def _covers(each: AccountCoverage, begin: datetime, end: datetime) -> bool:
    """Whether the whole window is without records."""
    return any(gap.begin <= begin and end <= gap.end for gap in each.gaps) or each.first_record is None

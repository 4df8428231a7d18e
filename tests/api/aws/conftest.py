"""AWS's own clients against a server on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from tests.support.aws.recorded_answers import ANSWERED, gaps, reachable
from tests.support.aws.server import AwsServer

GAPS = pytest.StashKey[list[str] | None]()


@pytest.fixture
def aws(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    # What the tests say of AWS-managed policies is true without the package that ships them all, too.
    monkeypatch.setattr("erstwhile.api.imports.installed_catalogue.PACKAGE", "no_such_package")
    monkeypatch.setenv("ERSTWHILE_PRIVATE_ISSUERS", "localhost")  # where the tests' own issuers are
    server = AwsServer(database, tmp_path, monkeypatch)
    yield server
    server.close()


def is_whole(session: pytest.Session) -> bool:
    """Whether every test of this folder ran: only then can be said which answer never came."""
    here = Path(__file__).parent
    files = {item.path for item in session.items}
    selected = session.config.getoption("-k") or session.config.getoption("-m") or "::" in " ".join(session.config.args)
    stopped = session.shouldstop or session.shouldfail
    return not selected and not stopped and set(here.glob("test_*.py")) <= files


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A whole run fails where a documented error that can occur never came."""
    if session.config.getoption("collectonly"):
        return
    found = gaps(ANSWERED) if is_whole(session) else None
    session.config.stash[GAPS] = found
    if found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(GAPS, None)
    if GAPS not in config.stash:
        return
    terminalreporter.section("answers of AWS's protocol")
    if found is None:
        terminalreporter.line("not counted: only a part of its tests ran")
    elif found:
        for each in found:
            terminalreporter.line(each, red=True)
    else:
        terminalreporter.line(f"each of {len(reachable())} pairs of operation and documented answer came")

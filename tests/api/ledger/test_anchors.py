"""Anchors: what is written outside of the database, and what `verify --anchors` finds by it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

import psycopg
import pytest
from aiohttp import web

from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.http.server.listen import listening
from erstwhile.api.ledger.anchoring import AnchorThread, seconds_between
from erstwhile.api.ledger.anchors import Anchor, AnchorFailed, from_environment, read, write
from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.notes import KeyType
from erstwhile.domain.ledger.signing import Signer, signed
from erstwhile.projections.ledger.keeper import LedgerKeeper
from tests.support.program import erstwhile

LOG = Signer("audit.example/log", KeyType.ED25519, bytes([7] * 32))
NOTES = [signed(TreeHead("audit.example/log", size, bytes([size] * 32)), [LOG], 5) for size in (1, 20, 200)]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    return folder


@pytest.mark.parametrize("kind", ["file", "git"])
def test_what_was_anchored_is_read_again(kind: str, repository: Path) -> None:
    anchor = Anchor(kind, str(repository))
    assert list(read(Anchor("file", str(repository)))) == []
    for note in NOTES:
        assert write(anchor, note)
        assert not write(anchor, note)
    assert list(read(anchor)) == NOTES[::-1]


def test_a_commit_is_pushed(repository: Path, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
    for command in (("remote", "add", "origin", str(remote)), ("config", "push.autoSetupRemote", "true")):
        subprocess.run(["git", "-C", str(repository), *command], check=True)
    assert write(Anchor("git+push", str(repository)), NOTES[0])
    log = subprocess.run(["git", "-C", str(remote), "log", "--all", "--format=%s"], check=True, capture_output=True)
    assert log.stdout == b"Checkpoint of 1 events\n"
    remote.rename(tmp_path / "gone")
    with pytest.raises(AnchorFailed, match="git push: "):
        write(Anchor("git+push", str(repository)), NOTES[1])


async def test_a_webhook_gets_the_checkpoint() -> None:
    bodies: list[str] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.text())
        return web.Response(status=204 if request.query_string == "a=b" else 500)

    app = web.Application()
    app.router.add_post("/hook", take)
    async with listening(app, "127.0.0.1", 0) as url:
        assert await asyncio.to_thread(write, Anchor("webhook", f"{url}/hook?a=b"), NOTES[0])
        with pytest.raises(AnchorFailed, match="it answered 500"):
            await asyncio.to_thread(write, Anchor("webhook", f"{url}/hook"), NOTES[0])
    assert bodies == [str(NOTES[0])] * 2
    with pytest.raises(AnchorFailed, match="it cannot be asked"):
        await asyncio.to_thread(write, Anchor("webhook", f"{url}/hook"), NOTES[0])
    assert list(read(Anchor("webhook", url))) == []


def test_a_log_that_was_cut_off_is_found_by_its_anchors(story: Database, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    anchors = {"ERSTWHILE_LEDGER_ANCHORS": f"file:{tmp_path}/kept, git:{repository}"}
    home = {"ERSTWHILE_HOME": str(tmp_path / "home"), "ERSTWHILE_LEDGER_ORIGIN": "audit.example/log"}
    found = erstwhile(story, "ledger", "anchor", **home, **anchors)
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("the checkpoint of 37 events is at ") == 2
    (tmp_path / "ledger.pub").write_text(erstwhile(story, "ledger", "keys", **home).stdout)
    key = ("--key", str(tmp_path / "ledger.pub"))
    found = erstwhile(story, "verify", *key, "--anchors", **home, **anchors)
    assert (found.returncode, "2 anchored checkpoints" in found.stdout) == (0, True), found
    with psycopg.connect(story.owner_dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM event WHERE position > 30")
        connection.execute("DELETE FROM ledger_tile")
        connection.execute("DELETE FROM ledger_checkpoint")
        connection.execute("UPDATE checkpoint SET position = 0 WHERE projection = 'ledger'")
    erstwhile(story, "ledger", "checkpoint", **home)
    assert erstwhile(story, "verify", *key, **home).returncode == 0
    found = erstwhile(story, "verify", *key, "--anchors", **home, **anchors)
    assert found.returncode == 1
    assert found.stdout.startswith("NOT VERIFIED: truncated at position 31"), found.stdout
    found = erstwhile(story, "verify", "--anchors", **home)
    assert (found.returncode, "ERSTWHILE_LEDGER_ANCHORS names none" in found.stderr) == (2, True)


def goes_well(thread: AnchorThread) -> bool:
    """One round."""
    thread.attempt()
    return thread.failure is None


def test_the_thread_anchors_each_checkpoint_once(story: Database, tmp_path: Path) -> None:
    keeper = LedgerKeeper(story.connect, "audit.example/log", [LOG], lambda: 5)
    thread = AnchorThread([Anchor("file", str(tmp_path)), Anchor("file", str(tmp_path / "no"))], 3600, story.connect)
    other = AnchorThread([Anchor("file", str(tmp_path))], 3600, story.connect)
    assert goes_well(thread) and not list(tmp_path.iterdir())
    assert keeper.catch_up() == 37
    assert goes_well(other) and not list(tmp_path.iterdir())  # the first one holds the lock
    assert not goes_well(thread) and "1 of 2 anchors take no checkpoint" in str(thread.failure)
    assert [str(anchor) for anchor, _ in thread.failures] == [f"file:{tmp_path}/no"]
    (tmp_path / "no").mkdir()
    assert goes_well(thread) and thread.failures == []
    assert [parse_head(note.text).size for note in read(Anchor("file", str(tmp_path / "no")))] == [37]
    for each in (thread, other, keeper):
        each.close()


def test_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERSTWHILE_LEDGER_ANCHORS", "file:/a, git+push:/b\nhttps://c.example/hook?x=1")
    assert list(map(str, from_environment())) == ["file:/a", "git+push:/b", "https://c.example/hook?x=1"]
    for text in ("x", "file:relative", "ftp://x", "https://", "https://u@x", "file:"):
        monkeypatch.setenv("ERSTWHILE_LEDGER_ANCHORS", text)
        with pytest.raises(MalformedSetting, match=re.escape(f"not {text!r}")):
            from_environment()
    assert seconds_between() == 3600
    monkeypatch.setenv("ERSTWHILE_LEDGER_ANCHOR_EVERY", "soon")
    with pytest.raises(MalformedSetting, match="a whole number of seconds"):
        seconds_between()

"""A log and its witnesses, on real sockets: what is cosigned, what is not, and what a witness remembers."""

from __future__ import annotations

import asyncio
import re
import stat
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from aiohttp import web

from erstwhile.api.cli.ledger import verify as _verify  # noqa: F401 - the command is there
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.http.server.listen import listening
from erstwhile.api.ledger.witness import Witness
from erstwhile.api.ledger.witness_policy import witness_policy
from erstwhile.api.ledger.witness_server import make_app
from erstwhile.api.ledger.witnesses import WitnessAddress, WitnessThread, from_environment
from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.notes import KeyType, parse_signatures
from erstwhile.domain.ledger.signing import Signer, signed, signed_at, verified
from erstwhile.domain.ledger.witnessing import AddCheckpoint, Refused
from erstwhile.projections.ledger.cosigning import witness_states
from erstwhile.projections.ledger.keeper import LedgerKeeper, latest
from tests.support.databases import Server
from tests.support.program import erstwhile

ORIGIN = "audit.example/log"
LOG = Signer(ORIGIN, KeyType.ED25519, bytes([7] * 32))


@pytest.fixture
def log(embedded_server: Server, story_to_copy: Database) -> Iterator[Database]:
    """The demonstration's story, signed."""
    database = embedded_server.fresh(like=story_to_copy)
    keep(database)
    yield database
    embedded_server.drop(database)


def keep(database: Database) -> None:
    keeper = LedgerKeeper(database.connect, ORIGIN, [LOG], lambda: 1_700_000_000)
    keeper.catch_up()
    keeper.close()


def witness(folder: Path, name: str | None = "witness.example/w1") -> Witness:
    return Witness(folder, name, [LOG.key], lambda: 1_700_000_000)


def served(found: Witness) -> AbstractAsyncContextManager[str]:
    return listening(make_app(found), "127.0.0.1", 0)


async def goes_well(thread: WitnessThread) -> bool:
    """One round."""
    await asyncio.to_thread(thread.attempt)
    return thread.failure is None


async def test_a_log_is_witnessed(log: Database, tmp_path: Path) -> None:
    first, second = witness(tmp_path / "1"), witness(tmp_path / "2", "witness.example/w2")
    async with served(first) as here, served(second) as there:
        addresses = [WitnessAddress(url, tuple(each.keys)) for url, each in ((here, first), (there, second))]
        threads = [WitnessThread(address, log.connect) for address in addresses]
        for thread in threads:
            assert await goes_well(thread), thread.failure
        with log.connect() as connection:
            note = latest(connection)
            assert note is not None
            assert verified(note, [LOG.key, *first.keys, *second.keys]) == [LOG.key, *first.keys, *second.keys]
            assert {signed_at(each, key) for each, key in zip(note.signatures[1:3], first.keys, strict=True)} == {
                1_700_000_000
            }
            size = parse_head(note.text).size
            assert [(each.cosigned, each.failures) for each in witness_states(connection)] == [(size, 0)] * 2
            assert witness_policy([*first.keys, *second.keys], None).of_log(connection, size).names == (
                "witness.example/w1", "witness.example/w2",
            )  # fmt: skip
            stranger = Signer("witness.example/w3", KeyType.ED25519_COSIGNATURE, bytes(32)).key
            assert witness_policy([stranger, *first.keys], 1).of_log(connection, size).size == size
            assert "cosigned by 2 of the 2" in witness_policy([stranger, *first.keys], None).of_note(note).why

        # The log goes on; a process that starts anew is told where the witness is, and asks from there.
        grown = erstwhile(log, "account", "create", "777788889999")
        assert grown.returncode == 0, grown.stderr
        keep(log)
        again = WitnessThread(addresses[0], log.connect)
        for thread in threads:
            thread.close()
        assert await goes_well(again), again.failure
        with log.connect() as connection:
            assert witness_states(connection)[0].cosigned > size
        again.close()

        (tmp_path / "keys").write_text(f"{LOG.key}\n")
        (tmp_path / "w1").write_text("".join(f"{key}\n" for key in first.keys))
        found = erstwhile(log, "verify", "--key", str(tmp_path / "keys"), "--witness", str(tmp_path / "w1"))
        assert (found.returncode, "witnessed: witness.example/w1 (1 of 1, 1 needed)" in found.stdout) == (0, True), (
            found
        )
        more = ("--witness", str(stranger), "--json")
        found = erstwhile(log, "verify", "--key", str(tmp_path / "keys"), "--witness", str(tmp_path / "w1"), *more)
        assert (found.returncode, '"verified": false' in found.stdout) == (1, True), found
        found = erstwhile(log, "ledger", "witnesses")
        assert re.search(r"witness\.example/w1 \(http.*\): cosigned the events 1 to ", found.stdout), found
        found = erstwhile(log, "verify", "--quorum", "2", "--witness", str(tmp_path / "w1"))
        assert found.returncode in (1, 2) and "--quorum 2 of 1 witnesses cannot be" in found.stderr
    first.close()
    second.close()


async def test_a_witness_that_fails_stops_nobody_and_is_counted(log: Database, tmp_path: Path) -> None:
    other = Signer("witness.example/w1", KeyType.ED25519_COSIGNATURE, bytes([3] * 32))
    answers: list[web.Response] = []

    async def add_checkpoint(_request: web.Request) -> web.Response:
        return answers.pop(0)

    app = web.Application()
    app.router.add_post("/add-checkpoint", add_checkpoint)
    with log.connect() as connection:
        note = latest(connection)
    assert note is not None
    ours = parse_head(note.text)
    spoiled = other.sign(TreeHead(ORIGIN, 3, bytes(32)), 5)
    tomorrow = other.sign(ours, 4_000_000_000)
    large = ours.size + 1
    async with listening(app, "127.0.0.1", 0) as url:
        thread = WitnessThread(WitnessAddress(url, (other.key,)), log.connect)
        for count, (answer, why) in enumerate(
            [
                (web.Response(status=500, text="no"), "it answered 500: no"),
                (web.Response(text="x" * 70_000), "more than 65,536 bytes"),
                (web.Response(text="hello\n"), "no cosignature"),
                (web.Response(text=str(spoiled)), "does not verify"),
                (web.Response(text=str(LOG.sign(ours, 5))), "none of its signatures"),
                (web.Response(text=str(tomorrow)), "a time that has not come"),
                (web.Response(status=409, text="x\n"), "without the size"),
                (web.Response(status=409, text=f"{large}\n"), f"it has cosigned a tree of {large} events"),
                (web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), "it answered 302"),
            ],
            1,
        ):
            answers[:] = [answer]
            assert not await goes_well(thread)
            assert (why in str(thread.failure), thread.failures) == (True, count), thread.failure
        answers[:] = [web.Response(status=409, text=f"{ours.size}\n")] * 2
        answers[1] = web.Response(status=409, text=f"{ours.size}\n")
        assert not await goes_well(thread)
        assert "two histories" in str(thread.failure)
    assert not await goes_well(thread)
    thread.close()
    assert "it cannot be asked" in str(thread.failure)
    with log.connect() as connection:
        [state] = witness_states(connection)
        assert (state.failures, state.cosigned, "cannot be asked" in state.failure) == (11, 0, True)
        assert latest(connection) == note


def request(size: int, root: bytes, old: int = 0, proof: tuple[bytes, ...] = ()) -> AddCheckpoint:
    return AddCheckpoint(old, proof, signed(TreeHead(ORIGIN, size, root), [LOG], 5))


def test_a_witness_remembers_and_never_signs_two_histories(tmp_path: Path) -> None:
    first = witness(tmp_path)
    assert stat.S_IMODE((tmp_path / "witness.key").stat().st_mode) == 0o600
    lines = first.add(request(5, bytes([1] * 32)))
    assert [each.name for each in parse_signatures(lines)] == ["witness.example/w1"] * 2
    with pytest.raises(MalformedSetting, match="another witness runs in"):
        witness(tmp_path)
    first.close()
    again = witness(tmp_path, None)
    assert again.keys == first.keys
    for asked in (request(5, bytes([2] * 32)), request(5, bytes([2] * 32), 5), request(7, bytes([2] * 32), 5)):
        with pytest.raises(Refused):
            again.add(asked)
    assert parse_signatures(again.add(request(5, bytes([1] * 32), 5)))
    again.close()


def test_a_witness_that_lost_what_it_cosigned_does_not_go_on(tmp_path: Path) -> None:
    first = witness(tmp_path)
    first.add(request(5, bytes([1] * 32)))
    first.close()
    kept = tmp_path / "cosigned.json"
    whole = kept.read_bytes()
    kept.write_bytes(whole[:40])
    with pytest.raises(MalformedSetting, match="without what it cosigned last, a witness must not sign"):
        witness(tmp_path)
    kept.unlink()
    with pytest.raises(MalformedSetting, match="has lost what was cosigned"):
        witness(tmp_path)
    kept.write_bytes(whole)
    (tmp_path / "witness.key").unlink()
    with pytest.raises(MalformedSetting, match=r"has checkpoints that were cosigned, and no witness\.key"):
        witness(tmp_path)
    for name in (None, "a b", "a+b"):
        with pytest.raises(MalformedSetting, match="name"):
            witness(tmp_path / "new", name)


def test_what_is_on_the_disk_comes_before_the_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = witness(tmp_path)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("erstwhile.api.ledger.witness.replace", full)
    with pytest.raises(OSError, match="No space"):
        found.add(request(5, bytes([1] * 32)))
    monkeypatch.undo()
    found.add(request(4, bytes([2] * 32)))  # nothing was signed before
    found.close()


def test_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [Signer("w.example/1", kind, bytes(32)).key for kind in (KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44_COSIGNATURE)]  # fmt: skip # noqa: E501
    monkeypatch.setenv("ERSTWHILE_WITNESSES", f"{keys[0]} https://w.example/log/,\n{keys[1]} https://w.example/log\n")
    assert from_environment() == [WitnessAddress("https://w.example/log", tuple(keys))]
    for text, words in (
        ("x", "expected a key and a URL"),
        ("a+b+c https://w", "the key of a"),
        (f"{keys[0]} ftp://w.example", "is no http or https URL"),
        (f"{keys[0]} https://user@w.example", "is no http or https URL"),
        (f"{keys[0]} https://w.example:99999", "is no http or https URL"),
    ):
        monkeypatch.setenv("ERSTWHILE_WITNESSES", text)
        with pytest.raises(MalformedSetting, match=re.escape(words)):
            from_environment()

"""The ledger over HTTP, read by a client that is written from the specifications alone (C2SP tlog-checkpoint,
tlog-tiles, tlog-proof; RFC 6962): it uses nothing of ours but the answers."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from erstwhile.api.database.database import Database
from erstwhile.api.ledger.keeping import LedgerThread
from erstwhile.api.ledger.keys import new_pair
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.ledger.keeper import LedgerKeeper
from tests.support.http import Client, serving
from tests.support.program import erstwhile


@pytest.fixture
async def client(story: Database) -> AsyncIterator[Client]:
    """A server that has signed the demonstration's story."""
    signers = new_pair("audit.example/log")
    async with serving(story) as client:
        keeper = LedgerKeeper(story.connect, "audit.example/log", signers, lambda: 1_700_000_000)
        await asyncio.to_thread(keeper.catch_up)
        keeper.close()
        yield client


def root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\x01" + root(hashes[:half]) + root(hashes[half:])).digest()


async def raw(client: Client, path: str) -> tuple[int, str, bytes]:
    async with client.session.get(f"{client.base}/v1/ledger/{path}") as answer:
        return answer.status, answer.headers["Content-Type"], await answer.read()


async def test_a_reader_of_the_specification_reads_the_log(client: Client) -> None:
    status, kind, note = await raw(client, "checkpoint")
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    text, _, signatures = note.decode().partition("\n\n")
    origin, size_text, root_text = text.split("\n")
    size = int(size_text)
    assert 1 < size < 256

    status, listed = await client.get("/v1/ledger/keys")
    [ed25519] = [key for key in listed["keys"] if base64.b64decode(key.split("+", 2)[2])[0] == 1]
    name, key_id, material = ed25519.split("+", 2)
    public = base64.b64decode(material)
    assert sha256(name.encode() + b"\n" + public).digest()[:4].hex() == key_id
    [line] = [each for each in signatures.splitlines() if base64.b64decode(each.split(" ")[2])[:4].hex() == key_id]
    assert line.startswith(f"— {origin} ")
    signature = base64.b64decode(line.split(" ")[2])[4:]
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, (text + "\n").encode())

    status, kind, tile = await raw(client, f"tile/0/000.p/{size}")
    assert (status, kind, len(tile)) == (200, "application/octet-stream", 32 * size)
    leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    assert base64.b64encode(root(leaves)).decode() == root_text

    status, kind, bundle = await raw(client, f"tile/entries/000.p/{size}")
    entries = []
    while bundle:
        [length] = struct.unpack(">H", bundle[:2])
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert [sha256(b"\x00" + entry).digest() for entry in entries] == leaves

    status, kind, receipt = await raw(client, "receipts/3")
    head, extra, index, *proof = receipt.decode().partition("\n\n")[0].split("\n")
    assert (head, index) == ("c2sp.org/tlog-proof@v1", "index 2")
    assert sha256(base64.b64decode(extra.removeprefix("extra "))).digest() == entries[2]
    assert base64.b64decode(proof[0]) == leaves[3]
    assert receipt.endswith(note)

    status, told = await client.get(f"/v1/ledger/consistency?old=1&new={size}")
    assert (status, told["old"], told["new"]) == (200, 1, size)
    assert base64.b64decode(told["proof"][0]) == leaves[1]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("tile/0/001", 404, "unknown_tile"),
        ("tile/0/000.p/255", 404, "unknown_tile"),
        ("tile/64/000", 400, "malformed_level"),
        ("tile/0/x000/000", 400, "malformed_tile"),
        ("tile/entries/000.p/300", 400, "malformed_tile"),
        ("tile/entries/009", 404, "unknown_tile"),
        ("receipts/0", 400, "malformed_position"),
        ("receipts/99999", 404, "not_proven"),
        ("receipts/%C2%B2", 400, "malformed_position"),
        ("consistency?old=5&new=1", 404, "not_proven"),
        ("consistency?old=x&new=1", 400, "malformed_old"),
        ("answers/can?principal=nobody&action=s3:GetObject&resource=*", 404, "unknown_principal"),
        ("answers/can?principal=grace&action=s3:GetObject", 400, "parameter_missing"),
        ("answers/who-can?action=x&resource=*", 400, "malformed_action"),
        ("consistency?new=1", 400, "malformed_old"),
        ("checkpoint?x=1", 400, "unknown_parameter"),
    ],
)
async def test_what_is_not_there_and_what_is_malformed(client: Client, path: str, status: int, code: str) -> None:
    found, told = await client.get(f"/v1/ledger/{path}")
    assert (found, told["type"]) == (status, f"urn:erstwhile:problem:{code}"), told


async def test_an_answer_with_its_proof_is_verified_offline(client: Client, tmp_path: Path) -> None:
    status, listed = await client.get("/v1/ledger/keys")
    (tmp_path / "keys").write_text("\n".join(listed["keys"]))
    for question, again in (
        (
            "can?principal=build-bot&action=s3:GetObject&resource=arn:aws:s3:::payroll/x&as_of=2026-03-03T14:20:00Z",
            "allow",
        ),
        ("who-can?action=s3:GetObject&resource=arn:aws:s3:::payroll/x", None),
    ):
        status, _, body = await raw(client, f"answers/{question}")
        assert status == 200, body
        (tmp_path / "answer.json").write_bytes(body)
        found = await asyncio.to_thread(
            erstwhile, None, "verify", str(tmp_path / "answer.json"), "--key", str(tmp_path / "keys"), "--json"
        )
        told = orjson.loads(found.stdout)
        assert (told["verified"], told["decided_again"], told["events"] > 0) == (True, again, True), told


async def test_nothing_is_signed_before_something_was(database: Database) -> None:
    async with serving(database) as client:
        status, told = await client.get("/v1/ledger/checkpoint")
        assert (status, told["type"]) == (404, "urn:erstwhile:problem:nothing_signed")
        assert await client.get("/v1/ledger/keys") == (200, {"keys": []})


async def test_the_ledger_needs_a_token(client: Client) -> None:
    async with client.session.get(f"{client.base}/v1/ledger/keys", headers={"Authorization": ""}) as answer:
        assert answer.status == 401


def test_the_thread_signs_what_came_before_it_ends(story: Database) -> None:
    signers = new_pair("audit.example/log")
    keeper = LedgerKeeper(story.connect, "audit.example/log", signers, lambda: 5)
    with story.connect() as connection:
        head = EventLog.within(connection).head()
        thread = LedgerThread(keeper, lambda: head)
        thread.start()
        thread.close()
        rows = connection.execute("SELECT size FROM ledger_checkpoint").fetchall()
    assert (thread.failure, rows) == (None, [(head,)])

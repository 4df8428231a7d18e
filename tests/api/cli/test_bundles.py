"""Bundles: written, verified offline, verified by hand with hashes alone, and every alteration of one is found."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.ledger.bundle_check import MalformedBundle, verify_bundle
from erstwhile.api.ledger.keys import read_public
from tests.support.program import erstwhile

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, story_to_copy: Database, request: pytest.FixtureRequest) -> Path:
    """A bundle of a part of the demonstration's story, and the public keys."""
    server = request.getfixturevalue("embedded_server")
    story = server.fresh(like=story_to_copy)
    folder = tmp_path_factory.mktemp("bundles")
    home = {"ERSTWHILE_HOME": str(folder / "home"), "ERSTWHILE_LEDGER_ORIGIN": "audit.example/log"}

    def run(*arguments: str) -> str:
        found = erstwhile(story, *arguments, **home)
        assert found.returncode == 0, found.stderr
        return found.stdout

    for name in ("part", "again"):
        run("export", "bundle", str(folder / f"{name}.zip"), "--from", "2026-03-03 14:00", "--to", "2026-03-04",
            "--known-at", "36")  # fmt: skip
    run("export", "bundle", str(folder / "all.zip"))
    run("export", "bundle", str(folder / "bot.zip"), "--principal", "build-bot")
    (folder / "report.json").write_text(run("report", "coverage", "--output", "json"))
    run("export", "bundle", str(folder / "report.zip"), "--report", str(folder / "report.json"))
    (folder / "ledger.pub").write_text(run("ledger", "keys"))
    elsewhere = ("export", "bundle", str(folder / "elsewhere.zip"))
    found = erstwhile(story, *elsewhere, ERSTWHILE_HOME=str(folder / "no-keys"))
    assert found.returncode == 0, found.stderr  # all of it is signed: whoever may read it needs no key
    assert not (folder / "no-keys" / "ledger.key").exists()
    server.drop(story)
    return folder


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, files: Files, with_manifest: bool = True) -> Path:
    """A bundle by somebody who knows how they are made: the manifest fits, too."""
    if with_manifest:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
            if name != "manifest.json"
        ]
        files = files | {"manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("name", ["part", "all", "bot", "report", "elsewhere"])
def test_a_bundle_is_verified_offline(folder: Path, name: str) -> None:
    found = erstwhile(None, "verify", str(folder / f"{name}.zip"), "--key", str(folder / "ledger.pub"), "--json")
    told = orjson.loads(found.stdout)
    assert (found.returncode, told["verified"], told["signers"]) == (0, True, ["audit.example/log"]), told
    files = files_of(folder / f"{name}.zip")
    assert told["events"] == len(files["events.ndjson"].splitlines()) > 0
    assert told["details"] == len(files["details.ndjson"].splitlines())


def test_what_was_selected_is_in_it(folder: Path) -> None:
    part, bot, whole = (files_of(folder / f"{name}.zip") for name in ("part", "bot", "all"))
    events = [json.loads(line) for line in part["events.ndjson"].splitlines()]
    assert events and all("2026-03-03T14" <= each["occurred_at"] < "2026-03-04" for each in events)
    assert json.loads(part["manifest.json"])["question"]["from"] == "2026-03-03T14:00:00Z"
    assert set(bot["events.ndjson"].splitlines()) < set(whole["events.ndjson"].splitlines())
    assert all(b"build-bot" in line for line in bot["events.ndjson"].splitlines())
    records = {json.loads(line)["evidence"] for line in part["evidence.ndjson"].splitlines()}
    assert records == {each["data"]["evidence"] for each in events if "/" in each["data"].get("evidence", "")}
    assert (folder / "report.json").read_bytes() == files_of(folder / "report.zip")["report.json"]


def test_the_same_question_gives_the_same_bytes(folder: Path) -> None:
    assert (folder / "part.zip").read_bytes() == (folder / "again.zip").read_bytes()


@pytest.mark.parametrize("name", ["part", "all", "bot"])
def test_the_steps_of_the_readme_by_hand(folder: Path, name: str) -> None:
    """As README.txt says it, with nothing but a reader of ZIP and JSON, and SHA-256."""
    files = files_of(folder / f"{name}.zip")
    sha256 = hashlib.sha256
    lines = [json.loads(line) for line in files["tree.ndjson"].splitlines()]
    events = files["events.ndjson"].split(b"\n")[:-1]
    positions = [each["position"] for each in lines if "position" in each]
    for event, each in zip(events, [each for each in lines if "position" in each], strict=True):
        assert sha256(b"\x00" + sha256(event).digest()).hexdigest() == each["leaf"]

    parts: list[tuple[int, int, bytes]] = []
    for each in lines:
        if "position" in each:
            parts.append((0, each["position"] - 1, bytes.fromhex(each["leaf"])))
        else:
            parts.append((each["level"], each["index"], bytes.fromhex(each["hash"])))
        while len(parts) > 1 and parts[-1][0] == parts[-2][0] and parts[-1][1] % 2 == 1:
            (level, index, right), (_, _, left) = parts.pop(), parts.pop()
            parts.append((level + 1, index // 2, sha256(b"\x01" + left + right).digest()))
    while len(parts) > 1:
        (_, _, right), (level, index, left) = parts.pop(), parts.pop()
        parts.append((level + 1, index // 2, sha256(b"\x01" + left + right).digest()))
    _, size, root = files["checkpoint"].decode().split("\n")[:3]
    assert base64.b64encode(parts[0][2]).decode() == root
    assert sum(2 ** each.get("level", 0) for each in lines) == int(size)

    by_position = {position: json.loads(event) for position, event in zip(positions, events, strict=True)}
    for line in files["details.ndjson"].splitlines():
        given = json.loads(line)
        salted = bytes.fromhex(given["salt"]) + given["details"].encode()
        assert sha256(salted).hexdigest() == by_position[given["position"]]["data"]["details_sha256"]

    for listed in json.loads(files["manifest.json"])["files"]:
        assert sha256(files[listed["name"]]).hexdigest() == listed["sha256"]


def lines_of(files: Files, name: str) -> list[bytes]:
    return files[name].split(b"\n")[:-1]


def with_lines(files: Files, name: str, lines: list[bytes]) -> Files:
    return files | {name: b"".join(line + b"\n" for line in lines)}


def _changed(files: Files) -> Files:
    lines = lines_of(files, "events.ndjson")
    lines[3] = lines[3].replace(b'"type":"', b'"type":"x')
    return with_lines(files, "events.ndjson", lines)


def _swapped(files: Files) -> Files:
    lines = lines_of(files, "events.ndjson")
    lines[2], lines[5] = lines[5], lines[2]
    return with_lines(files, "events.ndjson", lines)


def _dropped(files: Files) -> Files:
    lines = lines_of(files, "events.ndjson")
    return with_lines(files, "events.ndjson", [*lines[:4], *lines[5:]])


def _cut(files: Files) -> Files:
    return with_lines(files, "events.ndjson", lines_of(files, "events.ndjson")[:-2])


def _added(files: Files) -> Files:
    lines = lines_of(files, "events.ndjson")
    return with_lines(files, "events.ndjson", [*lines, lines[0]])


def _other_leaf(files: Files) -> Files:
    """The event and its leaf are made to fit each other."""
    lines, tree = lines_of(files, "events.ndjson"), lines_of(files, "tree.ndjson")
    lines[0] = lines[0].replace(b'"type":"', b'"type":"x')
    leaf = hashlib.sha256(b"\x00" + hashlib.sha256(lines[0]).digest()).hexdigest()
    at = next(number for number, line in enumerate(tree) if b"position" in line)
    tree[at] = json.dumps(json.loads(tree[at]) | {"leaf": leaf}).encode()
    return with_lines(with_lines(files, "events.ndjson", lines), "tree.ndjson", tree)


def _other_details(files: Files) -> Files:
    return files | {"details.ndjson": files["details.ndjson"].replace(b"203.0.113", b"203.0.114")}


def _other_root(files: Files) -> Files:
    return files | {"checkpoint": files["checkpoint"].replace(b"audit.example/log\n", b"audit.example/lag\n", 1)}


ALTERED: list[tuple[Callable[[Files], Files], str, int | None]] = [
    (_changed, "changed", 4),
    (_swapped, "reordered", 3),
    (_dropped, "deleted", 5),
    (_cut, "truncated", None),
    (_added, "inserted", None),
    (_other_leaf, "tree changed", None),
    (_other_details, "details changed", None),
    (_other_root, "re-signed", None),
]


@pytest.mark.parametrize(("alter", "kind", "place"), ALTERED)
def test_an_altered_bundle_is_found(
    folder: Path, tmp_path: Path, alter: Callable[[Files], Files], kind: str, place: int | None
) -> None:
    files = files_of(folder / "all.zip")
    altered = alter(files)
    assert altered != files
    verdict = verify_bundle(write(tmp_path / "b.zip", altered), read_public(folder / "ledger.pub"))
    assert verdict.problem and verdict.kind == kind, verdict
    assert place is None or verdict.position == place


def test_files_that_the_manifest_does_not_know(folder: Path, tmp_path: Path) -> None:
    keys, files = read_public(folder / "ledger.pub"), files_of(folder / "all.zip")
    for altered, words in (
        (files | {"more.txt": b"x"}, "more.txt is in no manifest"),
        ({name: data for name, data in files.items() if name != "evidence.ndjson"}, "evidence.ndjson is missing"),
        (files | {"evidence.ndjson": files["evidence.ndjson"][:-1] + b" "}, "evidence.ndjson is not the file"),
    ):
        verdict = verify_bundle(write(tmp_path / "b.zip", altered, with_manifest=False), keys)
        assert words in verdict.problem and verdict.kind == "files changed"


def test_hostile_files_are_refused(folder: Path, tmp_path: Path) -> None:
    keys, files = read_public(folder / "ledger.pub"), files_of(folder / "all.zip")
    bomb = files | {"events.ndjson": bytes(200_000_000)}
    path = write(tmp_path / "bomb.zip", bomb)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(MalformedBundle, match="a line of more than"):
        verify_bundle(path, keys)
    long = write(tmp_path / "long.zip", files | {"events.ndjson": b"{}\n" * 1_000_000}, with_manifest=False)
    assert verify_bundle(long, keys).kind in ("inserted", "changed", "deleted", "truncated")
    write(tmp_path / "slip.zip", files | {"../../slipped": b"x"})
    assert not verify_bundle(tmp_path / "slip.zip", keys).problem  # a name is nothing but a name: nothing is unpacked
    assert not list(tmp_path.parent.rglob("slipped"))
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("manifest.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("manifest.json", b"{}")
    (tmp_path / "none.zip").write_bytes(b"PK\x03\x04nothing")
    (tmp_path / "cut.zip").write_bytes((folder / "all.zip").read_bytes()[:-2000])
    damaged = bytearray((folder / "all.zip").read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(damaged)
    write(tmp_path / "other.zip", {"a.txt": b"x"}, with_manifest=False)
    write(tmp_path / "lines.zip", files | {"tree.ndjson": b"{\n"})
    for name in ("twice", "none", "cut", "other", "lines", "damaged"):
        found = erstwhile(None, "verify", str(tmp_path / f"{name}.zip"), "--key", str(folder / "ledger.pub"))
        assert found.returncode == (1 if name == "damaged" and not found.stderr else 2), (name, found)
        assert "Traceback" not in found.stderr


def test_words_that_mean_nothing(folder: Path, story_to_read: Database, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_text("mine")
    (tmp_path / "report.json").write_text("{}")
    for words, told in (
        (("there.zip",), "is there already: --force replaces it"),
        (("b.zip", "--from", "2026-03-04", "--to", "2026-03-03"), "--from is not before --to"),
        (("b.zip", "--principal", "nobody-of-this-name"), "nobody-of-this-name"),
        (("b.zip", "--known-at", "99999"), "beyond the head"),
        (("b.zip", "--report", str(tmp_path / "report.json")), "is no report in JSON"),
        (("b.zip", "--report", "x.json", "--account", "1"), "give no other selection with it"),
        (("no/b.zip",), "cannot be written"),
    ):
        found = erstwhile(story_to_read, "export", "bundle", str(tmp_path / words[0]), *words[1:])
        assert found.returncode in (1, 2) and told in found.stderr and "Traceback" not in found.stderr, found.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["report.json", "there.zip"]

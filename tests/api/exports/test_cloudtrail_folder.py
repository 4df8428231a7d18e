"""Folders as CloudTrail delivers them: names, days, digests that AWS's own command line verifies, all or nothing."""

from __future__ import annotations

import gzip
import resource
import signal
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from erstwhile.api.exports import cloudtrail_folder
from erstwhile.api.exports.cloudtrail_folder import PUBLIC_KEYS, NotEmpty, TrailFolder, new_folder
from erstwhile.api.exports.digest_key import DigestKey, read_digest_key
from erstwhile.domain.observed.cloudtrail.digest_files import State, check, parse_digest, parse_public_keys
from erstwhile.projections.trail_export import FiledRecord
from tests.support.aws_digest_validator import Signed, validated

ACCOUNT = "111122223333"
BEGIN = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> DigestKey:
    return read_digest_key(tmp_path_factory.mktemp("home"))


def records(count: int = 5) -> Iterator[FiledRecord]:
    """One an hour, over midnight, in two regions."""
    for number in range(count):
        region = "eu-west-1" if number % 2 else "us-east-1"
        yield FiledRecord(
            ACCOUNT, region, BEGIN + timedelta(hours=number), orjson.dumps({"eventID": f"e{number}", "text": "x" * 500})
        )


def written(folder: Path, key: DigestKey, count: int = 5) -> TrailFolder:
    with new_folder(folder) as part:
        made = TrailFolder(part, key)
        made.write(records(count))
    return made


def test_log_files_lie_where_cloudtrail_puts_them(tmp_path: Path, key: DigestKey) -> None:
    made = written(tmp_path / "out", key)
    logs = sorted((tmp_path / "out" / "AWSLogs" / ACCOUNT / "CloudTrail").rglob("*.gz"))
    places = [str(path.parent.relative_to(tmp_path / "out")) for path in logs]
    assert places == [f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/03/{day}"
                      for region in ("eu-west-1", "us-east-1") for day in ("03", "04")]  # fmt: skip
    assert logs[0].name.startswith(f"{ACCOUNT}_CloudTrail_eu-west-1_20260303T2300Z_")
    ids = [each["eventID"] for path in logs for each in orjson.loads(gzip.decompress(path.read_bytes()))["Records"]]
    assert sorted(ids) == ["e0", "e1", "e2", "e3", "e4"] and (made.files, made.records) == (4, 5)


def test_a_large_log_is_several_files(tmp_path: Path, key: DigestKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudtrail_folder, "RECORDS", 2)
    assert written(tmp_path / "out", key, 14).files > 5
    found = [orjson.loads(gzip.decompress(path.read_bytes())) for path in (tmp_path / "out").rglob("*_CloudTrail_*.gz")]
    assert sum(len(each["Records"]) for each in found) == 14


def test_the_same_records_are_the_same_bytes(tmp_path: Path, key: DigestKey) -> None:
    for name in ("a", "b"):
        written(tmp_path / name, key)
    first, second = (
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in (tmp_path / name).rglob("*.*")
         if path.is_file()}
        for name in ("a", "b")
    )  # fmt: skip
    assert first == second


def test_our_own_check_verifies_every_log_and_finds_what_was_altered(tmp_path: Path, key: DigestKey) -> None:
    written(tmp_path / "out", key)
    keys = parse_public_keys((tmp_path / "out" / PUBLIC_KEYS).read_bytes())
    texts = [gzip.decompress(path.read_bytes()) for path in (tmp_path / "out").rglob("*Digest*.gz")]
    delivery = check(map(parse_digest, texts), keys)
    assert not delivery.findings and len(delivery.logs) == 4
    assert {delivery.states[digest] for _, digest in delivery.logs.values()} == {State.VERIFIED}
    with_log = next(text for text in texts if b"/2026/03/03/" in text)
    altered = with_log.replace(b"oldestEventTime", b"OldestEventTime", 1)
    again = check(map(parse_digest, [altered, *(text for text in texts if text != with_log)]), keys)
    assert [each.kind for each in again.findings] == ["digest altered"]


def test_the_command_line_of_aws_verifies_the_signatures(tmp_path: Path, key: DigestKey) -> None:
    written(tmp_path / "out", key)
    [public] = orjson.loads((tmp_path / "out" / PUBLIC_KEYS).read_bytes())["PublicKeyList"]
    digests = [gzip.decompress(path.read_bytes()) for path in (tmp_path / "out").rglob("*Digest*.gz")]
    by_object = {orjson.loads(text)["digestS3Object"]: text for text in digests}
    asked = []
    for text in digests:
        after = orjson.loads(text)
        before = by_object.get(after["previousDigestS3Object"])
        if before is None:
            continue
        told = orjson.loads(before) | {"_signature": after["previousDigestSignature"]}
        asked += [Signed(told, content, public["Value"]) for content in (before, before + b" ")]
    assert [each.is_valid for each in validated(asked)] == [True, False] * 4


def test_what_ends_in_between_leaves_nothing(tmp_path: Path, key: DigestKey) -> None:
    def interrupted() -> Iterator[FiledRecord]:
        yield from records(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "out") as part:
        TrailFolder(part, key).write(interrupted())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, key: DigestKey) -> None:
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"), new_folder(tmp_path / "out") as part:
            TrailFolder(part, key).write(records())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_stays_as_it_is(tmp_path: Path, key: DigestKey) -> None:
    (tmp_path / "out").mkdir()
    written(tmp_path / "out", key)  # an empty one is as good as none
    with pytest.raises(NotEmpty):
        written(tmp_path / "out", key)


def test_a_region_cannot_lead_out_of_the_folder(tmp_path: Path, key: DigestKey) -> None:
    strange = FiledRecord(ACCOUNT, "../../../..", BEGIN, b"{}")
    with new_folder(tmp_path / "out") as part:
        TrailFolder(part, key).write([strange])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert list((tmp_path / "out").rglob("*_CloudTrail_unknown_*.gz"))


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = read_digest_key(tmp_path / "home")
    assert read_digest_key(tmp_path / "home").fingerprint == first.fingerprint
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["digest.key"]
    assert stat.S_IMODE((tmp_path / "home" / "digest.key").stat().st_mode) == 0o600

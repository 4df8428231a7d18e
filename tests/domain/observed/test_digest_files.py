"""CloudTrail's digest files: chains that hold, and every way in which they do not."""

from __future__ import annotations

from hashlib import sha256

import orjson
import pytest

from erstwhile.domain.observed.cloudtrail.digest_files import (
    Delivery,
    MalformedDigest,
    State,
    check,
    parse_digest,
    parse_public_keys,
)
from tests.support.aws_digest_validator import Signed, validated
from tests.support.digests import Chain

LOG = "111122223333_CloudTrail_us-east-1_20260303T0005Z_abc.json.gz"


@pytest.fixture(scope="module")
def chain() -> Chain:
    made = Chain()
    for hour in range(5):
        made.add([(LOG.replace("abc", f"log{hour}"), b"content %d" % hour)])
    return made


def delivery(chain: Chain, contents: list[bytes]) -> Delivery:
    return check([parse_digest(content) for content in contents], parse_public_keys(chain.public_keys()))


def states(found: Delivery) -> list[State]:
    return [state for _, state in sorted(found.states.items())]


def test_each_digest_but_the_newest_is_verified_by_its_successor(chain: Chain) -> None:
    found = delivery(chain, chain.contents)
    assert states(found) == [State.VERIFIED] * 4 + [State.UNSIGNED]
    assert found.findings == []


def test_amazon_s_own_validator_reads_the_same_chain(chain: Chain) -> None:
    """The signed text is that of the AWS CLI, which verifies with another library."""
    signed = [
        Signed(digest | {"_signature": signature}, content, chain.public_key)
        for digest, content, signature in zip(chain.digests, chain.contents, chain.signatures, strict=True)
    ]
    verdicts = validated([*signed, *(each._replace(content=each.content + b" ") for each in signed)])
    assert [each.is_valid for each in verdicts] == [True] * len(signed) + [False] * len(signed)
    for content, verdict in zip(chain.contents, verdicts, strict=False):
        assert parse_digest(content).signed_text() == verdict.signed_text.encode()


def test_a_log_file_is_held_against_its_digest(chain: Chain) -> None:
    found = delivery(chain, chain.contents)
    name = LOG.replace("abc", "log1")
    right = sha256(b"content 1").hexdigest()
    by = chain.digests[1]["digestS3Object"]
    assert found.state_of(name, right, False) == (State.VERIFIED, by)
    assert found.state_of(name, right, True) == (State.APPENDED, by)
    assert found.state_of(name, sha256(b"content X").hexdigest(), False) == (State.ALTERED, by)
    assert found.state_of("other.json.gz", right, False) == (State.UNCOVERED, "")
    newest = LOG.replace("abc", "log4")
    assert found.state_of(newest, sha256(b"content 4").hexdigest(), False)[0] is State.UNSIGNED


def test_an_altered_digest_is_found_by_its_successor(chain: Chain) -> None:
    altered = chain.contents[2].replace(b"log2", b"logX")
    found = delivery(chain, [*chain.contents[:2], altered, *chain.contents[3:]])
    assert states(found)[2] is State.ALTERED
    assert states(found)[1] is State.UNSIGNED, "what an altered digest says of another one does not count"
    [finding] = found.findings
    assert (finding.kind, finding.object) == ("digest altered", chain.digests[2]["digestS3Object"])
    name = LOG.replace("abc", "logX")
    assert found.state_of(name, sha256(b"content 2").hexdigest(), False)[0] is State.ALTERED


def test_an_altered_digest_whose_hash_was_corrected_is_found_by_the_signature(chain: Chain) -> None:
    altered = chain.contents[2].replace(b"log2", b"logX")
    corrected = chain.contents[3].replace(
        sha256(chain.contents[2]).hexdigest().encode(), sha256(altered).hexdigest().encode()
    )
    found = delivery(chain, [*chain.contents[:2], altered, corrected])
    assert states(found) == [State.VERIFIED, State.UNSIGNED, State.ALTERED, State.UNSIGNED]
    assert "signature" in found.findings[0].explanation


@pytest.mark.parametrize("gone", [[1], [1, 2], [1, 2, 3], [2]])
def test_digests_that_were_deleted_leave_a_gap_however_many_they_are(chain: Chain, gone: list[int]) -> None:
    found = delivery(chain, [each for number, each in enumerate(chain.contents) if number not in gone])
    [finding] = found.findings
    assert finding.kind == "digest missing"
    assert finding.object == chain.digests[max(gone)]["digestS3Object"]
    since = f"from 2026-03-03T{min(gone):02}:00:00Z to 2026-03-03T{max(gone) + 1:02}:00:00Z"
    assert finding.explanation == f"nothing says what was delivered {since}"


def test_a_folder_that_begins_later_has_no_gap(chain: Chain) -> None:
    assert delivery(chain, chain.contents[2:]).findings == []


def test_a_chain_that_begins_anew_is_told(chain: Chain) -> None:
    again = orjson.loads(chain.contents[4]) | {
        "previousDigestS3Object": None, "previousDigestSignature": None, "previousDigestHashValue": None,
    }  # fmt: skip
    found = delivery(chain, [*chain.contents[:3], orjson.dumps(again)])
    [finding] = found.findings
    assert finding.kind == "chain begun anew"


def test_backfilled_digests_are_a_chain_of_their_own(chain: Chain) -> None:
    name = chain.digests[2]["digestS3Object"]
    late = orjson.loads(chain.contents[2]) | {"digestS3Object": name.replace(".json", "_backfill.json"),
                                              "previousDigestS3Object": None}  # fmt: skip
    found = delivery(chain, [*chain.contents, orjson.dumps(late)])
    assert found.findings == []


def test_a_key_that_is_not_given_verifies_nothing(chain: Chain) -> None:
    other = Chain().public_keys().replace(b'"f1"', b'"f2"')
    found = check([parse_digest(content) for content in chain.contents], parse_public_keys(other))
    assert set(states(found)) == {State.UNSIGNED}
    wrong = check([parse_digest(content) for content in chain.contents], parse_public_keys(Chain().public_keys()))
    assert State.VERIFIED not in states(wrong)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"Records":[]}', b"\xff", b"[" * 10_000])
def test_what_is_no_digest(data: bytes) -> None:
    with pytest.raises(MalformedDigest, match="no digest file"):
        parse_digest(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{}", "list-public-keys"),
        (b'{"PublicKeyList":[]}', "has no public key"),
        (b'{"PublicKeyList":[{"Value":"***","Fingerprint":"f"}]}', "the public key f is not base64"),
        (b'{"PublicKeyList":[{"Value":"AAAA","Fingerprint":"f"}]}', "the public key f is not base64 of a key"),
    ],
)
def test_what_is_no_list_of_keys(data: bytes, message: str) -> None:
    with pytest.raises(MalformedDigest, match=message):
        parse_public_keys(data)

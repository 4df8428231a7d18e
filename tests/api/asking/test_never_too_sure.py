"""An answer is never sure of too much: what it rests on, how old that is, and what is known of another time only."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.projections.trail import Filters, audit_page
from tests.support.imports import Imports
from tests.support.records import create_user, record, trail_file
from tests.support.snapshots import ACCOUNT, ADA, FIRST, SECOND, THIRD, listing, names, reader

OBJECT = "arn:aws:s3:::payroll/march.csv"
BETWEEN = "2026-03-04T12:00:00Z"


def notes(answer: dict[str, Any]) -> list[str]:
    found: list[str] = answer["coverage"]["notes"]
    return found


def trail(imports: Imports, *records: dict[str, Any]) -> None:
    path: Path = imports.folder / f"trail-{len(records)}-{records[0]['eventID']}.json.gz"
    path.write_bytes(gzip.compress(trail_file(*records)))
    with imports.service.database.connect() as connection:
        CloudTrailImporter(connection).import_files([path])
    imports.service.projector.catch_up()


def test_an_account_known_from_a_listing_alone_says_how_old_that_is(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    found = imports.service.questions.who_can("s3:GetObject", OBJECT, as_of="2026-03-13T00:00:00Z")
    assert f"{ACCOUNT} is known from a listing of {FIRST} alone, 12 days before: changes since are not known" in notes(
        found
    )
    assert not any(
        "alone" in note for note in notes(imports.service.questions.can("ada", "s3:GetObject", OBJECT, as_of=FIRST))
    )


def test_one_that_vanished_between_two_listings_is_conditional_after_the_first(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada"), reader("bob")), FIRST)
    imports.snapshot(listing(reader("ada")), SECOND)
    service = imports.service
    bob = f"arn:aws:iam::{ACCOUNT}:user/bob"
    assert bob in names(service.questions.who_can("s3:GetObject", OBJECT, as_of=FIRST), "allowed")
    found = service.questions.who_can("s3:GetObject", OBJECT, as_of=BETWEEN)
    assert ADA in names(found, "allowed")
    [holder] = found["conditional"]
    assert holder["principal"] == bob
    assert holder["why"] == [f"user bob vanished between {FIRST} and {SECOND}: when is not known"]
    one = service.questions.can("bob", "s3:GetObject", OBJECT, as_of=BETWEEN)
    assert (one["effect"], one["unknown"]) == ("conditional", holder["why"])
    assert bob not in names(service.questions.who_can("s3:GetObject", OBJECT, as_of=THIRD))


def test_one_that_the_first_complete_listing_lacks_had_ended_by_then(imports: Imports) -> None:
    trail(imports, create_user("bob", "AIDABOB", FIRST))
    bob = f"arn:aws:iam::{ACCOUNT}:user/bob"
    service = imports.service
    assert service.questions.what_can("bob", as_of=THIRD)["principal"] == bob
    imports.snapshot(listing(reader("ada")), SECOND)
    assert bob not in names(service.questions.who_can("s3:GetObject", OBJECT, as_of=THIRD))
    with service.directory(as_of=THIRD) as (directory, _):
        assert directory.with_arn(bob) is None
    with service.directory(as_of=BETWEEN) as (directory, _):
        assert directory.at_arn(bob).vanished == {"after": FIRST, "until": SECOND}


def test_an_empty_database_says_that_nothing_was_imported(imports: Imports) -> None:
    found = imports.service.questions.who_can("s3:GetObject", OBJECT)
    assert not names(found) and "nothing was imported" in notes(found)[0]


def test_what_is_known_of_a_later_time_only_is_said(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada")), SECOND)
    found = imports.service.questions.who_can("s3:GetObject", OBJECT, as_of=FIRST)
    assert not names(found, "allowed", "conditional") or "known later" in " ".join(notes(found))
    assert any(note.startswith(f"known later: {ACCOUNT} was first listed at {SECOND}") for note in notes(found))
    for holder in found["unknown"]:
        assert f"known later: first listed at {SECOND}" in holder["why"]


def test_policies_that_were_listed_later_only_are_said(imports: Imports) -> None:
    trail(imports, create_user("bob", "AIDABOB", FIRST), record("ListUsers", at=FIRST))
    imports.snapshot(listing(reader("ada")), SECOND)  # ada acted before
    service = imports.service
    told = f"known later: the policies of {ADA} were first listed at {SECOND}"
    for found in (
        service.questions.can("ada", "s3:GetObject", OBJECT, as_of=BETWEEN),
        service.questions.what_can("ada", as_of=BETWEEN),
    ):
        assert told in notes(found)
    unknown = {
        each["principal"]: each for each in service.questions.who_can("s3:GetObject", OBJECT, as_of=BETWEEN)["unknown"]
    }
    assert f"known later: first listed at {SECOND}" in unknown[ADA]["why"]
    assert told not in notes(service.questions.can("ada", "s3:GetObject", OBJECT, as_of=THIRD))


def test_a_deletion_never_reads_as_an_addition(imports: Imports) -> None:
    """Of a user, a role's policy and a bucket's policy of which nothing was ever seen."""
    trail(
        imports,
        record("DeleteUser", {"userName": "bob"}, at=FIRST),
        record("DeleteRolePolicy", {"roleName": "App", "policyName": "p"}, at=FIRST),
        record("DeleteBucketPolicy", {"bucketName": "ledger"}, service="s3", at=FIRST),
    )
    with imports.service.connection() as connection:
        entries = audit_page(connection, Filters(), 50).entries
    deletions = [each for each in entries if "Delete" in each["action"] and "Deleted" in each["event"]]
    assert len(deletions) == 3
    for each in deletions:
        changes = [change for entity in each["changes"] for change in entity["changes"]]
        assert all(change["after"] is None for change in changes), each
    [user] = [each for each in deletions if each["action"] == "iam:DeleteUser"]
    assert [change["attribute"] for change in user["changes"][0]["changes"]] == ["coverage", "entity"]

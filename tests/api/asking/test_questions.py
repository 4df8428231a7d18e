"""How questions are asked: about whom, which action, whose resource; and the answer where there is no such thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import Problem
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.vocabulary.instants import parse_instant
from tests.support.imports import Imports
from tests.support.snapshots import ACCOUNT, ADA, FIRST, OTHER, SECOND, THIRD, entity, listing, names, reader

APP, SESSION = f"arn:aws:iam::{ACCOUNT}:role/App", f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1"


def bucket(imports: Imports, principal: Any, name: str = "ledger", at: str = FIRST) -> None:
    arn = f"arn:aws:s3:::{name}"
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": f"{arn}/*"}
    path = imports.folder / "bucket.json"
    path.write_bytes(orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    imports.document(lambda importer: importer.resource_policy(arn, path, parse_instant(at), ACCOUNT))


def test_can_is_about_the_session_that_is_named(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    bucket(imports, {"AWS": SESSION})
    service = imports.service
    found = service.questions.can(SESSION, "s3:GetObject", "arn:aws:s3:::ledger/a")
    assert (found["principal"], found["effect"]) == (SESSION, "allow")
    other = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s2"
    found = service.questions.can(other, "s3:GetObject", "arn:aws:s3:::ledger/a")
    assert (found["principal"], found["effect"]) == (other, "implicit_deny")
    listed = service.questions.who_can("s3:GetObject", "arn:aws:s3:::ledger/a")
    assert SESSION in names(listed, "allowed") and other not in names(listed)


def test_outsiders_are_told_and_may_be_asked_about(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    partner = f"arn:aws:iam::{OTHER}:role/Partner"
    bucket(imports, {"AWS": [OTHER, partner], "Service": "cloudfront.amazonaws.com"})
    bucket(imports, "*", "open")
    service, resource = imports.service, "arn:aws:s3:::ledger/a"
    found = service.questions.who_can("s3:GetObject", resource)
    told = {
        each["principal"]: each
        for name in ("allowed", "conditional")
        for each in found[name]
        if each.get("is_outsider")
    }
    assert set(told) == {f"arn:aws:iam::{OTHER}:root", partner, "cloudfront.amazonaws.com"}
    for principal, holder in told.items():
        assert service.questions.can(principal, "s3:GetObject", resource)["effect"] == holder["effect"]
    assert service.questions.can(OTHER, "s3:GetObject", resource)["effect"] == "allow"
    [anybody] = [
        each for each in service.questions.who_can("s3:GetObject", "s3://open/a")["allowed"] if each.get("is_public")
    ]
    assert (anybody["principal"], anybody["kind"]) == ("*", "anonymous")
    assert service.questions.can("*", "s3:GetObject", "s3://open/a")["effect"] == "allow"
    for principal in (partner, "cloudfront.amazonaws.com", "*", OTHER):
        service.questions.what_can(principal, expand=principal != OTHER)  # a root's every action takes a while
        service.questions.which_resources(principal, "s3:GetObject")
    assert not service.questions.what_can("*")["is_root"]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("s3:Get*", "stands for"), ("s3:*", "ask about one action"), ("s3:Get?bject", "s3:GetObject"),
        ("s3:GetObjekt", "did you mean s3:GetObject"), ("iam:CreateUsers", "did you mean iam:CreateUser"),
        ("s33:GetObject", "did you mean s3:GetObject"), ("GetObject", "expected service:Operation"),
    ],
)  # fmt: skip
def test_actions_that_are_none_are_refused(imports: Imports, action: str, words: str) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    service = imports.service
    questions: tuple[Callable[[], object], ...] = (
        lambda: service.questions.who_can(action, "*"),
        lambda: service.questions.can("ada", action, "*"),
        lambda: service.questions.which_resources("ada", action),
    )
    for ask in questions:
        with pytest.raises(Problem) as caught:
            ask()
        assert caught.value.status == 400 and words in caught.value.detail


def test_actions_of_an_application_are_its_own(imports: Imports) -> None:
    own = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "records:read", "Resource": "*"}]}
    user = entity("user", "ada", GroupList=[], UserPolicyList=[{"PolicyName": "own", "PolicyDocument": own}])
    imports.snapshot(listing(user), FIRST)
    assert ADA in names(imports.service.questions.who_can("records:read", f"arn:aws:records::{ACCOUNT}:17"))
    assert ADA not in names(imports.service.questions.who_can("records:destroy", f"arn:aws:records::{ACCOUNT}:17"))


def test_the_only_account_that_is_known_owns_a_bucket_of_which_nothing_is(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    service = imports.service
    for found in (
        service.questions.who_can("s3:GetObject", "s3://payroll/march.csv"),
        service.questions.can("ada", "s3:GetObject", "s3://payroll/march.csv"),
    ):  # fmt: skip
        assert f"taken to be of {ACCOUNT}, the only account that is known" in found["coverage"]["notes"][0]
    assert service.questions.can("ada", "s3:GetObject", "s3://payroll/march.csv")["effect"] == "allow"
    given = service.questions.can("ada", "s3:GetObject", "s3://payroll/march.csv", resource_account=ACCOUNT)
    assert given["resource"] == "arn:aws:s3:::payroll/march.csv" and not any(
        "taken" in n for n in given["coverage"]["notes"]
    )


def test_a_principal_that_was_there_at_another_time(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada"), reader("bob")), FIRST)
    imports.snapshot(listing(reader("ada"), reader("cyd")), SECOND)
    service = imports.service
    for words in ("bob", f"arn:aws:iam::{ACCOUNT}:user/bob", "AIDABOB", "user/bob"):
        with pytest.raises(Problem) as caught:
            service.questions.can(words, "s3:GetObject", "s3://payroll/x", as_of=THIRD)
        [life] = caught.value.members["existed"]
        assert (caught.value.status, life["to"], life["unique_id"]) == (404, "2026-03-08T00:00:00Z", "AIDABOB")
        assert "existed from" in caught.value.detail and "ask again as of" in caught.value.detail
        assert service.questions.can(words, "s3:GetObject", "s3://payroll/x", as_of=life["as_of"])[
            "principal"
        ].endswith("user/bob")
    with pytest.raises(Problem) as caught:
        service.questions.what_can("cyd", as_of=FIRST)
    [life] = caught.value.members["existed"]
    assert (life["from"], life["to"]) == ("2026-03-08T00:00:00Z", None)
    assert service.questions.what_can("cyd", as_of=life["as_of"])["principal"].endswith("user/cyd")


def test_a_user_is_no_role_of_its_name(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada"), reader("bob")), FIRST)
    imports.snapshot(listing(reader("ada")), SECOND)
    for words in ("role/bob", f"arn:aws:iam::{ACCOUNT}:role/bob", f"arn:aws:sts::{ACCOUNT}:assumed-role/bob/s1"):
        with pytest.raises(Problem) as caught:
            imports.service.questions.can(words, "s3:GetObject", "s3://payroll/x", as_of=THIRD)
        assert caught.value.members["existed"] == []
    with pytest.raises(Problem) as caught:
        imports.service.questions.can("user/bob", "s3:GetObject", "s3://payroll/x", as_of=THIRD)
    assert [each["unique_id"] for each in caught.value.members["existed"]] == ["AIDABOB"]


def test_a_typo_gets_suggestions(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada"), reader("grace")), FIRST)
    for words in ("grcae", "user/gracie", f"arn:aws:iam::{ACCOUNT}:user/grase"):
        with pytest.raises(Problem) as caught:
            imports.service.questions.can(words, "s3:GetObject", "*")
        assert (
            caught.value.members["similar"][0] == f"arn:aws:iam::{ACCOUNT}:user/grace"
            and not caught.value.members["existed"]
        )
        assert "known are" in caught.value.detail


@pytest.mark.parametrize(
    "words", ["rgace", "trace", "ggrace", "race", "grace-of-payroll", "gracf", "role/grace", "user/GRACE2"]
)
def test_a_typo_is_found_among_many(imports: Imports, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large company the names beside it are read, and those that begin otherwise."""
    monkeypatch.setattr("erstwhile.projections.similar_names.NEAR", 5)
    others = [f"{letter}{number}" for letter in "abchrtz" for number in range(6)]
    imports.snapshot(listing(*map(reader, ("grace", *others))), FIRST)
    with pytest.raises(Problem) as caught:
        imports.service.questions.can(words, "s3:GetObject", "*")
    assert caught.value.members["similar"] == [f"arn:aws:iam::{ACCOUNT}:user/grace"]


def test_who_is_not_there_at_the_instant_is_not_suggested(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada"), reader("grace")), FIRST)
    imports.snapshot(listing(reader("ada")), SECOND)
    for as_of, known in ((FIRST, [f"arn:aws:iam::{ACCOUNT}:user/grace"]), (THIRD, []), (None, [])):
        with pytest.raises(Problem) as caught:
            imports.service.questions.can("grase", "s3:GetObject", "*", as_of=as_of)
        assert caught.value.members["similar"] == known


def test_nobody_is_read_for_who_is_nobody(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typo must not cost the size of the company."""
    imports.snapshot(listing(*(reader(f"user{number}") for number in range(20))), FIRST)
    loaded: list[str] = []
    monkeypatch.setattr(DirectoryView, "loaded", lambda _, entity: loaded.append(entity.kind))
    with pytest.raises(Problem) as caught:
        imports.service.questions.can("usar7", "s3:GetObject", "*", as_of=FIRST)
    assert caught.value.members["similar"][0].endswith(":user/user7") and "user" not in loaded
    imports.service.questions.can("user7", "s3:GetObject", "*", as_of=FIRST)
    assert loaded.count("user") == 1


def test_the_same_policy_put_again_means_whoever_bears_the_names_by_then(imports: Imports) -> None:
    late = entity("user", "late", GroupList=[], UserPolicyList=[]) | {"CreateDate": "2026-03-05T00:00:00Z"}
    bucket(imports, {"AWS": late["Arn"]})
    imports.snapshot(listing(reader("ada")), FIRST)
    imports.snapshot(listing(reader("ada"), late), SECOND)
    asked = (late["Arn"], "s3:GetObject", "arn:aws:s3:::ledger/a")
    assert imports.service.questions.can(*asked)["effect"] == "implicit_deny"
    bucket(imports, {"AWS": late["Arn"]}, at=THIRD)
    assert imports.service.questions.can(*asked)["effect"] == "allow"
    assert imports.service.questions.can(*asked, as_of=SECOND)["effect"] == "implicit_deny"
    found = imports.service.questions.who_can(*asked[1:])
    assert late["Arn"] in names(found, "allowed")


def test_of_many_accounts_an_error_names_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    directory = Directory()
    known = [f"{number * 1_111:012}" for number in range(5_000)]
    monkeypatch.setattr(Directory, "accounts", lambda _: known)
    with pytest.raises(Problem) as caught:
        require_account(directory, "00001666500")  # a digit is missing
    named = caught.value.detail.rpartition(": ")[2]
    assert named.endswith(" and 4,990 others") and "000001666500" in named.split(", ")[:3]
    assert "000000000000" in named

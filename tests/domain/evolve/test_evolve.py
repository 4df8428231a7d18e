"""What events make of a Directory: given(events), the facts that hold."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as ep
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events.account import AccountRegistered, SettingPut, SettingRemoved
from erstwhile.domain.events.credentials import CredentialsListed, MfaDeviceDeactivated, MfaDeviceEnabled
from erstwhile.domain.events.resources import ResourcePolicyPut, ResourceStatementAdded
from erstwhile.domain.evolve.recorder import Recorder, undo
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import BEFORE, parse_instant
from tests.support.documents import ALLOW, TRUST
from tests.support.given import ACCOUNT, START, arn, directory_of, group, policy, role, user

ADA = eq.UserCreated(subject=user("ada"), arn=arn("user/ada"), path="/", tags={"team": "blue"})
OPS = eq.GroupCreated(subject=group("ops"), arn=arn("group/ops"), path="/")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
BUCKET = "arn:aws:s3:::payroll"


def entity(directory: Directory, kind: str, name: str) -> Entity:
    found = directory.named(ACCOUNT, kind, name)
    assert found is not None
    return found


def items(found: Entity, attribute: str) -> dict[str, Any]:
    return {item: dict(fact.value) for item, fact in found.facts.get(attribute, {}).items()}


def test_a_user_is_created_with_its_tags_and_its_boundary() -> None:
    body = eq.UserCreated(subject=user("eve"), arn=arn("user/eve"), path="/", tags={"a": "b"}, boundary=ADMIN)
    eve = entity(directory_of(body), "user", "eve")
    assert (eve.id, eve.arn) == ("AIDAEVE", arn("user/eve"))
    assert list(items(eve, "tag")) == ["a"] and items(eve, "boundary") == {"": {"policy": ADMIN}}
    assert eve.is_covered and eve.begun == START


def test_a_renamed_user_is_the_same_and_whoever_had_the_name_has_ended() -> None:
    bob = eq.UserCreated(subject=user("bob"), arn=arn("user/bob"), path="/")
    directory = directory_of(ADA, bob, eq.UserRenamed(subject=user("ada"), new_name="bob", new_path="/a/"))
    found = entity(directory, "user", "bob")
    assert (found.id, found.arn, found.path) == ("AIDAADA", arn("user/a/bob"), "/a/")
    assert directory.named(ACCOUNT, "user", "ada") is None
    assert (ACCOUNT, "user", "AIDABOB") not in directory.entities


def test_a_deleted_entity_leaves_nothing() -> None:
    before = directory_of(OPS)
    after = directory_of(
        OPS, ADA, ep.PolicyAttached(subject=user("ada"), policy_arn=ADMIN), eq.UserDeleted(subject=user("ada"))
    )
    assert {each[:5] for each in after.facts()} == {each[:5] for each in before.facts()}


def test_one_that_nobody_saw_begin_is_known_since_before_and_not_covered() -> None:
    seen = Ref("user", "eve", "")
    directory = directory_of(ep.PolicyAttached(subject=seen, policy_arn=ADMIN), mode="observed")
    eve = entity(directory, "user", "eve")
    assert eve.id == "~eve" and eve.begun == BEFORE and not eve.is_covered
    assert eve.attached_policies[ADMIN].since == START
    told = directory_of(
        ep.PolicyAttached(subject=seen, policy_arn=ADMIN),
        eq.PrincipalSeen(principal=user("eve"), arn=arn("user/people/eve")),
        mode="observed",
    )
    eve = entity(told, "user", "eve")
    assert (eve.id, eve.path, list(eve.attached_policies)) == ("AIDAEVE", "/people/", [ADMIN])


def test_memberships_tags_and_attachments_come_and_go() -> None:
    joined: list[Body] = [ADA, OPS, eq.GroupMemberAdded(subject=user("ada"), group=group("ops"))]
    assert list(entity(directory_of(*joined), "user", "ada").group_ids) == ["AGPAOPS"]
    left = eq.GroupMemberRemoved(subject=user("ada"), group=group("ops"))
    assert not entity(directory_of(*joined, left), "user", "ada").group_ids
    tagged = directory_of(ADA, eq.Tagged(subject=user("ada"), tags={"x": "1"}))
    assert set(entity(tagged, "user", "ada").tags) == {"team", "x"}
    untagged = directory_of(ADA, eq.Untagged(subject=user("ada"), keys=["team"]))
    assert not entity(untagged, "user", "ada").tags


def test_policies_have_versions_and_one_that_counts() -> None:
    read = ep.PolicyCreated(subject=policy("read"), arn=arn("policy/read"), document=ALLOW)
    second = ep.PolicyVersionCreated(
        subject=policy("read"), arn=arn("policy/read"), version_id="v2", document=TRUST, is_default=True
    )
    found = entity(directory_of(read, second), "policy", "read")
    assert set(found.versions) == {"v1", "v2"} and items(found, "default") == {"": {"version": "v2"}}
    gone = ep.PolicyVersionDeleted(subject=policy("read"), arn=arn("policy/read"), version_id="v1")
    assert set(entity(directory_of(read, second, gone), "policy", "read").versions) == {"v2"}


def test_a_listing_says_all_of_an_entity() -> None:
    """What it had before and does not have now has ended."""
    listed = eq.EntityListed(
        subject=user("ada"), arn=arn("user/ada"), path="/", attached=[ADMIN], inline=[], tags={"new": "1"}
    )
    before: list[Body] = [ADA, ep.InlinePolicyPut(subject=user("ada"), policy_name="own", document=ALLOW)]
    ada = entity(directory_of(*before, listed, mode="observed"), "user", "ada")
    assert list(ada.attached_policies) == [ADMIN] and not ada.inline_policies
    assert list(ada.tags) == ["new"]


def in_other_letters(document: str) -> str:
    """As a listing prints it."""
    return orjson.dumps(orjson.loads(document), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode()


def facts_of(*bodies: Body) -> list[tuple[Any, ...]]:
    found = directory_of(*bodies, mode="observed").facts()
    return sorted(((*each[:5], each[5].value, each[5].since) for each in found), key=lambda each: each[:5])


def test_a_listing_in_other_letters_changes_nothing() -> None:
    """Who wrote a document stays who wrote it, and names in it mean whom they meant then."""
    deploy = role("deploy")
    before: list[Body] = [
        eq.RoleCreated(subject=deploy, arn=arn("role/deploy"), trust_policy=TRUST, max_session_duration=7200),
        ep.InlinePolicyPut(subject=deploy, policy_name="own", document=ALLOW),
        ep.PolicyCreated(subject=policy("read"), arn=arn("policy/read"), document=ALLOW, tags={"team": "blue"}),
        ResourcePolicyPut(resource=BUCKET, document=TRUST),
    ]
    other = in_other_letters(ALLOW)
    inline, version = [eq.InlineDocument("own", other)], ep.ListedVersion("v1", other)
    listed: list[Body] = [
        eq.EntityListed(
            subject=deploy, arn=arn("role/deploy"), inline=inline, trust_policy=in_other_letters(TRUST)
        ),
        # As get-account-authorization-details prints it: of policies without tags, of roles without a duration.
        ep.PolicyListed(subject=policy("read"), arn=arn("policy/read"), versions=[version], default_version="v1"),
        ResourcePolicyPut(resource=BUCKET, document=in_other_letters(TRUST), listed=True),
    ]  # fmt: skip
    assert in_other_letters(ALLOW) != ALLOW and in_other_letters(TRUST) != TRUST
    assert facts_of(*before, *listed) == facts_of(*before)


def test_a_listing_of_the_default_version_alone_ends_no_other() -> None:
    before: list[Body] = [
        ep.PolicyCreated(subject=policy("read"), arn=arn("policy/read"), document=ALLOW),
        ep.PolicyVersionCreated(
            subject=policy("read"), arn=arn("policy/read"), version_id="v2", document=TRUST, is_default=True
        ),
    ]  # fmt: skip
    only = ep.PolicyListed(
        subject=policy("read"), arn=arn("policy/read"), versions=[ep.ListedVersion("v2", TRUST)], default_version="v2",
        only_default=True, tags={"team": "red"},
    )  # fmt: skip
    found = entity(directory_of(*before, only, mode="observed"), "policy", "read")
    assert set(found.versions) == {"v1", "v2"} and list(found.tags) == ["team"]
    whole = msgspec.structs.replace(only, only_default=False)
    assert set(entity(directory_of(*before, whole, mode="observed"), "policy", "read").versions) == {"v2"}


def test_a_listed_policy_is_the_statements_that_were_added_one_by_one() -> None:
    add = ResourceStatementAdded(resource=BUCKET, statement_id="in", statement='{"Sid": "in", "Effect": "Allow"}')
    listed = ResourcePolicyPut(
        resource=BUCKET, document='{"Id": "default", "Statement": [{"Effect": "Allow", "Sid": "in"}]}', listed=True
    )
    directory = directory_of(add, listed, mode="observed")
    [found] = [each for each in directory.all() if each.kind == "resource"]
    assert list(found.policy_statements) == ["in"] and not found.resource_policies
    other = msgspec.structs.replace(listed, document=ALLOW)
    [found] = [each for each in directory_of(add, other, mode="observed").all() if each.kind == "resource"]
    assert not found.policy_statements and len(found.resource_policies) == 1


def test_the_device_that_a_report_did_not_name_is_the_one_that_is_deactivated() -> None:
    """A credential report says that there is MFA, and not by which device."""
    ada, serial, other = user("ada"), arn("mfa/ada"), arn("mfa/other")
    listed = CredentialsListed(subject=ada, password_enabled=True, mfa_active=True, active_keys=0)
    off = MfaDeviceDeactivated(subject=ada, serial_number=serial)
    on = MfaDeviceEnabled(subject=ada, serial_number=other)

    def devices(*bodies: Body) -> list[str]:
        return list(entity(directory_of(ADA, *bodies, mode="observed"), "user", "ada").mfa_devices)

    assert devices(listed) == ["unknown"]
    assert devices(listed, off) == []
    # One that came since is another.
    assert devices(listed, on, MfaDeviceDeactivated(subject=ada, serial_number=other)) == ["unknown"]
    assert devices(listed, on, off) == [other]


def test_settings_of_an_account() -> None:
    put = SettingPut(category="account-alias", name="ours", attributes={"a": "b"})
    [found] = [each for each in directory_of(put).facts() if each[1] == "setting"]
    assert found[2] == "account-alias/ours" and dict(found[5].value) == {"a": "b"}
    removed = directory_of(put, SettingRemoved(category="account-alias", name="ours"))
    assert not [each for each in removed.facts() if each[1] == "setting"]


def test_the_same_value_again_is_no_change_and_changes_can_be_taken_back() -> None:
    directory = directory_of(ADA)
    recorder = Recorder(directory, lambda *_: None)
    recorder.account, recorder.at, recorder.position = ACCOUNT, parse_instant("2026-04-01T00:00:00Z"), 9
    ada = entity(directory, "user", "ada")
    before = copy.deepcopy(sorted(directory.facts(), key=lambda each: each[:5]))
    recorder.put(ada, "attached", ADMIN, {})
    recorder.put(ada, "attached", ADMIN, {})
    [change] = recorder.changes
    assert (change.attribute, change.item, change.before) == ("attached", ADMIN, None)
    recorder.end(ada)
    assert directory.named(ACCOUNT, "user", "ada") is None
    undo(directory, recorder.changes)
    assert sorted(directory.facts(), key=lambda each: each[:5]) == before
    assert entity(directory, "user", "ada").id == "AIDAADA"


def test_a_straggler_of_one_whose_end_was_seen_revives_nobody() -> None:
    web = eq.RoleCreated(subject=role("web"), arn=arn("role/web"), path="/", trust_policy=TRUST)
    directory = directory_of(web, mode="observed")
    recorder = Recorder(directory, lambda *_: None)
    recorder.account = ACCOUNT
    recorder.end(entity(directory, "role", "web"))
    assert recorder.known(role("web")) is None
    again = recorder.known(Ref("role", "web", "AROAOTHER"))
    assert again is not None and again.id == "AROAOTHER" and not again.is_covered


def test_an_account_has_its_mode() -> None:
    assert directory_of().mode(ACCOUNT) == "governed"
    assert directory_of(AccountRegistered(mode="observed"), mode="observed").mode(ACCOUNT) == "observed"

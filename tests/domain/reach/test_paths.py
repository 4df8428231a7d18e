"""Paths, as somebody reads them: from whom to whom, by which steps, under which conditions."""

from __future__ import annotations

import pytest

from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.principals import EntityListed, InlineDocument
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.reach.cuts import cuts
from erstwhile.domain.reach.edges import proofs
from erstwhile.domain.reach.forward import reachable
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.paths import Path, Reach, paths_between, paths_into, paths_to_administrator
from erstwhile.domain.reach.unknown import leads, not_known
from erstwhile.domain.reach.ways import Ways
from tests.support.people_and_roles import ADA, BOB, BOSS, DEPLOY, EVE, LAMBDA, OPS, OTHER, ROOT, World, id_of
from tests.support.reach_worlds import ACCOUNT, ALL, PROVIDER, allow, arn, document, trusting
from tests.support.stories import Told, created, history_of, log_of_story, second, user


def told(path: Path) -> list[str]:
    """Each step as `source -family-> target`, by the names' last parts; a question mark where it is conditional."""
    return [
        f"{_short(each.source)} -{each.family}{'?' if each.how != 'allow' else ''}-> {_short(each.target)}"
        for each in path.edges
    ]


def _short(node: Node) -> str:
    return node.text.rpartition("/")[2] if node.text.count("/") else node.text


def all_told(found: Reach) -> list[list[str]]:
    return [told(path) for path in found.paths]


@pytest.fixture
def world() -> World:
    return World()


def test_a_role_is_assumed_and_another_passed_to_a_function(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", DEPLOY))
    world.role(
        "deploy",
        trusting({"AWS": ROOT}),
        allow(["iam:PassRole"], BOSS),
        allow(["lambda:CreateFunction", "lambda:InvokeFunction"], "arn:aws:lambda:*:*:function:app-*"),
    )
    world.role("boss", trusting(LAMBDA), allow("*"))
    found = paths_to_administrator(world.ways(), 3, 100)
    assert all_told(found) == [
        ["deploy -lambda-create-function-invoke-> boss"],
        ["ada -assume-role-> deploy", "deploy -lambda-create-function-invoke-> boss"],
    ]
    assert found.administrators == (Node(BOSS),)
    assert found.principals == {Node(DEPLOY): 1, Node(ADA): 2}


def test_the_resource_of_a_step_is_one_that_all_of_its_actions_are_allowed_on(world: World) -> None:
    world.role(
        "deploy",
        trusting({"AWS": ROOT}),
        allow("iam:PassRole", BOSS),
        allow("lambda:CreateFunction", "arn:aws:lambda:*:*:function:app-*"),
        allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:web-*"),
    )
    world.role("boss", trusting(LAMBDA), allow("*"))
    assert all_told(paths_to_administrator(world.ways(), 3, 100)) == []


@pytest.mark.parametrize("function", ["app-?", "?*", "app-?-*", "*?"])
def test_of_a_pattern_with_question_marks_a_resource_that_there_may_be_is_asked_about(
    world: World, function: str
) -> None:
    on = f"arn:aws:lambda:*:*:function:{function}"
    world.role("deploy", trusting({"AWS": ROOT}), allow("iam:PassRole", BOSS), allow("lambda:CreateFunction", on),
               allow("lambda:InvokeFunction", on))  # fmt: skip
    world.role("boss", trusting(LAMBDA), allow("*"))
    assert all_told(paths_to_administrator(world.ways(), 3, 100)) == [["deploy -lambda-create-function-invoke-> boss"]]


def test_each_step_says_which_statements_allow_it(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", BOSS))
    world.role("boss", trusting({"AWS": ROOT}))
    ways = world.ways()
    [path] = paths_between(ways, ADA, BOSS, 2, 10).paths
    [proof] = proofs(ways.questions, path.edges[0])
    assert [(each.policy, each.layer) for each in proof.decision.determining] == [
        ("trust policy", "resource"), ("inline:own", "identity"),
    ]  # fmt: skip


def test_a_trust_of_the_account_that_names_the_principal_is_enough(world: World) -> None:
    world.user("ada")
    world.user("bob")
    world.role("boss", trusting({"AWS": ADA}))
    ways = world.ways()
    assert all_told(paths_into(ways, BOSS, 2, 10)) == [["ada -assume-role-> boss"]]


def test_across_accounts_both_must_allow(world: World) -> None:
    world.builder.account(OTHER)
    world.user("ada")
    world.user("bob", allow("sts:AssumeRole"))
    world.role("far", trusting({"AWS": [ADA, BOB]}), account=OTHER)
    far = arn("role", "far", OTHER)
    assert all_told(paths_into(world.ways(), far, 2, 10)) == [["bob -assume-role-> far"]]


def test_external_ids_mfa_and_session_tags_are_conditions_of_a_step(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole"))
    world.role("boss", trusting(
        {"AWS": ROOT}, StringEquals={"sts:ExternalId": "42", "aws:RequestTag/project": "blue"},
        Bool={"aws:MultiFactorAuthPresent": "true"}, StringLike={"sts:SourceIdentity": "ada*"},
    ))  # fmt: skip
    ways = world.ways()
    [path] = paths_between(ways, ADA, BOSS, 1, 10).paths
    assert told(path) == ["ada -assume-role?-> boss"]
    [proof] = proofs(ways.questions, path.edges[0])
    assert {each.key for each in proof.decision.residual} == {
        "sts:ExternalId", "aws:RequestTag/project", "aws:MultiFactorAuthPresent", "sts:SourceIdentity",
    }  # fmt: skip


def test_subjects_of_a_provider_get_in_by_the_pattern_that_the_trust_has(world: World) -> None:
    subject = {"token.actions.githubusercontent.com:sub": "repo:org/*"}
    world.role("deploy", trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", StringLike=subject))
    ways = world.ways()
    [path] = paths_into(ways, DEPLOY, 2, 10).paths
    assert path.source == Node(PROVIDER) and path.how == "conditional"
    [proof] = proofs(ways.questions, path.edges[0])
    assert [(each.key, each.values) for each in proof.decision.residual] == [
        ("token.actions.githubusercontent.com:sub", ("repo:org/*",))
    ]


def test_other_accounts_and_anybody_get_in_where_a_trust_names_them(world: World) -> None:
    world.role("ops", trusting({"AWS": [f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:role/ci"]}))
    world.role("deploy", trusting("*"))
    ways = world.ways()
    into_ops = paths_into(ways, OPS, 1, 10).paths
    assert f"arn:aws:iam::{OTHER}:role/ci" in {each.source.principal for each in into_ops}
    assert {each.how for each in into_ops} == {"conditional"}
    assert Node("*") in {each.source for each in paths_into(ways, DEPLOY, 1, 10).paths}


@pytest.mark.parametrize("trusted", [f"arn:aws:iam::{OTHER}:root", OTHER])
def test_an_account_that_a_trust_names_gets_in_by_its_roles(world: World, trusted: str) -> None:
    world.role("boss", trusting({"AWS": trusted}), allow("*"))
    [path] = paths_to_administrator(world.ways(), 3, 10).paths
    assert told(path) == ["* -assume-role?-> boss"]
    assert path.edges[0].source.principal == f"arn:aws:iam::{OTHER}:role/*"


def test_trusts_may_go_in_circles(world: World) -> None:
    every = allow("sts:AssumeRole")
    for name in ("one", "two", "three"):
        world.role(name, trusting({"AWS": ROOT}), every)
    ways = world.ways()
    one, two = arn("role", "one"), arn("role", "two")
    found = paths_between(ways, one, two, 8, 100)
    assert all_told(found) == [
        ["one -assume-role-> two"],
        ["one -assume-role-> three", "three -assume-role-> two"],
    ]
    assert [each.is_chained for each in found.paths] == [False, True]
    assert not found.is_cut


def test_a_limit_cuts_and_says_so(world: World) -> None:
    for name in ("ada", "bob", "eve"):
        world.user(name, allow("sts:AssumeRole", BOSS))
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    ways = world.ways()
    found = paths_to_administrator(ways, 2, 2)
    assert len(found.paths) == 2 and found.is_cut and not found.was_long
    assert len(found.principals) == 3
    assert not paths_to_administrator(ways, 2, 3).is_cut


def test_a_principal_that_may_write_its_own_policy_is_an_administrator_in_one_step(world: World) -> None:
    world.user("ada", allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}"))
    assert all_told(paths_to_administrator(world.ways(), 2, 10)) == [["ada -put-user-policy-> ada with any policy"]]


def test_a_boundary_bounds_what_a_principal_makes_of_itself(world: World) -> None:
    narrow = document(allow(["iam:PutUserPolicy", "s3:*", "sts:AssumeRole"]))
    world.user("ada", allow("iam:PutUserPolicy"), boundary=narrow)
    world.role("boss", trusting({"AWS": ROOT}))
    ways = world.ways()
    assert all_told(paths_to_administrator(ways, 3, 10)) == []
    assert all_told(paths_between(ways, ADA, BOSS, 3, 10)) == [
        ["ada -put-user-policy-> ada with any policy", "ada with any policy -assume-role-> boss"]
    ]


def test_who_may_raise_only_those_that_have_a_certain_boundary_raises_nobody_else(world: World) -> None:
    """AWS's example of delegation by a boundary: a condition on the boundary that the target has."""
    certain = {"StringEquals": {"iam:PermissionsBoundary": arn("policy", "bound-bob")}}
    world.user("ada", allow(["iam:AttachUserPolicy", "iam:PutUserPolicy"], Condition=certain))
    world.user("bob", allow("iam:AttachUserPolicy", Condition=certain), boundary=ALL)
    world.user("eve", allow("iam:AttachUserPolicy", Condition=certain), boundary=document(allow("iam:*")))
    assert all_told(paths_to_administrator(world.ways(), 3, 100)) == [
        ["bob -attach-user-policy-> bob with any policy"],
    ]


def test_a_condition_that_nobody_without_a_boundary_is_raised_is_settled_by_the_boundary(world: World) -> None:
    without = {"Null": {"iam:PermissionsBoundary": "true"}}
    guard = {"Effect": "Deny", "Action": "iam:PutUserPolicy", "Resource": "*", "Condition": without}
    world.user("ada", allow("iam:PutUserPolicy"), guard)
    world.user("bob", allow("iam:PutUserPolicy"), guard, boundary=ALL)
    assert all_told(paths_to_administrator(world.ways(), 3, 100)) == [["bob -put-user-policy-> bob with any policy"]]


def test_whether_a_user_has_a_password_is_a_condition_where_no_record_tells(world: World) -> None:
    """A listing of authorization details says nothing of passwords; a credential report does."""
    world.user("ada", allow("iam:UpdateLoginProfile"))
    world.user("eve", allow("iam:CreateLoginProfile"))
    world.user("bob", allow("*"))
    found = paths_to_administrator(world.ways(), 1, 100)
    assert sorted(all_told(found)) == [["ada -update-login-profile?-> bob"], ["eve -create-login-profile?-> bob"]]
    assert {path.edges[0].terms for path in found.paths} == {
        ("the user has a password: no record tells",), ("the user has no password: no record tells",),
    }  # fmt: skip
    world.builder.put(ACCOUNT, "user", id_of(ACCOUNT, "bob"), "credential_report", active_keys=0, columns={})
    assert all_told(paths_to_administrator(world.ways(), 1, 100)) == [["eve -create-login-profile-> bob"]]
    world.builder.put(ACCOUNT, "user", id_of(ACCOUNT, "bob"), "login_profile")
    assert all_told(paths_to_administrator(world.ways(), 1, 100)) == [["ada -update-login-profile-> bob"]]


@pytest.mark.parametrize(("creation_is_seen", "expected"), [
    (False, ["ada -update-login-profile?-> bob", "eve -create-login-profile?-> bob"]),
    (True, ["eve -create-login-profile-> bob"]),
])  # fmt: skip
def test_whether_a_user_that_a_second_listing_shows_first_has_a_password_is_a_condition(
    creation_is_seen: bool, expected: list[str]
) -> None:
    names = {"ada": "iam:UpdateLoginProfile", "eve": "iam:CreateLoginProfile", "bob": "*"}
    shown = [
        EntityListed(subject=user(name), inline=[InlineDocument("p", document(allow(action)))])
        for name, action in names.items()
    ]
    listing = SnapshotTaken(sha256="", complete=True, baseline=True, entities=3)
    born: list[Told] = [(1.5, created(user("bob")))] if creation_is_seen else []
    first: list[Told] = [(1, each) for each in (listing, *shown[:2])]
    log = log_of_story(*first, *born, *((2, each) for each in (listing, *shown)))
    found = paths_to_administrator(Ways(directory_at(history_of(log), second(3))), 1, 10)
    assert sorted(step for path in all_told(found) for step in path) == expected


def test_a_boundary_that_can_be_taken_off_bounds_nothing(world: World) -> None:
    narrow = document(allow(["iam:*"]))
    world.user("ada", allow(["iam:DeleteUserPermissionsBoundary", "iam:PutUserPolicy"]), boundary=narrow)
    found = all_told(paths_to_administrator(world.ways(), 3, 10))
    assert [
        "ada -delete-user-permissions-boundary-> ada without its boundary",
        "ada without its boundary -put-user-policy-> ada without its boundary with any policy",
    ] in [[step.replace("with any policy without its boundary", "without its boundary with any policy")
           for step in path] for path in found]  # fmt: skip


def test_who_can_raise_others_raises_whom_the_path_began_with(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", OPS))
    world.role("ops", trusting({"AWS": ROOT}), allow("iam:PutUserPolicy", "arn:aws:iam::*:user/*"))
    found = paths_to_administrator(world.ways(), 3, 10)
    assert all_told(found) == [["ada -assume-role-> ops", "ops -put-user-policy-> ada with any policy"]]
    assert found.principals == {Node(ADA): 2}


def test_two_rights_together_raise_another_and_become_it(world: World) -> None:
    world.user("eve", allow(["iam:CreateAccessKey", "iam:AttachUserPolicy"], BOB))
    world.user("bob")
    found = paths_to_administrator(world.ways(), 3, 10)
    assert all_told(found) == [["eve -attach-user-policy+create-access-key-> bob with any policy"]]


def test_administrators_are_who_may_what_the_guardrails_leave(world: World) -> None:
    world.user("ada", allow("*"))
    world.user("bob", allow("iam:*"), allow("s3:*"))
    world.user("eve", {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"})
    world.builder.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
    world.builder.guardrail("p-all", "SERVICE", ALL, ["r-1", ACCOUNT])
    region = {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
              "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}  # fmt: skip
    rds = {"Effect": "Deny", "Action": "rds:*", "Resource": "*"}
    world.builder.guardrail("p-region", "SERVICE", document(region, rds), ["r-1"])
    ways = world.ways()
    assert [ways.administrators.how(Node(each), ACCOUNT) for each in (ADA, BOB, EVE)] == ["allow", "deny", "deny"]
    assert Node(BOB).text in {each.source.text for each in paths_to_administrator(ways, 1, 100).paths}


def test_what_nobody_knows_is_no_edge_and_is_said(world: World) -> None:
    world.user("ada")
    world.builder.put(ACCOUNT, "user", id_of(ACCOUNT, "ada"), "coverage")
    world.user("bob", allow("sts:AssumeRole"))
    world.role("boss", None)
    world.role("ops", trusting({"AWS": ROOT}), allow("*"))
    ways = world.ways()
    assert all_told(paths_into(ways, BOSS, 1, 10)) == [["ops -update-assume-role-policy-> boss"]]
    assert all_told(paths_to_administrator(ways, 2, 10)) == [["bob -assume-role-> ops"]]
    assert "the policies of user ada were never seen" in not_known(ways, Node(ADA))


def test_resources_whose_role_no_record_shows_are_unknown(world: World) -> None:
    world.user("ada", allow("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:app-*"))
    ways = world.ways()
    [words] = not_known(ways, Node(ADA))
    assert words.startswith("as which role each lambda-function runs that no record shows")


def test_what_holds_credentials_is_a_lead(world: World) -> None:
    world.user("ada", allow("secretsmanager:GetSecretValue"), allow("iam:UploadSSHPublicKey", BOB))
    world.user("bob")
    ways = world.ways()
    found = [(each.family.id, each.target.principal) for each in leads(ways, Node(ADA), 10)]
    assert found == [("get-secret-value", ""), ("upload-ssh-public-key", BOB)]
    assert all_told(reachable(ways, ADA, 3, 10)) == []


def test_what_can_be_reached_has_each_principal_once(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", [OPS, DEPLOY]))
    world.role("ops", trusting({"AWS": ROOT}), allow("sts:AssumeRole"))
    world.role("deploy", trusting({"AWS": ROOT}), allow("sts:AssumeRole"))
    world.role("boss", trusting({"AWS": [ROOT]}), allow("*"))
    found = reachable(world.ways(), ADA, 3, 10)
    assert {path.target.principal: len(path.edges) for path in found.paths} == {OPS: 1, DEPLOY: 1, BOSS: 2}
    assert found.administrators == (Node(BOSS),)
    assert reachable(world.ways(), ADA, 3, 1).is_cut


def test_the_removal_that_closes_most_paths_comes_first(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", DEPLOY))
    world.user("bob", allow("sts:AssumeRole", DEPLOY))
    world.role("deploy", trusting({"AWS": ROOT}), allow("iam:PassRole"), allow("lambda:*"))
    world.role("boss", trusting(LAMBDA), allow("*"))
    ways = world.ways()
    paths = paths_to_administrator(ways, 2, 1_000).paths
    found = cuts(ways.questions, paths)
    assert len(found[0].closes) == len(paths)
    best = {cut.removal.words for cut in found if len(cut.closes) == len(paths)}
    assert "statement 0 from the trust of " + BOSS in best
    assert "inline:own from role/deploy" in best
    others = {cut.removal.words: len(cut.closes) for cut in found if len(cut.closes) < len(paths)}
    assert others["inline:own from user/ada"] == len(paths) // 3


def test_a_removal_that_another_statement_makes_good_closes_nothing(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", BOSS), allow("sts:*"))
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    ways = world.ways()
    words = {cut.removal.words for cut in cuts(ways.questions, paths_to_administrator(ways, 2, 10).paths)}
    assert words == {"inline:own from user/ada", f"statement 0 from the trust of {BOSS}"}


def test_a_removal_is_of_one_account(world: World) -> None:
    world.builder.account(OTHER)
    for account in (ACCOUNT, OTHER):
        world.user("ada", allow("sts:AssumeRole"), account=account)
        world.role("boss", trusting({"AWS": f"arn:aws:iam::{account}:root"}), allow("*"), account=account)
    ways = world.ways()
    found = cuts(ways.questions, paths_to_administrator(ways, 1, 10).paths)
    assert {(cut.removal.account, len(cut.closes)) for cut in found} == {(ACCOUNT, 1), (OTHER, 1)}


def test_nobody_but_aws_changes_its_policies(world: World) -> None:
    world.user("ada")
    world.builder.account("aws")
    shipped = world.builder.policy("aws", "ANPAASSUME", "Assume", document(allow("sts:AssumeRole")))
    world.builder.attach(ACCOUNT, "user", id_of(ACCOUNT, "ada"), [shipped])
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    ways = world.ways()
    words = {cut.removal.words for cut in cuts(ways.questions, paths_to_administrator(ways, 1, 10).paths)}
    assert words == {f"{shipped} from user/ada", f"statement 0 from the trust of {BOSS}"}

"""Who-can tells of outsiders: whom a resource's own policy lets in, from whatever account; and `can` agrees."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events.principals import RoleCreated, UserCreated
from erstwhile.domain.events.resources import GrantCreated, ResourcePolicyPut
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.search import subjects
from erstwhile.domain.questions.who_can import Holder, WhoCan, who_can
from erstwhile.domain.vocabulary.identifiers import is_account_id
from tests.support.given import ACCOUNT, arn, directory_of, role, user
from tests.support.policy import generator

OTHER = "444455556666"
PARTNER = f"arn:aws:iam::{OTHER}:role/Partner"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1"
BUCKET = "arn:aws:s3:::ledger"
NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}'
APP = RoleCreated(subject=role("App"), arn=arn("role/App"), trust_policy="{}")
ADA = UserCreated(subject=user("ada"), arn=arn("user/ada"))


def document(principal: Any, action: Any = "s3:GetObject", member: str = "Principal", **more: Any) -> str:
    statement = {"Effect": "Allow", member: principal, "Action": action, **more}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()


def bucket(principal: Any, resource: str = BUCKET, **more: Any) -> Directory:
    text = document(principal, Resource=f"{resource}/*", **more)
    return directory_of(APP, ADA, ResourcePolicyPut(resource=resource, document=text))


def trusting(principal: Any, action: str, **more: Any) -> Directory:
    return directory_of(
        RoleCreated(subject=role("App"), arn=arn("role/App"), trust_policy=document(principal, action, **more))
    )


def asked(directory: Directory, action: str = "s3:GetObject", resource: str = f"{BUCKET}/a", **more: Any) -> WhoCan:
    found = who_can(directory, action, resource, **more)
    for holder in every(found):
        if not holder.extent:
            one = Request(principal=holder.principal, action=action, resource=resource, mode="discover")
            assert authorize(directory, one).effect == holder.decision.effect, holder
    return found


def every(found: WhoCan) -> list[Holder]:
    return [*found.allowed, *found.conditional, *found.unknown]


def outside(found: WhoCan) -> dict[str, str]:
    return {each.principal: each.decision.effect for each in every(found) if each.is_outsider}


def test_an_account_elsewhere_is_allowed_and_a_role_of_it_is_conditional() -> None:
    found = asked(bucket({"AWS": f"arn:aws:iam::{OTHER}:root"}))
    [account] = [each for each in found.allowed if each.is_outsider]
    assert (account.principal, account.kind, account.account) == (f"arn:aws:iam::{OTHER}:root", "root", OTHER)
    assert outside(asked(bucket({"AWS": OTHER}))) == {f"arn:aws:iam::{OTHER}:root": "allow"}
    found = asked(
        bucket({"AWS": [PARTNER, f"arn:aws:iam::{OTHER}:user/eve", f"arn:aws:sts::{OTHER}:assumed-role/P/s"]})
    )
    assert [each.kind for each in found.conditional] == ["role", "user", "session"]
    assert all("were never seen" in each.why[0] for each in found.conditional)


def test_whoever_is_anybody_is_public_with_the_conditions_that_narrow_it() -> None:
    for principal in ("*", {"AWS": "*"}):
        [anybody] = [each for each in asked(bucket(principal)).allowed if each.is_public]
        assert (anybody.principal, anybody.kind) == ("*", "anonymous")
    narrowed = bucket("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    [anybody] = [each for each in asked(narrowed).conditional if each.is_public]
    [residual] = anybody.decision.residual
    assert (residual.operator, residual.key, residual.values) == ("StringEquals", "aws:PrincipalOrgID", ("o-1",))
    [anybody] = [
        each for each in asked(bucket("*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})).conditional
        if each.is_public
    ]  # fmt: skip
    assert anybody.why == ("depends on aws:SourceVpce", "only if StringEquals aws:SourceVpce vpce-1")
    allbut = bucket({"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}, member="NotPrincipal")
    assert [each.principal for each in asked(allbut).allowed if each.is_public] == ["*"]


def test_a_condition_that_names_the_caller_tells_who_it_is() -> None:
    found = asked(bucket("*", Condition={"ArnLike": {"aws:PrincipalArn": [PARTNER, f"arn:aws:iam::{OTHER}:role/*"]}}))
    assert outside(found)[PARTNER] == "conditional"
    found = asked(bucket("*", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}}))
    assert outside(found)[f"arn:aws:iam::{OTHER}:root"] == "allow"


def test_whom_a_deny_leaves_out_is_told() -> None:
    allow = orjson.loads(document("*", Resource=f"{BUCKET}/*"))
    others = {"ArnNotEquals": {"aws:PrincipalArn": PARTNER}}
    allow["Statement"].append(allow["Statement"][0] | {"Effect": "Deny", "Condition": others})
    directory = directory_of(ADA, ResourcePolicyPut(resource=BUCKET, document=orjson.dumps(allow).decode()))
    assert outside(asked(directory))[PARTNER] == "conditional"


def test_conditions_that_nobody_who_can_be_named_meets_are_told() -> None:
    found = asked(bucket("*", Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}}))
    assert found.notes == (f"statement 0 of {BUCKET} lets in anybody who meets: Bool aws:PrincipalIsAWSService true",)
    role = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/Admin*"}}
    found = asked(bucket({"AWS": OTHER}, Condition=role))
    meets = f"ArnLike aws:PrincipalArn arn:aws:iam::{OTHER}:role/Admin*"
    assert found.notes == (f"statement 0 of {BUCKET} lets in principals of {OTHER} who meet: {meets}",)


def test_a_policy_that_was_never_seen_may_let_in_anybody() -> None:
    for found in (
        asked(directory_of(ADA, ResourcePolicyPut(resource=BUCKET, document=None))),
        asked(directory_of(ADA), "kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"),
    ):
        [anybody] = [each for each in found.conditional if each.is_public]
        assert "was never seen" in anybody.why[0]


def test_services_and_sessions_are_told() -> None:
    service = "cloudfront.amazonaws.com"
    assert outside(asked(bucket({"Service": service}))) == {service: "allow"}
    narrowed = asked(bucket({"Service": service}, Condition={"StringEquals": {"aws:SourceAccount": OTHER}}))
    assert outside(narrowed) == {service: "conditional"}
    found = asked(bucket({"AWS": SESSION}))
    assert SESSION in [each.principal for each in found.allowed] and not outside(found)


def test_a_federated_user_elsewhere_has_session_policies_that_nobody_saw() -> None:
    federated = f"arn:aws:sts::{OTHER}:federated-user/eve"
    assert outside(asked(bucket({"AWS": federated}))) == {federated: "conditional"}
    assert outside(asked(bucket({"AWS": f"{federated}2"})))[f"{federated}2"] == "conditional"
    one = Request(principal=federated, action="s3:GetObject", resource=f"{BUCKET}/a")
    assert authorize(bucket({"AWS": OTHER}), one).effect == "conditional"
    assert authorize(bucket({"AWS": PARTNER}), one).effect == "implicit_deny"
    limited = msgspec.structs.replace(one, session_policies=(NOTHING,))
    assert authorize(bucket({"AWS": federated}), limited).effect == "implicit_deny"


def test_a_deny_leaves_outsiders_out() -> None:
    allow = orjson.loads(document("*", Resource=f"{BUCKET}/*"))
    allow["Statement"].append(allow["Statement"][0] | {"Effect": "Deny"})
    directory = directory_of(ADA, ResourcePolicyPut(resource=BUCKET, document=orjson.dumps(allow).decode()))
    assert not every(asked(directory))


def test_trust_policies() -> None:
    trusted = arn("role/App")
    found = asked(trusting({"AWS": OTHER}, "sts:AssumeRole"), "sts:AssumeRole", trusted)
    assert outside(found) == {f"arn:aws:iam::{OTHER}:role/*": "conditional"}  # a root assumes no roles
    found = asked(trusting({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole"), "sts:AssumeRole", trusted)
    assert outside(found) == {"ec2.amazonaws.com": "allow"}
    saml = arn("saml-provider/Okta")
    found = asked(trusting({"Federated": saml}, "sts:AssumeRoleWithSAML"), "sts:AssumeRoleWithSAML", trusted)
    assert [(each.principal, each.kind) for each in found.allowed] == [(saml, "provider")]
    github = arn("oidc-provider/token.actions.githubusercontent.com")
    subject = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/*"}}
    directory = trusting({"Federated": github}, "sts:AssumeRoleWithWebIdentity", Condition=subject)
    [provider] = asked(directory, "sts:AssumeRoleWithWebIdentity", trusted).conditional
    assert provider.principal == github and provider.decision.residual[0].values == ("repo:example/*",)
    for name in ("accounts.google.com", "cognito-identity.amazonaws.com", "cognito-identity-us-gov.amazonaws.com"):
        directory = trusting({"Federated": name}, "sts:AssumeRoleWithWebIdentity")
        assert outside(asked(directory, "sts:AssumeRoleWithWebIdentity", trusted)) == {name: "allow"}


def test_grants_of_keys() -> None:
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    grant = GrantCreated(resource=key, grant_id="g", grantee=PARTNER, operations=["Decrypt"])
    assert outside(asked(directory_of(ADA, grant), "kms:Decrypt", key))[PARTNER] == "conditional"


def test_other_partitions_and_other_names_of_accounts() -> None:
    resource = "arn:aws-us-gov:s3:::ledger"
    found = asked(bucket({"AWS": OTHER}, resource), resource=f"{resource}/a")
    assert outside(found) == {f"arn:aws-us-gov:iam::{OTHER}:root": "allow"}
    canonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    assert outside(asked(bucket({"CanonicalUser": canonical}))) == {canonical: "allow"}
    identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
    assert outside(asked(bucket({"AWS": identity}))) == {identity: "allow"}


def test_a_pattern_of_resources() -> None:
    found = asked(bucket({"AWS": [OTHER, PARTNER], "Service": "cloudfront.amazonaws.com"}), resource=f"{BUCKET}/*")
    assert {each.principal: each.extent for each in every(found) if each.is_outsider} == {
        f"arn:aws:iam::{OTHER}:root": "all", PARTNER: "conditional", "cloudfront.amazonaws.com": "all"
    }  # fmt: skip
    found = asked(bucket("*"), resource="arn:aws:s3:::*")
    assert [(each.principal, each.extent) for each in every(found) if each.is_public] == [("*", "some")]


def test_whom_a_policy_names_and_nobody_has_seen_is_noted() -> None:
    found = asked(bucket({"AWS": arn("role/Gone")}))
    assert not outside(found)
    assert found.notes == (f"a policy of {BUCKET}/a names {arn('role/Gone')}, which nobody has seen in its account",)


def test_one_account_alone_and_searches() -> None:
    directory = bucket({"AWS": [OTHER, SESSION], "Service": "cloudfront.amazonaws.com"})
    assert [each.account for each in every(asked(directory, account=OTHER))] == [OTHER]
    for kind, name in (
        ("root", f"arn:aws:iam::{OTHER}:root"), ("session", SESSION), ("service", "cloudfront.amazonaws.com"),
    ):  # fmt: skip
        assert name in subjects(directory, kind, "s3:GetObject", f"{BUCKET}/a", None, {})
    assert subjects(bucket("*"), "anonymous", "s3:GetObject", f"{BUCKET}/a", None, {}) == ["*"]


NAMES: tuple[tuple[str, str], ...] = (
    *generator.NAMES, ("AWS", PARTNER), ("AWS", OTHER), ("AWS", SESSION), ("AWS", "999988887777"),
    ("AWS", f"arn:aws:sts::{OTHER}:assumed-role/Partner/x"), ("Service", "s3.amazonaws.com"),
    ("Federated", "accounts.google.com"), ("AWS", f"arn:aws:sts::{ACCOUNT}:federated-user/f"),
    ("AWS", f"arn:aws:sts::{OTHER}:federated-user/f"),
)  # fmt: skip
CALLERS = (
    *dict.fromkeys((*generator.PRINCIPALS, *(name for _,
        name in NAMES if name.startswith(("arn:", "1", "4", "9")) or "." in name or name == "*"))),
    f"arn:aws:iam::{OTHER}:role/Unheard", "arn:aws:iam::999988887777:user/mallory", "sns.amazonaws.com",
)  # fmt: skip


OWNED = tuple(
    each for each in generator.RESOURCES
    if "*" not in each and (each.startswith("arn:aws:s3:::") or is_account_id(each.split(":")[4]))
)  # fmt: skip
"""Others are whoever's who asks: an AMI, AWS's own policies."""
FREE = ("sts:GetCallerIdentity", "sts:GetSessionToken")
"""Nobody needs a permission for these."""


def _random_policy(chance: random.Random) -> str:
    found = orjson.loads(orjson.dumps(generator.document(chance, with_principal=True)))
    statements = found["Statement"] if isinstance(found["Statement"], list) else [found["Statement"]]
    for statement in statements:
        member = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
        if chance.random() < 0.8:
            named: dict[str, list[str]] = {}
            for kind, name in chance.choices(NAMES, k=chance.randint(1, 3)):
                named.setdefault(kind, []).append(name)
            statement[member] = named
    return orjson.dumps(found).decode()


def _covers(holders: list[Holder], caller: str) -> bool:
    """Whether a caller is listed, or one that stands for it: anybody, its account, its role."""
    parsed = parse_caller(caller)
    return any(
        holder.principal == caller or holder.is_public
        or (holder.principal.endswith((":root",
                                       ":role/*")) and parsed.account != "" and holder.account == parsed.account)
        or (holder.kind == "session" and parsed.kind == "role" and f"/{parsed.role}/" in holder.principal)
        or (holder.kind == "role" and parsed.kind == "session" and holder.principal.endswith(f"/{parsed.role}"))
        for holder in holders
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**48), st.sampled_from(["strict", "discover"]))
def test_who_can_and_can_agree_about_insiders_and_outsiders(seed: int, mode: Any) -> None:
    chance = random.Random(seed)
    resource = chance.choice(OWNED)
    bodies: list[Body] = [ADA, UserCreated(subject=user("bob"), arn=arn("user/team/bob"), path="/team/")]
    text = _random_policy(chance)
    reader = arn("role/path/reader")
    trust = text if resource == reader else "{}"
    bodies.append(RoleCreated(subject=role("reader"), arn=reader, path="/path/", trust_policy=trust))
    if resource != reader:
        held = resource.split("/")[0] if ":s3:::" in resource else resource
        bodies.append(ResourcePolicyPut(resource=held, document=text))
    directory = directory_of(*bodies)
    for action in generator.ACTIONS:
        found = who_can(directory, action, resource, mode=mode)
        told = {holder.principal: holder.decision.effect for holder in every(found)}
        assert len(told) == len(every(found))
        for caller in CALLERS:
            parsed = parse_caller(caller)
            if parsed.account == ACCOUNT and parsed.kind in ("user", "role", "session"):
                known = (arn("user/ada"), arn("user/team/bob"), reader)
                if caller not in known and parsed.role != "reader":
                    continue  # nobody of that name is known: not to be asked about
            one = Request(principal=caller, action=action, resource=resource, mode=mode)
            effect = authorize(directory, one).effect
            if caller in told:
                assert told[caller] == effect, (caller, action)
            elif effect in ("allow", "conditional") and action not in FREE:
                assert _covers(every(found), caller) or found.notes, (caller, action, effect)

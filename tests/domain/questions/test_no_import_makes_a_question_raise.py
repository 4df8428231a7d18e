"""No import makes a question raise: whatever names, ARNs and documents records bring, each question is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body, policies, principals, resources
from erstwhile.domain.policy.authorize import authorize, why_not
from erstwhile.domain.policy.inputs.principals import find_principal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions import search
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import WhoCan, who_can
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from tests.support.memory_log import MemoryLog
from tests.support.plain_coverage import missing_documents, uncovered_principals
from tests.support.records import ACCOUNT

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
BUCKET = "arn:aws:s3:::ledger"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
QUESTIONS = (
    ("s3:GetObject", f"{BUCKET}/x"), ("s3:GetObject", f"{BUCKET}/*"), ("kms:Decrypt", KEY), ("iam:CreateUser", "*"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/reader"),
    ("sts:AssumeRoleWithWebIdentity", f"arn:aws:iam::{ACCOUNT}:role/*"),
)  # fmt: skip

names = st.sampled_from(["reader", "Reader", "", "a/b", "a:b", "*", "?", " ", "~reader", "ü\n\t\\", "x" * 200])
ids = st.sampled_from(["", "", "AROAREADER", "AIDAADA", "~reader", "a/b", "*"])
arns = st.sampled_from(
    ["", "", "nonsense", "arn:aws:iam", "arn:aws:iam::999988887777:role/reader", f"arn:aws:iam::{ACCOUNT}:role/",
     f"arn:aws:iam::{ACCOUNT}:role/team/reader", f"arn:aws-cn:iam::{ACCOUNT}:user/ada", "arn:::::", BUCKET, "*"]
)  # fmt: skip
kinds = st.sampled_from(["user", "role", "group"])
PRINCIPALS = (
    '"*"', '{"AWS":"*"}',
    '{"AWS":["111122223333","AROAREADER","arn:aws:iam::444455556666:role/x","arn:aws:iam::1:","x"]}',
    '{"Service":["cloudfront.amazonaws.com",null,7]}', '{"Federated":["*","arn:aws:iam::1:saml-provider/","x"]}',
    '{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}', '{"Other":[[]]}', "[]",
    "{}",
    '{"AWS":"arn:aws:sts::444455556666:assumed-role/x/y"}', '{"AWS":"arn:aws:sts::111122223333:federated-user/f"}',
)  # fmt: skip
CONDITIONS = (
    "null", "{}", "[]", '{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/x"}}',
    '{"Strange":{"a":1}}',
    '{"StringEquals":{"aws:PrincipalAccount":["1",null]}}', '{"Bool":{"aws:SecureTransport":true}}',
    '{"StringEquals":{"aws:PrincipalArn":"${aws:username}"}}', '{"NumericLessThan":{"s3:max-keys":"²"}}',
)  # fmt: skip
statements = st.builds(
    lambda effect, principal, condition, resource, action: (
        f'{{"Effect":{effect},"Principal":{principal},"Action":{action},"Resource":{resource},"Condition":{condition}}}'
    ),
    st.sampled_from(['"Allow"', '"Allow"', '"Deny"', "null"]),
    st.sampled_from(PRINCIPALS),
    st.sampled_from(CONDITIONS),
    st.sampled_from(['"*"', f'"{BUCKET}/*"', '"nonsense"', '["arn:aws:s3:::${aws:username}/*"]', "[]"]),
    st.sampled_from(['"*"', '"s3:Get*"', '["kms:Decrypt","sts:AssumeRole*"]', '"nonsense"', "[]"]),
)
documents = st.one_of(
    st.sampled_from(
        [None, "", "null", "7", "[]", "{}", "not JSON", '{"Statement":7}', "[" * 200, '{"Statement":[[]]}']
    ),
    statements.map(lambda text: f'{{"Version":"2012-10-17","Statement":[{text}]}}'),
)
refs = st.builds(Ref, kinds, names, ids)
roles = st.builds(Ref, st.just("role"), names, ids)
users = st.builds(Ref, st.just("user"), names, ids)
where = st.sampled_from([BUCKET, KEY, f"arn:aws:iam::{ACCOUNT}:role/reader", "nonsense", "", "arn:aws:s3:::other/x"])
inline = st.builds(principals.InlineDocument, names, documents)
policy_arns = st.sampled_from([f"arn:aws:iam::{ACCOUNT}:policy/p", "arn:aws:iam::aws:policy/X", "", "nonsense"])
bodies: st.SearchStrategy[Body] = st.one_of(
    st.builds(principals.PrincipalSeen, principal=refs, arn=arns),
    st.builds(principals.TrustPolicyUpdated, subject=roles, document=documents),
    st.builds(principals.RoleCreated, subject=roles, arn=arns, trust_policy=documents, path=names),
    st.builds(principals.UserCreated, subject=users, arn=arns, path=names, boundary=policy_arns),
    st.builds(principals.UserRenamed, subject=users, new_name=names, new_path=names),
    st.builds(principals.RoleUpdated, subject=roles, description=names),
    st.builds(principals.UserDeleted, subject=users),
    st.builds(principals.RoleDeleted, subject=roles),
    st.builds(principals.GroupMemberAdded, subject=users, group=st.builds(Ref, st.just("group"), names, ids)),
    st.builds(principals.Tagged, subject=refs, tags=st.dictionaries(names, names, max_size=2)),
    st.builds(principals.EntityListed, subject=refs, arn=arns, path=names, inline=st.lists(inline, max_size=2),
              attached=st.lists(policy_arns, max_size=2), groups=st.lists(names, max_size=2), trust_policy=documents,
              boundary=policy_arns),
    st.builds(policies.InlinePolicyPut, subject=refs, policy_name=names, document=documents),
    st.builds(policies.PolicyAttached, subject=refs, policy_arn=policy_arns),
    st.builds(policies.PermissionsBoundarySet, subject=refs, policy_arn=policy_arns),
    st.builds(policies.PolicyListed, subject=st.builds(Ref, st.just("policy"), names, ids), arn=policy_arns,
              default_version=names, versions=st.lists(st.builds(policies.ListedVersion, names, documents),
                  max_size=2)),
    st.builds(resources.ResourcePolicyPut, resource=where, document=documents),
    st.builds(resources.ResourcePolicyDeleted, resource=where),
    st.builds(resources.ResourceRegistered, resource=where, resource_type=names),
    st.builds(resources.ResourceStatementAdded, resource=where, statement_id=names,
              statement=st.one_of(st.none(), statements, st.sampled_from(["7", "[]", "null", "not JSON"]))),
    st.builds(resources.GrantCreated, resource=where, grant_id=names, operations=st.lists(names, max_size=2),
              grantee=st.one_of(arns, st.sampled_from(["x.amazonaws.com", "arn:aws:iam::444455556666:user/z"]))),
)  # fmt: skip


def _known(*records: Body) -> Directory:
    """What these records of one account make, a second apart."""
    log = MemoryLog()
    for number, body in enumerate(records):
        log.append(ACCOUNT, body, BEGIN + timedelta(seconds=number))
    return log.engine.directory


def _ask_all(directory: Directory) -> None:
    for action, resource in QUESTIONS:
        found = who_can(directory, action, resource)
        _agree(directory, found, action, resource)
        for kind in ("user", "role", "root", "anonymous", "service", "session", "provider"):
            search.subjects(directory, kind, action, resource, None, {})
    missing_documents(directory)
    uncovered_principals(directory)
    for entity in list(directory.of_kind("user", "role")):
        if not entity.exists:
            continue
        arn = directory.arn_of(entity)
        assert find_principal(directory, arn) is not None, entity.key
        what_can(directory, arn)
        which_resources(directory, arn, "s3:GetObject")
        search.resources(directory, arn, "iam:GetRole", "role", {})
        search.actions(directory, arn, f"{BUCKET}/x", None, {})
        request = Request(principal=arn, action="s3:GetObject", resource=f"{BUCKET}/x", mode="discover")
        authorize(directory, request)
        why_not(directory, request)


def _agree(directory: Directory, found: WhoCan, action: str, resource: str) -> None:
    for holder in (*found.allowed, *found.conditional, *found.unknown):
        if not holder.extent:
            asked = Request(principal=holder.principal, action=action, resource=resource, mode="discover")
            assert authorize(directory, asked).effect == holder.decision.effect, holder


@settings(max_examples=120, deadline=None)
@given(st.lists(bodies, min_size=1, max_size=8))
def test_no_import_makes_a_question_raise(records: list[Body]) -> None:
    _ask_all(_known(*records))


def test_a_role_whose_creation_was_never_seen_is_asked_about_by_its_name() -> None:
    """A trail that begins after the role was made, and then changes whom it trusts."""
    trust = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
        '"Action":"sts:AssumeRole"}]}')  # fmt: skip
    directory = _known(principals.TrustPolicyUpdated(subject=Ref("role", "Deploy"), document=trust))
    role = f"arn:aws:iam::{ACCOUNT}:role/Deploy"
    [unknown] = who_can(directory, "s3:GetObject", f"{BUCKET}/x").unknown
    assert (unknown.principal, unknown.kind) == (role, "role")
    for arn in (role, f"arn:aws:iam::{ACCOUNT}:role/service/Deploy"):  # nobody told its path
        found = authorize(directory, Request(principal=arn, action="s3:GetObject", resource=f"{BUCKET}/x"))
        assert found.effect == "conditional" and "role Deploy were never seen" in found.unknown[0]
    trusted = who_can(directory, "sts:AssumeRole", role)
    assert "arn:aws:iam::444455556666:role/*" in [each.principal for each in trusted.conditional]


def test_a_role_without_a_name_is_asked_about_by_its_unique_id() -> None:
    directory = _known(principals.PrincipalSeen(principal=Ref("role", "", "AROAREADER")))
    [unknown] = who_can(directory, "s3:GetObject", f"{BUCKET}/x").unknown
    assert unknown.principal == f"arn:aws:iam::{ACCOUNT}:role/AROAREADER"


def test_a_name_in_another_partition_keeps_it() -> None:
    log = MemoryLog(AWS_MANAGED)
    china: dict[str, Any] = {"mode": "observed", "partition": "aws-cn"}
    from erstwhile.domain.events.account import AccountRegistered

    log.append(ACCOUNT, AccountRegistered(**china), BEGIN)
    log.append(ACCOUNT, principals.RoleUpdated(subject=Ref("role", "Deploy")), BEGIN)
    [unknown] = who_can(log.engine.directory, "s3:GetObject", "arn:aws-cn:s3:::ledger/x").unknown
    assert unknown.principal == f"arn:aws-cn:iam::{ACCOUNT}:role/Deploy"

"""The first evaluator: case tables, and the laws that no engine may break."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as ep
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events import resources as er
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.validate import Malformed, check
from erstwhile.domain.policy.simulate import simulate
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.given import ACCOUNT, arn, directory_of, group, user

ADA = arn("user/ada")
BUCKET = "arn:aws:s3:::b"


def statement(
    effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = f"{BUCKET}/*", **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource} | more


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return orjson.dumps({"Version": version, "Statement": list(statements)}).decode()


def inline(*statements: dict[str, Any], subject: Ref | None = None, name: str = "p") -> Body:
    return ep.InlinePolicyPut(subject=subject or user("ada"), policy_name=name, document=document(*statements))


CREATED = eq.UserCreated(subject=user("ada"), arn=ADA, tags={"team": "red"})


def decide(
    *bodies: Body, action: str = "s3:GetObject", resource: str = f"{BUCKET}/x", mode: Any = "strict", **context: str
) -> Any:
    directory = directory_of(CREATED, *bodies)
    given: dict[str, tuple[str, ...]] = {key.replace("_", ":", 1).lower(): (value,) for key, value in context.items()}
    return authorize(
        directory,
        Request(principal=ADA, action=action, resource=resource, resource_account=ACCOUNT, context=given, mode=mode),
    )


CASES: list[tuple[str, list[Body], dict[str, Any], str]] = [
    ("nothing allows", [], {}, "implicit_deny"),
    ("an inline policy allows", [inline(statement())], {}, "allow"),
    ("another action", [inline(statement())], {"action": "s3:PutObject"}, "implicit_deny"),
    ("actions ignore case", [inline(statement(action="S3:getobject"))], {}, "allow"),
    ("wildcard in an action", [inline(statement(action="s3:Get*"))], {}, "allow"),
    ("? is one character", [inline(statement(action="s3:GetObjec?"))], {}, "allow"),
    ("resources mind case", [inline(statement(resource="arn:aws:s3:::B/*"))], {}, "implicit_deny"),
    ("an explicit deny wins", [inline(statement(), statement("Deny", "*", "*"))], {}, "explicit_deny"),
    ("NotAction", [inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})], {}, "allow"),
    ("NotAction excludes", [inline({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})], {}, "implicit_deny"),
    ("NotResource", [inline({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::c/*"})], {}, "allow"),
    ("NotResource excludes", [inline({"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/*"})], {},
     "implicit_deny"),
    ("through a group", [eq.GroupCreated(subject=group("g")),
                         eq.GroupMemberAdded(subject=user("ada"), group=group("g")),
                         inline(statement(), subject=group("g"))], {}, "allow"),
    ("a boundary limits", [inline(statement()), ep.PolicyCreated(subject=Ref("policy", "b", "ANPAB"),
        arn=arn("policy/b"), document=document(statement(action="iam:*"))),
        ep.PermissionsBoundarySet(subject=user("ada"), policy_arn=arn("policy/b"))], {}, "implicit_deny"),
    ("a boundary never grants", [ep.PolicyCreated(subject=Ref("policy", "b", "ANPAB"), arn=arn("policy/b"),
        document=document(statement(action="*", resource="*"))),
        ep.PermissionsBoundarySet(subject=user("ada"), policy_arn=arn("policy/b"))], {}, "implicit_deny"),
    ("a policy never seen", [ep.PolicyAttached(subject=user("ada"), policy_arn="arn:aws:iam::aws:policy/X")], {},
     "conditional"),
    ("a deny settles what is unknown", [ep.PolicyAttached(subject=user("ada"), policy_arn="arn:aws:iam::aws:policy/X"),
        inline(statement("Deny"))], {}, "explicit_deny"),
    ("an unknown document may deny what another allows",
     [ep.PolicyAttached(subject=user("ada"), policy_arn="arn:aws:iam::aws:policy/X"), inline(statement())], {},
     "conditional"),
    ("a resource's policy grants by name", [er.ResourcePolicyPut(resource=BUCKET,
        document=document(statement(Principal={"AWS": ADA})))], {}, "allow"),
    ("naming the account only delegates", [er.ResourcePolicyPut(resource=BUCKET,
        document=document(statement(Principal={"AWS": ACCOUNT})))], {}, "implicit_deny"),
    ("a resource's policy denies the account", [inline(statement()),
        er.ResourcePolicyPut(resource=BUCKET, document=document(statement("Deny", Principal={"AWS": ACCOUNT})))], {},
        "explicit_deny"),
    ("variables", [inline(statement(resource=f"{BUCKET}/${{aws:username}}/*"))], {"resource": f"{BUCKET}/ada/x"},
     "allow"),
    ("variables are literal before 2012", [ep.InlinePolicyPut(subject=user("ada"), policy_name="p",
        document=document(statement(resource=f"{BUCKET}/${{aws:username}}/*"), version="2008-10-17"))],
        {"resource": f"{BUCKET}/ada/x"}, "implicit_deny"),
    ("principal tags", [inline(statement(Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}))], {}, "allow"),
    ("a missing key is absent", [inline(statement(Condition={"StringEquals": {"aws:SourceVpc": "v"}}))], {},
     "implicit_deny"),
    ("a missing key is asked for", [inline(statement(Condition={"StringEquals": {"aws:SourceVpc": "v"}}))],
     {"mode": "discover"}, "conditional"),
    ("a variable's default stands for a missing key",
     [inline(statement(resource=f"{BUCKET}/${{aws:SourceVpc, 'home'}}/*"))], {"resource": f"{BUCKET}/home/x"}, "allow"),
    ("a default is not sure where keys may come",
     [inline(statement(resource=f"{BUCKET}/${{aws:SourceVpc, 'home'}}/*"))],
     {"resource": f"{BUCKET}/home/x", "mode": "discover"}, "conditional"),
    ("nor is one in a condition",
     [inline(statement(Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:SourceVpc, 'red'}"}}))],
     {"mode": "discover"}, "conditional"),
    ("negated operators hold for missing keys",
     [inline(statement(Condition={"StringNotEquals": {"aws:SourceVpc": "v"}}))], {}, "allow"),
    ("IfExists", [inline(statement(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}))], {}, "allow"),
    ("Null", [inline(statement(Condition={"Null": {"aws:TokenIssueTime": "true"}}))], {}, "allow"),
    ("an address in a network", [inline(statement(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))],
     {"aws_SourceIp": "203.0.113.9"}, "allow"),
    ("an address outside", [inline(statement(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))],
     {"aws_SourceIp": "198.51.100.1"}, "implicit_deny"),
    ("numbers", [inline(statement(Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}))],
     {"aws_MultiFactorAuthAge": "299"}, "allow"),
    ("dates", [inline(statement(Condition={"DateGreaterThan": {"aws:CurrentTime": "2026-01-01"}}))],
     {"aws_CurrentTime": "2026-03-01T00:00:00Z"}, "allow"),
    ("a document that cannot be read", [ep.InlinePolicyPut(subject=user("ada"), policy_name="p", document="{")], {},
     "conditional"),
]  # fmt: skip


@pytest.mark.parametrize(("bodies", "asked", "effect"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_cases(bodies: list[Body], asked: dict[str, Any], effect: str) -> None:
    assert decide(*bodies, **asked).effect == effect


def test_a_decision_says_why() -> None:
    found = decide(inline(statement(Sid="Read")))
    [why] = found.determining
    assert (why.sid, why.path, why.policy) == ("Read", ("user/ada", "inline:p"), "inline:p")
    found = decide(inline(statement(Condition={"StringEquals": {"aws:SourceVpc": "v"}})), mode="discover")
    assert found.missing_context == ("aws:SourceVpc",)


def test_whose_resource_it_is_is_never_assumed() -> None:
    directory = directory_of(CREATED, inline(statement()))
    found = authorize(directory, Request(principal=ADA, action="s3:GetObject", resource=f"{BUCKET}/x"))
    assert (found.effect, found.missing_context) == ("conditional", ("aws:ResourceAccount",))
    other = Request(principal=ADA, action="s3:GetObject", resource=f"{BUCKET}/x", resource_account="999999999999")
    assert authorize(directory, other).effect == "implicit_deny"


def test_the_root_may_all_and_strangers_are_unknown() -> None:
    directory = directory_of(CREATED)
    root = Request(principal=arn("root"), action="s3:GetObject", resource="*")
    assert authorize(directory, root).allowed
    with pytest.raises(UnknownPrincipal):
        authorize(directory, Request(principal=arn("user/eve"), action="s3:GetObject", resource="*"))


effects = st.sampled_from(["Allow", "Deny"])
actions = st.sampled_from(["s3:*", "s3:GetObject", "s3:Put*", "*", "iam:*"])
resources = st.sampled_from(["*", f"{BUCKET}/*", f"{BUCKET}/y"])
conditions = st.sampled_from(
    [
        {},
        {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ]
)
statements = st.builds(lambda e, a, r, c: statement(e, a, r, **c), effects, actions, resources, conditions)


@generated(st.lists(statements, max_size=5), st.randoms(use_true_random=False))
def test_laws(entries: list[dict[str, Any]], chance: Any) -> None:
    """Order changes nothing; one more Allow never removes access, one more Deny never adds it; default deny."""
    base = decide(inline(*entries)) if entries else decide()
    if entries:
        shuffled = list(entries)
        chance.shuffle(shuffled)
        assert decide(inline(*shuffled)).effect == base.effect
    if not any(entry["Effect"] == "Allow" for entry in entries):
        assert not base.allowed
    if base.allowed:
        assert decide(inline(*entries, statement())).allowed
    if not base.allowed:
        assert not decide(inline(*entries, statement("Deny"))).allowed
    assert decide(inline(*entries, statement("Deny", "*", "*"))).effect == "explicit_deny"


@generated(st.lists(statements, max_size=4))
def test_who_can_equals_the_loop_of_decisions(entries: list[dict[str, Any]]) -> None:
    directory: Directory = directory_of(CREATED, inline(*entries) if entries else CREATED)
    found = who_can(directory, "s3:GetObject", f"{BUCKET}/x", resource_account=ACCOUNT)
    single = decide(*([inline(*entries)] if entries else []), mode="discover").effect
    lists = {"allow": found.allowed, "conditional": found.conditional}
    for effect, holders in lists.items():
        assert (ADA in [holder.principal for holder in holders]) == (single == effect)


@pytest.mark.parametrize(("pattern", "text", "expected"), [
    ("a*c", "abc", True), ("a*c", "ac", True), ("a?c", "ac", False), ("*", "", True), ("a.c", "abc", False),
    ("a*" * 40 + "b", "a" * 60, False), ("*" * 500 + "x", "y" * 500, False),
])  # fmt: skip
def test_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize("broken", [
    "[]", "{}", '{"Statement":[]}', '{"Statement":{"Effect":"Allow"}}', '{"Version":"2020-01-01","Statement":{}}',
    document(statement(), statement("Maybe")), document(statement(NotAction="x:y")), document(statement(Foo=1)),
    document(statement(action="GetObject")), document(statement(resource="bucket")), document(statement(Sid="a b")),
    document(statement(Sid="a"), statement(Sid="a")), document(statement(Condition={"StringIs": {"a": "b"}})),
    document(statement(Condition=[])), document(statement(action=[])), document(statement(action=7)),
])  # fmt: skip
def test_malformed_documents(broken: str) -> None:
    with pytest.raises(Malformed):
        check(broken, "identity")


def test_a_principal_of_awss_own_needs_nothing_but_the_resources_policy() -> None:
    identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}
    for principal, expected in ((identity, "allow"), (f"{identity}2", "implicit_deny")):
        statement = read | {"Principal": {"AWS": identity}}
        given = {
            "principal": principal, "action": "s3:GetObject", "resource": "arn:aws:s3:::site/index.html",
            "resource_account": "111122223333",
            "policies": {"resource": {"Version": "2012-10-17", "Statement": [statement]}},
        }  # fmt: skip
        assert simulate(given).effect == expected

"""Principals with thousands of policies, policies that name thousands of principals, and thousands of roles that trust
each other: answered or refused, never computed without an end. What is counted is work, not time."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.policies import InlinePolicyPut
from erstwhile.domain.events.principals import RoleCreated, UserCreated
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.engine.many_statements import MANY, ByResource
from erstwhile.domain.policy.evaluation.applicable import evaluate_in
from erstwhile.domain.policy.inputs import caller as callers
from erstwhile.domain.policy.inputs.caller import parse_caller, strength
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, TooManyParts, TooMuch, parts, reduced
from erstwhile.domain.questions import principal_reach as reach
from erstwhile.domain.questions import resource_reach as extents
from erstwhile.domain.questions import which_resources as questions
from erstwhile.domain.questions import who_can_within as within
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.what_can_by_action import expanded
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.given import ACCOUNT, arn, directory_of

OTHER = "222233334444"
NAMES = st.sampled_from([
    ("AWS", "*"), ("AWS", ACCOUNT), ("AWS", OTHER), ("AWS", arn("root")), ("AWS", arn("user/ada")),
    ("AWS", arn("role/r")),
    ("AWS", arn("role/path/r")), ("AWS", arn("role/service-role/x")), ("AWS", "AIDAX"),
    ("Service", "lambda.amazonaws.com"),
    ("AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"), ("AWS", f"arn:aws:iam::{OTHER}:role/r"), ("Federated", "*"),
    ("Federated", arn("saml-provider/p")), ("CanonicalUser", "c" * 64),
    ("AWS", f"arn:aws:sts::{ACCOUNT}:federated-user/f"),
])  # fmt: skip
CALLERS = (
    ACCOUNT, arn("root"), arn("user/ada"), arn("user/path/ada"), arn("role/r"), arn("role/path/r"),
    "lambda.amazonaws.com",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", f"arn:aws:sts::{ACCOUNT}:federated-user/f", "*", arn("saml-provider/p"),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, max_size=4), st.sampled_from(CALLERS))
def test_among_many_names_a_caller_is_found_as_among_few(names: list[tuple[str, str]], asking: str) -> None:
    caller = parse_caller(asking)
    crowd = [("AWS", f"arn:aws:iam::{OTHER}:user/u{number}") for number in range(callers.FEW + 1)]
    assert strength(caller, (*crowd, *names), None) == strength(caller, tuple(names), None)


def with_policies(count: int) -> tuple[InlinePolicyPut | UserCreated, ...]:
    ada = Ref("user", "ada", "AIDAADA")
    policies = [
        InlinePolicyPut(
            subject=ada, policy_name=f"p{number}", document='{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
            f'"Action":"s3:Get*","Resource":"arn:aws:s3:::b{number}/*"}}}}',
        )
        for number in range(count)
    ]  # fmt: skip
    return (UserCreated(subject=ada, arn=arn("user/ada")), *policies)


def test_thousands_of_policies_are_answered_as_far_as_it_goes() -> None:
    directory = directory_of(*with_policies(1_500), mode="observed")
    found = who_can(directory, "s3:GetObject", "arn:aws:s3:::b7/x")
    assert [each.principal for each in (*found.allowed, *found.conditional)].count(arn("user/ada")) == 1
    hows = {
        reach.resource: reach.how for reach in which_resources(directory, arn("user/ada"), "s3:GetObject").resources
    }
    assert "unclear" in hows.values() and hows["arn:aws:s3:::b0/*"] != "unclear"
    with pytest.raises(TooManyParts):
        expanded(directory, arn("user/ada"))


def test_a_few_policies_are_told_whole() -> None:
    directory = directory_of(*with_policies(20), mode="observed")
    reached = which_resources(directory, arn("user/ada"), "s3:GetObject", resource_account=ACCOUNT).resources
    assert len(reached) == 20 and "unclear" not in {each.how for each in reached}
    assert expanded(directory, arn("user/ada"))


def test_the_effort_of_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    def left() -> int:
        effort = Effort(questions.EFFORT)
        parts(("arn:aws:s3:::a*",), ("arn:aws:s3:::ab*", "arn:aws:s3:::*c"), effort)
        return effort._left

    assert left() == left() < questions.EFFORT
    with pytest.raises(TooManyParts):
        parts(("a*",), ("*b",), Effort(1))


def test_patterns_with_other_beginnings_cut_nothing() -> None:
    assert reduced(("arn:aws:s3:::a*",), ["arn:aws:s3:::b*", "arn:aws:s3:::a*b", "*", "arn:aws:s3:::"]) == [
        "arn:aws:s3:::a*b", "*",
    ]  # fmt: skip


def trusting(count: int, names: Callable[[int], list[str]], may: Callable[[int], str] = lambda _: "*") -> Directory:
    """Roles that trust others, and may assume roles."""
    bodies: list[RoleCreated | InlinePolicyPut] = []
    for number in range(count):
        trust = {"Effect": "Allow", "Principal": {"AWS": names(number)}, "Action": "sts:AssumeRole"}
        bodies.append(
            RoleCreated(
                subject=_role(number), arn=_arn(number), trust_policy=orjson.dumps({"Statement": trust}).decode()
            )
        )
    for number in range(count):
        own = {"Effect": "Allow", "Action": ["sts:AssumeRole", "iam:PassRole"], "Resource": may(number)}
        bodies.append(
            InlinePolicyPut(subject=_role(number), policy_name="p", document=orjson.dumps({"Statement": own}).decode())
        )
    return directory_of(*bodies, mode="observed")


def _role(number: int) -> Ref:
    return Ref("role", f"r{number}", f"AROAR{number}")


def _arn(number: int) -> str:
    return arn(f"role/r{number}")


def neighbours(count: int) -> Callable[[int], list[str]]:
    return lambda number: [_arn((number + 1) % count), _arn((number - 1) % count)]


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many decisions each question makes about resources inside patterns, and about single ones."""
    found: Counter[str] = Counter()

    def counted(name: str, decide: Callable[..., Decision]) -> Callable[..., Decision]:
        def deciding(*given: object) -> Decision:
            found[name] += 1
            return decide(*given)

        return deciding

    for module in (extents, reach, questions):
        monkeypatch.setattr(module, "authorize", counted(module.__name__.rpartition(".")[2], authorize))
    return found


def test_each_role_is_compared_with_those_whose_trust_may_mean_it(decisions: Counter[str]) -> None:
    made: list[int] = []
    for count in (150, 300):
        directory = trusting(count, neighbours(count))
        decisions.clear()
        found = who_can(directory, "sts:AssumeRole", arn("role/*"))
        held = {each.principal: each for each in found.allowed}
        # A role whose trust was saved before another began does not mean that: the last one has nobody's.
        assert {_arn(number) for number in range(count - 1)} == held.keys()
        assert {each.extent for each in held.values()} == {"some"}
        assert (held[_arn(7)].example, held[_arn(80)].example) == (_arn(8), _arn(81))
        made.append(decisions["resource_reach"])
    assert made[1] < 2.2 * made[0] < 300 * 10  # ten for each role, not one for each two of them


def test_roles_with_the_same_trust_are_decided_about_once(decisions: Counter[str]) -> None:
    directory = trusting(300, lambda _: [ACCOUNT])
    found = who_can(directory, "sts:AssumeRole", arn("role/*"))
    assert sum(each.kind == "role" for each in found.allowed) == 300
    assert decisions["resource_reach"] < 300 * 5
    decisions.clear()
    reached = which_resources(directory, _arn(3), "sts:AssumeRole")
    assert {each.resource for each in reached.resources} >= {_arn(number) for number in range(300)}
    assert decisions["which_resources"] == 300 and decisions["resource_reach"] < 10


def test_the_work_for_a_pattern_grows_with_the_roles_not_with_their_pairs() -> None:
    def spent(count: int) -> int:
        asking = within.Within(
            trusting(count, neighbours(count), lambda number: _arn((number + 1) % count)), arn("role/*"),
            Asked(action="sts:AssumeRole"),
        )  # fmt: skip
        for number in range(count):
            asking.extent(_arn(number))
        return asking.spent

    assert spent(300) < 2.2 * spent(180)  # beside the sixty that cut, twice as many


def test_what_is_more_than_one_answer_computes_is_refused_with_what_to_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    directory = trusting(90, neighbours(90))
    whole = who_can(directory, "sts:AssumeRole", arn("role/*"))
    monkeypatch.setattr(within, "WORK", 2_000)
    with pytest.raises(TooMuch, match="ask about one resource, a narrower pattern, or the principals of one account"):
        who_can(directory, "sts:AssumeRole", arn("role/*"))
    assert who_can(directory, "sts:AssumeRole", arn("role/r7")).allowed
    monkeypatch.setattr(within, "WORK", 1_500_000)
    assert who_can(directory, "sts:AssumeRole", arn("role/*")) == whole
    monkeypatch.setattr(questions, "EFFORT", 1)
    with pytest.raises(TooMuch, match="ask about one resource"):
        which_resources(directory, _arn(7), "sts:AssumeRole")


def test_statements_that_cannot_bear_on_a_resource_are_not_looked_at() -> None:
    directory = directory_of(*with_policies(200), mode="observed")
    found = authorize(
        directory,
        Request(
            principal=arn("user/ada"), action="s3:GetObject", resource="arn:aws:s3:::b7/x", resource_account=ACCOUNT
        ),
    )
    assert [each.policy for each in found.determining] == ["inline:p7"]
    held = engine_of(directory).side(arn("user/ada")).identity
    assert held is not None
    about = ByResource(held.about("s3:getobject")).about("arn:aws:s3:::b7/x")
    assert [source.policy for _, source, _ in about] == ["inline:p7"]


def test_every_pattern_is_told_of_if_only_as_unclear() -> None:
    directory = directory_of(*with_policies(1_200), mode="observed")
    reached = which_resources(directory, arn("user/ada"), "s3:GetObject", resource_account=ACCOUNT).resources
    assert Counter(each.how for each in reached) == {"all": 1_000, "unclear": 200}


def test_a_root_is_told_every_action() -> None:
    found = expanded(directory_of(mode="observed"), arn("root"))
    actions = {action for each in found for action in each.actions}
    assert {"s3:GetObject", "iam:PassRole", "ec2:RunInstances"} <= actions and len(actions) > 10_000


def test_very_many_statements_say_what_each_by_itself_does() -> None:
    """Beyond MANY they are found by resource and by name: the plain evaluation looks at each."""
    bucket = "arn:aws:s3:::ledger"
    read = {"Effect": "Allow", "Action": "s3:GetObject"}
    named = [{**read, "Principal": {"AWS": _arn(number)}, "Resource": f"{bucket}/{number}/*"} for number in range(MANY)]
    others = {"Effect": "Deny", "NotPrincipal": {"AWS": [ACCOUNT, _arn(1), _arn(2), arn("user/ada")]}}
    statements = [
        *named,
        {**others, "Action": "s3:*", "Resource": f"{bucket}/2/*"},
        {**read, "Principal": {"AWS": ACCOUNT}, "Resource": f"{bucket}/3/*"},
        {**read, "Principal": "*", "Resource": f"{bucket}/open"},
    ]
    policy = orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()
    roles = [RoleCreated(subject=_role(number), arn=_arn(number), trust_policy="{}") for number in range(5)]
    directory = directory_of(
        *with_policies(MANY + 20), *roles, ResourcePolicyPut(resource=bucket, document=policy), mode="observed"
    )
    callers = [arn("user/ada"), arn("root"), "*", *(_arn(number) for number in range(5))]
    resources = [f"{bucket}/{number}/x" for number in range(5)]
    for caller, resource in itertools.product(callers, [*resources, f"{bucket}/open", "arn:aws:s3:::b7/x"]):
        for owner in (None, ACCOUNT):
            request = Request(principal=caller, action="s3:GetObject", resource=resource, resource_account=owner)
            assert authorize(directory, request) == evaluate_in(directory, request), request

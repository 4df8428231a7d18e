"""The case tables, asked of the engine, of the reference, of `erstwhile evaluate`, of a Directory, and in reverse."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest

from erstwhile.api.applications.names import Names
from erstwhile.api.http.authzen.bodies import Action, Entity, Evaluation, request_of
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.simulate import simulate
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.questions.who_can import who_can
from tests.support.policy import edge_cases
from tests.support.policy.cases import CASES, Case
from tests.support.policy.reference import evaluate
from tests.support.policy.request_world import built
from tests.support.program import erstwhile_reading

assert edge_cases  # they are cases too
IDS = [case.id for case in CASES]


def test_there_are_many_and_each_is_named() -> None:
    assert len(CASES) >= 400
    assert not [name for name, count in Counter(IDS).items() if count > 1]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_engine_and_the_reference(case: Case) -> None:
    assert simulate(case.given).effect == case.expected
    assert evaluate(case.given) == case.expected


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_over_a_directory_and_in_reverse(case: Case) -> None:
    world = built(case.given)
    if world is None:
        pytest.skip("no Directory can hold this: the request brings what only a simulation has")
    directory, request = world
    decision = authorize(directory, request)
    if "rcp" in case.given["policies"] and case.expected == "implicit_deny" and decision.effect == "allow":
        return  # in an organisation, each level has the policy of AWS's that allows all
    is_heard_of = directory.mode(parse_caller(request.principal).account) is not None
    if ":federated-user/" in request.principal and decision.unknown and (case.expected == "allow" or not is_heard_of):
        # Whose session it is, its ARN does not tell: that user's policies may deny. Nor which session policies somebody
        # of an account has of which nothing is known.
        assert decision.effect == "conditional"
        return
    assert decision.effect == case.expected
    assert authorize(directory, request) == decision  # settled or not
    if request.session_policies is not None:
        return
    assert authorize(directory, _as_application(case.given, directory)).effect == case.expected
    is_root = request.principal.endswith(":root")
    if not (directory.with_arn(request.principal) or is_root):
        return
    context = dict(request.context)
    found = who_can(
        directory, request.action, request.resource, resource_account=request.resource_account, context=context,
        mode="strict",
    )  # fmt: skip
    assert (request.principal in [holder.principal for holder in found.allowed]) == (case.expected == "allow")
    doubtful = [holder.principal for holder in (*found.conditional, *found.unknown)]
    assert (request.principal in doubtful) == (case.expected == "conditional")
    if is_root:
        return
    held = what_can(directory, request.principal).permissions
    for each in decision.determining:
        if each.layer == "identity":
            assert (each.policy, each.statement) in [(one.policy, one.statement) for one in held]


def _as_application(given: dict[str, Any], directory: Directory) -> Request:
    """The request as AuthZEN asks it."""
    context = given["context"] | (
        {"resource_account": given["resource_account"]} if "resource_account" in given else {}
    )
    asked = Evaluation(
        subject=Entity(type=parse_caller(given["principal"]).kind, id=given["principal"]),
        action=Action(name=given["action"]), resource=Entity(type="resource", id=given["resource"]), context=context,
    )  # fmt: skip
    return request_of(Names(), directory, asked, {})


def test_through_erstwhile_evaluate() -> None:
    lines = b"\n".join(orjson.dumps(case.given | {"id": number}) for number, case in enumerate(CASES))
    found = erstwhile_reading(lines, "evaluate", "-")
    assert found.returncode == 0, found.stderr
    answers = [orjson.loads(line) for line in found.stdout.splitlines()]
    assert [(answer["id"], answer["decision"]) for answer in answers] == [
        (number, case.expected) for number, case in enumerate(CASES)
    ]

"""The tables of a report: ids, names of actions, intents, sensitive actions, calls against the watch."""

from __future__ import annotations

import pytest

from erstwhile.domain.incident.access_key_ids import account_of, is_access_key
from erstwhile.domain.incident.intents import INTENTS, intent_of
from erstwhile.domain.incident.revocation import denied_before
from erstwhile.domain.incident.sensitive import SENSITIVE
from erstwhile.domain.incident.watch import tampering_words, target_of
from erstwhile.domain.observed.cloudtrail.called_action import action_of_call, plain_action
from erstwhile.domain.policy.knowledge.service_reference import access_level


def test_an_access_keys_form_tells_its_account() -> None:
    assert account_of("ASIAQNZGKIQY56JQ7WML") == "029608264753"
    # The ids of older keys, ids of other lengths, and what is no id tell none.
    for text in (
        "AKIAIOSFODNN7EXAMPLE",
        "AKIADEMOBUILDBOT0003",
        "ASIAQNZGKIQY56JQ7WM",
        "ada",
        "",
        "ASIAQNZGKIQY16JQ7WML",
    ):
        assert account_of(text) == ""
    assert is_access_key("AKIADEMOBUILDBOT0003") and not is_access_key("AIDADEMOBUILDBOT0003")
    assert not is_access_key("AKIA") and not is_access_key("akiademobuildbot0003")


@pytest.mark.parametrize(
    ("call", "action", "intent"),
    [
        ("s3:ListBuckets", "s3:ListAllMyBuckets", "discovery"),
        ("s3:GetObject", "s3:GetObject", "data access"),
        ("lambda:Invoke20150331", "lambda:InvokeFunction", "execution"),
        ("lambda:AddPermission20150331v2", "lambda:AddPermission", "persistence"),
        ("monitoring:DeleteAlarms", "cloudwatch:DeleteAlarms", "defence evasion"),
        ("cloudtrail:StopLogging", "cloudtrail:StopLogging", "defence evasion"),
        ("sts:AssumeRole", "sts:AssumeRole", "lateral movement"),
        ("iam:CreateAccessKey", "iam:CreateAccessKey", "persistence"),
        ("iam:AttachUserPolicy", "iam:AttachUserPolicy", "privilege escalation"),
        ("secretsmanager:GetSecretValue", "secretsmanager:GetSecretValue", "credential access"),
        ("sqs:TagQueue", "sqs:TagQueue", "change"),
        ("unheard:DescribeThings", "unheard:DescribeThings", "discovery"),
        ("unheard:MakeThings", "unheard:MakeThings", "change"),
    ],
)
def test_what_a_call_is_and_what_it_is_for(call: str, action: str, intent: str) -> None:
    assert action_of_call(call) == action
    assert intent_of(call) == intent and intent in INTENTS


def test_sensitive_actions_are_actions() -> None:
    """A name that AWS's reference does not have would never be found."""
    assert [action for action in SENSITIVE if not access_level(action)] == []


def test_the_target_of_a_call_against_the_watch() -> None:
    flow = {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}}
    assert target_of({"requestParameters": flow}) == "fl-1"
    assert target_of({"requestParameters": {"trailName": "main", "eventSelectors": []}}) == "main"
    assert target_of({"requestParameters": {"alarmNames": ["a", "b"]}}) == "a, b"
    assert target_of({"requestParameters": None}) == "" == target_of(None)
    assert tampering_words("s3:GetObject") == "" and plain_action("s3:GetObject") == "s3:GetObject"


def test_which_documents_deny_older_sessions() -> None:
    def deny(condition: str) -> str:
        return f'{{"Statement":[{{"Effect":"Deny","Action":["*"],"Resource":["*"]{condition}}}]}}'

    older = ',"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-03-03T15:00:00Z"}}'
    assert denied_before(deny(older)) == "2026-03-03T15:00:00Z"
    assert denied_before(deny("")) == "always"
    assert denied_before(deny(',"Condition":{"StringEquals":{"aws:username":"ada"}}')) is None
    assert denied_before('{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}') is None
    assert denied_before("no document") is None and denied_before(None) is None

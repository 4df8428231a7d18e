"""A record of CloudTrail that is written of an event means that event again, whatever it names."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.events import TYPE_NAMES, Body
from erstwhile.domain.events import credentials as c
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.exports.trail.records import written_record
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import translate
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.identifiers import Ref

ACCOUNT = "111122223333"
NAMES = st.text(alphabet="abcXYZ019+=,.@_-", min_size=1, max_size=64)
PATHS = st.sampled_from(["/", "/a/", "/a/b/"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
TAGS = st.dictionaries(st.text("abc:/ä", min_size=1, max_size=8), TEXTS, max_size=3)
DOCUMENTS = st.builds(lambda sid: orjson.dumps({"Statement": [{"Sid": sid}]}).decode(), TEXTS)


def arn(kind: str, path: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}"


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    name, path, tags, document = draw(NAMES), draw(PATHS), draw(TAGS), draw(DOCUMENTS)
    kind = draw(st.sampled_from(["user", "group", "role"]))
    ref, policy = Ref(kind, name), arn("policy", path, draw(NAMES))
    made: dict[str, Any] = {"path": path, "tags": tags, "created_at": "2026-03-03T14:02:11Z"}
    of_policy: dict[str, Any] = {"subject": Ref("policy", policy.rpartition("/")[2]), "arn": policy}
    return draw(
        st.sampled_from([
            q.UserCreated(subject=Ref("user", name, "AIDA1"), arn=arn("user", path, name), **made),
            q.RoleCreated(subject=Ref("role", name, "AROA1"), arn=arn("role", path, name), trust_policy=document,
                          description=draw(TEXTS), max_session_duration=draw(st.integers(3_600, 43_200)), **made),
            q.Tagged(subject=Ref("user", name), tags=tags), q.Untagged(subject=Ref("role", name), keys=list(tags)),
            q.GroupMemberAdded(subject=Ref("user", name), group=Ref("group", draw(NAMES))),
            q.TrustPolicyUpdated(subject=Ref("role", name), document=document),
            p.PolicyAttached(subject=ref, policy_arn=policy), p.PolicyDetached(subject=ref, policy_arn=policy),
            p.InlinePolicyPut(subject=ref, policy_name=draw(NAMES), document=document),
            p.PolicyCreated(**{**of_policy, "subject": Ref("policy", policy.rpartition("/")[2], "ANPA1")},
                            path=path, document=document, description=draw(TEXTS), tags=tags),
            p.PolicyVersionCreated(**of_policy, version_id="v2", document=document, is_default=draw(st.booleans())),
            c.AccessKeyCreated(subject=Ref("user", name), access_key_id="AKIA1"),
        ])
    )  # fmt: skip


@given(bodies(), TEXTS)
@settings(max_examples=60)
def test_a_written_record_means_its_event(body: Body, agent: str) -> None:
    event = {
        "position": 1, "event_id": "e1", "occurred_at": "2026-03-03T14:02:11.000001Z", "account": ACCOUNT,
        "actor": {"arn": f"arn:aws:iam::{ACCOUNT}:root", "id": ACCOUNT, "type": "Root", "access_key": "A", "mfa": True},
        "session": "", "source_ip": "203.0.113.9", "user_agent": agent, "action": "", "source": "api",
        "event": TYPE_NAMES[type(body)], "request_id": "r1", "evidence": "", "body": msgspec.to_builtins(body),
    }  # fmt: skip
    record = written_record([event])
    assert record is not None
    read = Record(read_json(orjson.dumps(record)))
    assert translate(read).bodies == (body,)
    assert read.details.user_agent == agent and read.actor.mfa is True

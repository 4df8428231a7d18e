"""Golden bytes of every event type ever written; I-JSON; jsonb gives back what went in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log import codec
from erstwhile.domain.event_log.codec import NotIJson, UnknownEventType, decode_envelope, encode
from erstwhile.domain.events import EVENT_TYPES, Actor, Body, Envelope
from erstwhile.domain.events.policies import InlinePolicyPut
from erstwhile.domain.events.principals import Tagged
from erstwhile.domain.vocabulary.identifiers import Ref

GOLDEN = Path(__file__).parent / "golden.json"
_SAMPLES: dict[Any, Any] = {
    str: "text", int: 7, bool: True, Ref: Ref("user", "ada", "AIDA1"), list[str]: ["a", "b"],
    list[int]: [7, 8],
    dict[str, str]: {"k": "v"},
    dict[str, dict[str, str]]: {"k": {"n": "v"}},
}  # fmt: skip


LATER: dict[str, tuple[tuple[str, ...], ...]] = {
    "iam.PolicyListed": (("only_default",),),
    "iam.PolicyVersionCreated": (("policy_created_at",),),
    "iam.RoleCreated": (("principals",),),
    "iam.TrustPolicyUpdated": (("principals",),),
    "organizations.GuardrailTypeDisabled": (("listed",),),
    "organizations.GuardrailTypeEnabled": (("listed",),),
    "resource.ResourcePolicyPut": (("principals",), ("listed",)),
    "resource.GrantCreated": (("constraints",),),
}
"""Fields that came after the first form of their type, those that came together in one, each with a default: the older
lines stay, `TYPE+` is added, then `TYPE++`."""


def forms() -> dict[str, Any]:
    """A body of every form of every type."""
    found = {}
    for name, cls in EVENT_TYPES.items():
        later = LATER.get(name, ())
        for number in range(len(later) + 1):
            found[name + "+" * number] = sample(cls, tuple(chain.from_iterable(later[number:])))
    return found


def sample(cls: type[Any], without: tuple[str, ...] = ()) -> Any:
    """A body with every field filled, but for those that it is to do without."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        if field.name in without:
            continue
        kind = field.type
        options: tuple[Any, ...] = getattr(kind, "__args__", ())
        if kind in _SAMPLES:
            values[field.name] = _SAMPLES[kind]
        elif type(None) in options:
            values[field.name] = _SAMPLES[options[0]]
        elif getattr(kind, "__origin__", None) is list:
            values[field.name] = [sample(options[0])]
        else:
            values[field.name] = options[0]  # the first of a Literal
    return cls(**values)


def envelope_of(body: Body) -> Envelope[Body]:
    at = datetime(2026, 3, 3, 14, 2, 11, 123456, tzinfo=UTC)
    actor = Actor("arn:aws:iam::111122223333:user/ada", "AIDA1", "IAMUser", "AKIA1", True, "x.amazonaws.com")
    return Envelope(
        source="cloudtrail",
        actor=actor,
        request_id="r",
        action="iam:X",
        evidence="e",
        between=(at, at),
        details_sha256="00",
        body=body,
    )


def test_golden_bytes_of_every_type() -> None:
    """Old JSON decodes for ever: a type may be added here, a line may never change."""
    golden: dict[str, str] = json.loads(GOLDEN.read_text())
    bodies = forms()
    assert golden == {name: encode(envelope_of(body)).decode() for name, body in bodies.items()}
    for name, text in golden.items():
        assert decode_envelope(name.rstrip("+"), text) == envelope_of(bodies[name])


def test_an_upcaster_reads_the_older_form(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_1(stored: dict[str, Any]) -> dict[str, Any]:
        stored["body"]["tags"] = {stored["body"].pop("key"): stored["body"].pop("value")}
        return stored

    monkeypatch.setitem(codec.UPCASTERS, "iam.Tagged", {1: from_1})
    old = '{"body":{"subject":{"kind":"user","name":"ada"},"key":"team","value":"x"}}'
    assert decode_envelope("iam.Tagged", old).body == Tagged(subject=Ref("user", "ada"), tags={"team": "x"})


def test_an_unknown_type_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(UnknownEventType, match="upgrade"):
        decode_envelope("iam.FromTheFuture", "{}")


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_is_not_i_json_is_refused(text: str) -> None:
    with pytest.raises(NotIJson):
        encode(Envelope(body=InlinePolicyPut(subject=Ref("user", "ada"), policy_name=text, document=None)))


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=texts, document=st.none() | texts)
def test_jsonb_gives_back_what_went_in(database: Database, name: str, document: str | None) -> None:
    envelope = envelope_of(InlinePolicyPut(subject=Ref("user", name), policy_name=name, document=document))
    with database.connect() as connection:
        row = connection.execute("SELECT %s::jsonb::text", (encode(envelope).decode(),)).fetchone()
    assert row is not None
    assert decode_envelope("iam.InlinePolicyPut", row[0]) == envelope

"""What an event is committed to by."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.events import EVENT_TYPES, Body, Envelope
from erstwhile.domain.ledger.leaves import canonical_event, canonical_instant, canonical_json, entry_of

_text = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=5),
    max_leaves=20,
)


@given(_values)
def test_the_canonical_form_is_that_of_rfc_8785(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


def test_keys_are_sorted_by_utf_16() -> None:
    assert canonical_json({"\U0001f600": 1, "\ufb33": 2}) == '{"\U0001f600":1,"\ufb33":2}'.encode()


def fractions_in(kind: Any, seen: set[Any]) -> list[Any]:
    """The parts of a type that may be fractions."""
    info = msgspec.inspect.type_info(kind) if not isinstance(kind, msgspec.inspect.Type) else kind
    if id(info) in seen or (isinstance(info, msgspec.inspect.StructType) and info.cls in seen):
        return []
    if isinstance(info, msgspec.inspect.StructType):
        seen.add(info.cls)
        return [each for field in info.fields for each in fractions_in(field.type, seen)]
    if isinstance(info, msgspec.inspect.FloatType | msgspec.inspect.DecimalType):
        return [info]
    parts = [getattr(info, name, None) for name in ("item_type", "key_type", "value_type")]
    parts += getattr(info, "types", ()) or ()
    parts += getattr(info, "item_types", ()) or ()
    return [each for part in parts if isinstance(part, msgspec.inspect.Type) for each in fractions_in(part, seen)]


@pytest.mark.parametrize("body", [EVENT_TYPES[name] for name in sorted(EVENT_TYPES)])
def test_no_event_has_a_fraction(body: type[Body]) -> None:
    """Only whole numbers have the same canonical form in the fast writer."""
    assert fractions_in(body, set()) == []
    assert fractions_in(Envelope[Body], set()) == []


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2026-03-01 12:00:00+00", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01 12:00:00.5+00", "2026-03-01T12:00:00.500000Z"),
        ("2026-03-01 12:00:00.123456+00", "2026-03-01T12:00:00.123456Z"),
        ("infinity", "infinity"),
        ("0044-03-15 12:00:00+00 BC", "0044-03-15 12:00:00+00 BC"),
    ],
)
def test_instants_have_one_form(text: str, canonical: str) -> None:
    assert canonical_instant(text) == canonical


def test_the_commitment_of_one_event_as_it_must_stay() -> None:
    """A change of this value would make every ledger that was ever kept wrong."""
    canonical = canonical_event(
        "0190a5c4-0000-7000-8000-000000000001", "2026-03-01T12:00:00.000001Z", "2026-03-01T12:00:00.000000Z",
        "iam.UserCreated", "111122223333", ["account:111122223333", "name:111122223333/user/ann"],
        {"v": 1, "source": "api", "body": {"user_name": "ann", "user_id": "AIDAEXAMPLE"}},
    )  # fmt: skip
    assert canonical == (
        b'{"account":"111122223333","data":{"body":{"user_id":"AIDAEXAMPLE","user_name":"ann"},"source":"api","v":1},'
        b'"event_id":"0190a5c4-0000-7000-8000-000000000001","occurred_at":"2026-03-01T12:00:00.000000Z",'
        b'"recorded_at":"2026-03-01T12:00:00.000001Z","tags":["account:111122223333","name:111122223333/user/ann"],'
        b'"type":"iam.UserCreated"}'
    )
    assert entry_of(canonical).hex() == "a330a21ea91e16887f9108e83b07b0c859202104bde01693a8d0ccd22a3edf5f"

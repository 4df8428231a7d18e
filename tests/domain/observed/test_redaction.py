"""Which secret fields a file has: the quick search finds what a search for each name finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.observed import redaction
from erstwhile.domain.observed.redaction import SECRET_FIELDS, secrets_in
from tests.support.examples import examples

FIELDS = sorted(SECRET_FIELDS)
_TEXTS = st.one_of(
    st.sampled_from((*FIELDS, *(f'"{each}"' for each in FIELDS), "secretId", '"secretsmanager', '"', "password", "\n")),
    st.text(max_size=12),
)


def each_sought(data: bytes) -> set[str]:
    return {field for field in FIELDS if f'"{field}"'.encode() in data}


@settings(max_examples=examples(2_000, 60))
@given(st.lists(_TEXTS, max_size=8), st.sampled_from((1, 2, 5, 16, 1 << 20)))
def test_the_names_that_are_there_are_found(texts: list[str], piece: int) -> None:
    data = "".join(texts).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_PIECE", piece)
        assert {each.decode().strip('"') for each in secrets_in(data)} == each_sought(data)


@pytest.mark.parametrize("field", FIELDS)
def test_each_name_is_found_wherever_it_stands(field: str) -> None:
    needle = f'"{field}"'.encode()
    for before, after in ((b"", b""), (b"{", b":1}"), (b"x" * ((1 << 20) - 5), b""), (b'"' * 40, b'"' * 40)):
        assert secrets_in(before + needle + after) == (needle,)

"""YAML that somebody else wrote: what is none, what is too deep, what multiplies."""

from __future__ import annotations

import pytest

from erstwhile.domain.controls.located import Located, MalformedControls
from erstwhile.domain.vocabulary.yaml_text import MAX_DEPTH, UnreadableYaml, load

LAUGHS = "a: &a [x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
)
BAD = {
    "nests without end": ("[" * 100_000, f"more than {MAX_DEPTH} lists", 1),
    "objects without end": ("{a: " * 50_000, f"more than {MAX_DEPTH} lists", 1),
    "lists on lines": ("- " * 50_000, f"more than {MAX_DEPTH} lists", 1),
    "multiplies": (LAUGHS, "aliases are not taken", 2),
    "contains itself": ("a: 1\nb: &b [*b]", "aliases are not taken", 2),
    "no YAML": ("a:\n  - [", "did not find expected node content", 2),
    "NUL": ("a: \0", "control characters are not allowed", None),
    "an object of Python": ("a: !!python/object:os.system x", "could not determine a constructor", 1),
}
NO_VALUES = ["2026-99-99", "2026-01-01T99:00:00Z", "9" * 6_000, ":".join(["1"] * 100_000)]


@pytest.mark.parametrize(("text", "words", "line"), BAD.values(), ids=list(BAD))
def test_what_is_not_taken(text: str, words: str, line: int | None) -> None:
    with pytest.raises(UnreadableYaml, match=words) as told:
        load(text)
    assert told.value.line == line
    with pytest.raises(MalformedControls, match=words):
        Located(text, "the file")


@pytest.mark.parametrize("value", NO_VALUES, ids=range(len(NO_VALUES)))
def test_values_that_are_none(value: str) -> None:
    with pytest.raises(UnreadableYaml):
        load(f"a: {value}")
    with pytest.raises(MalformedControls, match="line 2 of the file"):
        Located(f"b: 1\na: {value}", "the file")


def test_what_is_taken() -> None:
    deep = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert load("{a: 1, b: [x, 2026-03-03]}")["a"] == 1
    assert load(deep) and load("") is None
    assert load("a: &a [1]\nb: *a", aliases=True) == {"a": [1], "b": [1]}

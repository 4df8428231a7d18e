"""Rows of decisions: the line that is put together at once is the line of the row, for any question and answer."""

from __future__ import annotations

from datetime import date

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from erstwhile.api.decision_log import rows as rows_module
from erstwhile.api.decision_log.masking import Mask
from erstwhile.api.decision_log.rows import Entry, RowMaker, logged
from erstwhile.projections.decision_rows import line_of

ALLOWED = b'{"decision":true}'
NAMES = some.one_of(
    some.text(max_size=8),
    some.sampled_from(["arn:aws:s3:::a/b", "a\tb", "a\\b", "\\N", "\0", "é\u2028", "x" * 1_990, "y" * 2_001]),
)
ANSWERS = some.sampled_from(
    [ALLOWED, b'{"decision":false}', b'{"decision":false,"context":{"error":{"status":400}}}',
     b'{"decision":false,"context":{"effect":"explicit_deny","why":"a\\tb\\\\c"}}',
     '{"decision":true,"context":{"effect":"conditional","why":"é"}}'.encode()]
)  # fmt: skip
INSTANTS = some.one_of(
    some.integers(0, 253_402_300_799_999_998),  # the one after it stands for "for ever", when nobody decides
    some.sampled_from([0, 86_399_999_999, 86_400_000_000, 1_795_000_000_000_001]),
)


@some.composite
def entries(draw: some.DrawFn) -> Entry:
    subject, action, resource = draw(NAMES), draw(NAMES), draw(NAMES)
    asked = {"subject": {"id": subject}, "action": {"name": action}, "resource": {"id": resource}, "more": draw(NAMES)}
    question = orjson.dumps(asked, option=draw(some.sampled_from([0, orjson.OPT_INDENT_2])))
    revision, took = draw(some.integers(0, 1 << 40)), draw(some.floats(0, 1_000))
    return draw(INSTANTS), draw(NAMES), question, draw(ANSWERS), revision, took


@given(some.lists(entries(), max_size=5), some.booleans())
def test_a_line_is_that_of_its_row(found: list[Entry], is_masked: bool) -> None:
    mask = Mask(["app:*"] if is_masked else [])
    made = RowMaker(mask).rows(found)
    expected = []
    for at, asked_by, question, answer, revision, took in found:
        assert isinstance(question, bytes)
        expected.append(logged(at, asked_by, *mask.applied(question), answer, revision, took))
    assert [_one_form(line) for line in made.lines] == [_one_form(line_of(each)) for each in expected]
    assert (made.days, made.left_out) == ({each.decided_at.date() for each in expected}, 0)


def _one_form(line: str) -> str:
    """An instant of a whole second has two forms."""
    return line.replace(".000000+00:00", "+00:00")


@pytest.mark.parametrize("control", [chr(code) for code in range(0x20)])
def test_a_control_character_within_a_string_is_no_json(control: str) -> None:
    """So that names without a backslash need no look: none has a NUL, which would fail a whole batch."""
    question = f'{{"subject":{{"id":"a{control}"}},"action":{{"name":"a"}},"resource":{{"id":"a"}}}}'
    made = RowMaker(Mask([])).rows([(0, "shop", question.encode(), ALLOWED, 1, 0.0)])
    assert (made.lines, made.left_out) == ([], 1)
    escaped = msgspec.json.encode({"subject": {"id": control}, "action": {"name": "a"}, "resource": {"id": "a"}})
    made = RowMaker(Mask([])).rows([(0, "shop", escaped, ALLOWED, 1, 0.0)])
    assert (len(made.lines), made.days) == (1, {date(1970, 1, 1)})
    assert "\0" not in made.lines[0] and made.lines[0].count("\t") == 11


def test_no_more_answers_are_kept_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "_KEPT", 3)
    maker = RowMaker(Mask([]))
    question = b'{"subject":{"id":"a"},"action":{"name":"a"},"resource":{"id":"a"}}'
    answers = [b'{"decision":true,"n":%d}' % number for number in range(10)]
    made = maker.rows([(number, f"t{number}", question, answer, 1, 0.0) for number, answer in enumerate(answers)])
    assert [line.split("\t")[6].encode() for line in made.lines] == answers
    assert [line.split("\t")[0] for line in made.lines] == [f"t{number}" for number in range(10)]
    assert len(maker._answers) <= 3 and len(maker._names) <= 3
    large = b'{"decision":true,"why":"%s"}' % (b"x" * 5_000)
    assert maker.rows([(0, "t", question, large, 1, 0.0)]).lines[0].split("\t")[6].encode() == large
    assert large not in maker._answers

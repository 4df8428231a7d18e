"""The law of a segment's documents: those found for a question are those whose compiled statements say so."""

from __future__ import annotations

import itertools
import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.policy.language.bearing_statement import BearingStatement
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.part import service_of, statements_about, statements_near
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.held_statements import may_meet
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.projections.columns import compiled_statements
from erstwhile.projections.columns.builder import Builder
from erstwhile.projections.columns.documents import Documents
from erstwhile.projections.columns.segment import Segment
from tests.support.column_layers import rows_of
from tests.support.random_intervals import BEGIN

ACTIONS = ("s3:getobject", "s3:putobject", "sqs:sendmessage", "made:up")
RESOURCES = ("arn:aws:s3:::a/key", "arn:aws:s3:::b/key", "arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:s3:::a*", "*")
_SAID_ACTIONS = ("s3:GetObject", "s3:*", "sqs:Send*", "*", "s3:PutObject")
_SAID_RESOURCES = (
    "arn:aws:s3:::a/*", "arn:aws:s3:::b/key", "*", "arn:aws:s3:::${aws:username}/*", "arn:aws:sqs",
    "arn:aws:s3:*:*:?/key",
)  # fmt: skip


def _document(chance: random.Random) -> str | None:
    """One of six is unknown, no policy, or of a condition operator that there is not."""
    kind = chance.randrange(18)
    if kind == 0:
        return None
    if kind == 1:
        return chance.choice(("", "{}", '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'))
    entries = [_entry(chance) for _ in range(chance.randrange(4))]
    if kind == 2 and entries:
        entries[0]["Condition"] = {"NoSuchOperator": {"aws:username": "ada"}}
    said: object = entries[0] if len(entries) == 1 and chance.random() < 0.5 else entries
    return orjson.dumps({"Version": chance.choice(("2008-10-17", "2012-10-17")), "Statement": said}).decode()


def _entry(chance: random.Random) -> dict[str, object]:
    def some(texts: tuple[str, ...]) -> str | list[str]:
        return chance.choice(texts) if chance.random() < 0.5 else chance.sample(texts, chance.randrange(3))

    entry: dict[str, object] = {"Effect": chance.choice(("Allow", "Deny"))}
    if chance.random() < 0.5:
        entry["Sid"] = chance.choice(("", "One", "Zwölf", 7, None))
    entry[chance.choice(("Action", "Action", "NotAction"))] = some(_SAID_ACTIONS)
    entry[chance.choice(("Resource", "Resource", "NotResource"))] = some(_SAID_RESOURCES)
    if chance.random() < 0.3:
        entry["Condition"] = chance.choice((
            {"StringEquals": {"aws:username": "ada"}}, {"StringEquals": {"aws:username": "${aws:userid}"}},
            {"StringEquals": {}}, {},
        ))  # fmt: skip
    return entry


def _segment(documents: list[str | None]) -> Segment:
    rows = rows_of(
        Interval("111122223333", "user", f"U{number}", attributes.INLINE, "own", {"document": each},
                 BEGIN, FOREVER, number + 1, None)
        for number, each in enumerate(documents)
    )  # fmt: skip
    builder = Builder()
    builder.add(rows)
    return builder.segment({})


def _statements(document: str | None, action: str) -> tuple[CompiledStatement, ...] | None:
    """None of what cannot be read."""
    try:
        return None if document is None else compile_document(document, True).about(action)
    except (MalformedDocument, UnknownOperator):
        return None


class _AsTold:
    """Equals the statement that is told of a document: what of it is compiled was read as in the document."""

    def __init__(self, compiled: CompiledStatement) -> None:
        self._compiled = compiled

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, BearingStatement)
        said, is_fixed = self._compiled.statement, self._compiled.is_fixed
        rank = 0 if self._compiled.is_always else 1 if is_fixed else 2
        if other.compiled is not None:
            decides, reads = other.compiled.statement, self._compiled.keys_read
            resources = (said.resources, said.not_resources) if self._compiled.varies else (("*",), None)
            assert (decides.resources, decides.not_resources) == resources
            assert (decides.conditions, decides.has_variables) == (said.conditions, said.has_variables)
            assert other.compiled.keys_read == reads
        return (said.index, said.sid, said.allows, rank, is_fixed) == (
            other.number, other.sid, other.allows, other.rank, other.compiled is None
        )  # fmt: skip


@given(st.integers(0, 2**48))
def test_documents_are_found_as_their_statements_say(seed: int) -> None:
    chance = random.Random(seed)
    segment = _segment([_document(chance) for _ in range(chance.randrange(1, 12))])
    documents = Documents(segment)
    of_code = {int(code): segment.decoded(int(code)).get("document") for code in segment.value}
    for action in ACTIONS:
        about = {code: _statements(of_code[code], action) for code in sorted(of_code)}
        assert documents.speaking(action).tolist() == [code for code, those in about.items() if those != ()]
        for resource in RESOURCES:
            reaches = may_meet if is_pattern(resource) else CompiledStatement.may_cover
            allowing = [
                code
                for code, those in about.items()
                if those is None or any(each.allows and reaches(each, resource) for each in those)
            ]
            assert documents.allowing(action, resource).tolist() == allowing
            bearing = [
                code
                for code, those in about.items()
                if those is None or any(each.may_cover(resource) for each in those)
            ]
            found = documents.bearing(action, resource)
            assert found.values.tolist() == bearing
            for code, those in about.items():
                told = [_AsTold(each) for each in those or () if each.may_cover(resource)]
                assert list(found.statements(code) or ()) == told


@given(st.integers(0, 2**48))
def test_documents_that_are_alike_say_the_same(seed: int) -> None:
    chance = random.Random(seed)
    segment = _segment([_document(chance) for _ in range(30)])
    documents = Documents(segment)
    for action in ACTIONS:
        for resource in RESOURCES:
            found = documents.bearing(action, resource)
            said: dict[object, object] = {}
            for code in sorted(set(segment.value.tolist())):
                about, alike = found.statements(code), found.alike(code)
                assert (alike is None) == (about is None)
                if about is not None:
                    sayings = [(each.allows, each.compiled and _decides(each.compiled)) for each in about]
                    assert said.setdefault(alike, sayings) == sayings


@given(st.integers(0, 2**48))
def test_what_is_known_of_a_document_is_what_its_text_says(seed: int) -> None:
    chance = random.Random(seed)
    segment = _segment([_document(chance) for _ in range(12)])
    documents = Documents(segment)
    for code in sorted(set(segment.value.tolist())):
        known, text = documents.known(code), segment.decoded(code).get("document")
        assert (known is None) == (_statements(text, "*") is None)
        if known is None or text is None:
            continue
        for action, resource in itertools.product(ACTIONS, RESOURCES):
            service = service_of(action)

            def bears(each: CompiledStatement, action: str = action, resource: str = resource) -> bool:
                return each.speaks_of(action) and each.may_cover(resource)

            def is_near(
                each: CompiledStatement, action: str = action, resource: str = resource,
                service: tuple[str, ...] = service,
            ) -> bool:  # fmt: skip
                of_service = any(said.lower().startswith(service) for said in each.statement.actions or ())
                return each.allows and (each.speaks_of(action) or (of_service and each.may_cover(resource)))

            for found, read, wanted in (
                (known.about(action, resource), statements_about(text, action, resource), bears),
                (known.near(action, resource), statements_near(text, action, resource), is_near),
            ):
                assert [_as_read(each) for each in found if wanted(each)] == [
                    _as_read(each) for each in read if wanted(each)
                ]


def _as_read(compiled: CompiledStatement) -> object:
    """All that is said of a statement. A condition without keys is none."""
    return compiled.statement, compiled.is_fixed, compiled.resources


def _decides(compiled: CompiledStatement) -> object:
    """What tells whether a statement about an action and a resource applies."""
    said = compiled.statement
    return said.conditions, said.has_variables, said.resources, said.not_resources


def test_what_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_statements, "MOST_RESOURCES", 2)
    chance = random.Random(7)
    documents = Documents(_segment([_document(chance) for _ in range(30)]))
    found = [documents.bearing(action, RESOURCES[0]).values.tolist() for action in ACTIONS]
    assert found == [documents.bearing(action, RESOURCES[0]).values.tolist() for action in ACTIONS]
    assert len(documents.compiled._about) <= 2

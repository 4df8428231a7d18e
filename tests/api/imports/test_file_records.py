"""A file's records, and how they go from the process that reads to the one that stores."""

from __future__ import annotations

import pickle
from random import Random

import orjson

from erstwhile.api.imports.file_records import Digest, digest
from erstwhile.api.imports.files import SourceFile
from tests.support.generated_trail import record


def test_records_are_the_same_in_another_process() -> None:
    chance = Random(7)
    records = [record(chance, number) for number in range(120)]
    odd, insight = {"eventName": "x"}, {"eventType": "AwsCloudTrailInsight", "insightDetails": {}}
    found = digest(SourceFile("f", b"", orjson.dumps({"Records": [*records, odd, insight]})))
    assert len(found.filed) == 120 and len(found.odd) == 1 and found.passed_over.total() == 1

    sent = pickle.loads(pickle.dumps(found))

    assert [(each.event_id, each.raw, each.resources, each.translation) for each in sent.filed] == [
        (each.event_id, each.raw, each.resources, each.translation) for each in found.filed
    ]
    assert [each.read().raw for each in sent.filed] == [each.read().raw for each in found.filed]
    assert (sent.odd, sent.passed_over) == (found.odd, found.passed_over)


def test_a_file_without_records_goes_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(Digest())) == Digest()

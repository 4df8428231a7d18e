"""Random bytes that are drawn in bulk are handed out once."""

from __future__ import annotations

import os
import re
import threading

import pytest

from erstwhile.api.support.event_ids import new_event_id
from erstwhile.api.support.random_bytes import random_bytes


def test_nobody_gets_what_another_got() -> None:
    found: list[bytes] = []

    def take() -> None:
        found.extend([random_bytes(16) for _ in range(3_000)])

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 12_000 and {len(each) for each in found} == {16}
    assert len(random_bytes(10_000)) == 10_000  # more than is drawn at once


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # of Python 3.12, where threads are about
def test_a_forked_process_draws_its_own() -> None:
    random_bytes(1)  # so that there is something left to share
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, random_bytes(16))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 16) != random_bytes(16)
    os.close(read)
    os.close(write)


def test_event_ids_are_uuid7_and_follow_time() -> None:
    ids = [new_event_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", each) for each in ids
    )
    moments = [each[:13] for each in ids]
    assert moments == sorted(moments)

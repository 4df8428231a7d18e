"""How a server's memory is taken and given back."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

_HEAPS = """
import ctypes, sys, tempfile, threading
from erstwhile.projections.columns.memory import give_back, share_one_heap

if "shared" in sys.argv:
    share_one_heap()
together = threading.Barrier(4)

def work():
    together.wait()
    held = [bytearray(2_000) for _ in range(200)]
    together.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for each in threads:
    each.start()
for each in threads:
    each.join()
give_back()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    assert libc.malloc_info(0, stream) == 0
    libc.fclose(stream)
    print(file.read().count(b"<heap "))
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="glibc's malloc alone has such heaps")
def test_threads_share_one_heap() -> None:
    def heaps(*arguments: str, **more: str) -> int:
        environ = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"} | more
        found = subprocess.run([sys.executable, "-c", _HEAPS, *arguments], env=environ, capture_output=True, check=True)
        return int(found.stdout)

    assert heaps("shared") == 1
    assert heaps() > 1, "without it each thread has one"
    assert heaps("shared", MALLOC_ARENA_MAX="3") > 1, "what the environment says holds"


_PAGES = """
import resource, sys
from erstwhile.projections.columns.memory import keep_for_the_next_question

if "kept" in sys.argv:
    keep_for_the_next_question()

def large_answer():
    return [bytes(200_000) for _ in range(60)], [bytearray(3_000_000) for _ in range(4)]

large_answer()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    large_answer()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="glibc's malloc alone is told")
def test_the_memory_of_one_answer_serves_the_next() -> None:
    def new_pages(*arguments: str) -> int:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
        found = subprocess.run([sys.executable, "-c", _PAGES, *arguments], env=environ, capture_output=True, check=True)
        return int(found.stdout)

    assert new_pages("kept") < 3_000
    assert new_pages() > 10_000, "without it each answer takes its pages anew"

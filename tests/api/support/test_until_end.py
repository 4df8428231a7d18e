"""Archives that are thrown away half written."""

from __future__ import annotations

import gc
import io
import zipfile
from typing import Any

import pytest

from erstwhile.api.ledger.archive import ArchiveWriter
from erstwhile.api.support.until_end import UntilEnd


class Full(io.BytesIO):
    """A disk on which this much is free."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._room:
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.fixture
def unraised(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Python would print on standard error."""
    found: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", lambda hook: found.append(hook.exc_value))
    return found


def bundle(file: io.BytesIO, ends: bool = True) -> None:
    with ArchiveWriter(file) as archive:
        archive.add("one", [b"1" * 10])
        archive.add("two", [b"2" * 10])
        if not ends:
            raise ValueError("not proven")
        archive.finish({})


@pytest.mark.parametrize("room", range(0, 400, 7))
def test_a_bundle_for_which_there_is_no_room_says_so_and_no_more(room: int, unraised: list[Any]) -> None:
    file = Full(room)
    with pytest.raises(OSError, match="No space left"):
        bundle(file)
    file.close()
    gc.collect()
    assert unraised == []


def test_what_fails_between_two_files_of_a_bundle_is_all_that_is_said(unraised: list[Any]) -> None:
    file = io.BytesIO()
    with pytest.raises(ValueError, match="not proven"):
        bundle(file, ends=False)
    file.close()
    gc.collect()
    assert unraised == []


@pytest.mark.parametrize("room", range(0, 300, 7))
def test_an_archive_that_nobody_closes_writes_its_end_nowhere(room: int, unraised: list[Any]) -> None:
    """As those of workbooks, which the library keeps to itself."""
    file = Full(room)
    target = UntilEnd(file)
    packed = zipfile.ZipFile(target, "w")
    with pytest.raises(OSError, match="No space left"):
        packed.writestr("one", b"1" * 300)
    target.end()
    file.close()
    del packed
    gc.collect()
    assert unraised == []


def test_what_is_written_until_the_end_is_there() -> None:
    file = io.BytesIO()
    target = UntilEnd(file)
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("one", "1")
    target.end()
    assert target.write(b"more") == 4 and target.tell() == len(file.getvalue()) + 4
    assert zipfile.ZipFile(file).read("one") == b"1"

"""A file that takes and forgets what comes after its end. A ZIP archive that is thrown away half written writes its own
end nevertheless, whether anybody wants it or not: to a closed file it fails, and Python prints that on standard error.
"""

from __future__ import annotations

import os
from typing import IO


class UntilEnd:
    def __init__(self, file: IO[bytes]) -> None:
        self._file: IO[bytes] | None = file
        self._place = 0

    def end(self) -> None:
        if self._file is not None:
            self._place = self._file.tell()
            self._file = None

    def close(self) -> None:
        self.end()

    def write(self, data: bytes) -> int:
        if self._file is not None:
            return self._file.write(data)
        self._place += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self._file is not None:
            return self._file.seek(offset, whence)
        self._place = offset if whence == os.SEEK_SET else self._place + offset
        return self._place

    def tell(self) -> int:
        return self._file.tell() if self._file is not None else self._place

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def seekable(self) -> bool:
        return self._file is None or self._file.seekable()

"""How files are read in `make bench-use`: as an import reads them, and as one that keeps no use would.

The process that reads imports this module and nothing else of the benchmark.
"""

from __future__ import annotations

from erstwhile.api.imports.file_records import Digest, read_and_digest
from erstwhile.api.imports.files import ImportRefused, Part, SourceFile
from erstwhile.domain.observed.cloudtrail import quick_scan
from erstwhile.domain.vocabulary.typed import decoder


def read_with_use(part: Part, max_bytes: int) -> tuple[SourceFile, Digest | ImportRefused]:
    return read_and_digest(part, max_bytes)


class _Glance(quick_scan._Glance, frozen=True, rename={"requestParameters": "-", "resources": "--"}):
    """A glance that passes over what use alone reads."""


def read_without_use(part: Part, max_bytes: int) -> tuple[SourceFile, Digest | ImportRefused]:
    """Reads nothing of parameters and resources."""
    setattr(quick_scan, "acted_on_unread", lambda *_: ((), ()))  # noqa: B010  (it is that module's import)
    setattr(quick_scan, "_glance", decoder(_Glance))  # noqa: B010
    return read_and_digest(part, max_bytes)

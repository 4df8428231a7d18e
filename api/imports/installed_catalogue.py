"""The whole catalogue of AWS-managed policies, where the package that ships one is installed: moto (Apache-2.0).

It tells each policy's version in force when it was made, and since when; earlier ones stay unknown.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import orjson

from erstwhile.domain.observed.managed_policies import Version, read_listing

PACKAGE = "moto"
MISSING = (
    "no package that ships the catalogue of AWS-managed policies is installed: install moto (`pip install moto`), "
    "or name a file or folder"
)


class Installed(msgspec.Struct, frozen=True):
    package: str
    sha256: bytes
    versions: list[Version]


def _path() -> Path | None:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "iam" / "aws_managed_policies.py"
    return path if path.is_file() else None


def _loaded(path: Path) -> ModuleType:
    """The one file, without the package around it, which would load its models of every service."""
    name = "erstwhile_installed_catalogue"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop(name, None)
    return module


def sha256() -> bytes | None:
    """Of the file that ships the catalogue; None where none is installed."""
    path = _path()
    return hashlib.sha256(path.read_bytes()).digest() if path is not None else None


def read() -> Installed | None:
    """None where no package is installed. Raises MalformedCatalogue."""
    path, digest = _path(), sha256()
    if path is None or digest is None:
        return None
    data: Any = orjson.loads(_loaded(path).aws_managed_policies_data)
    return Installed(f"{PACKAGE}: {path.name}", digest, read_listing(data))

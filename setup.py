"""Builds the wheel. With ERSTWHILE_COMPILE=1 the hot paths are compiled with mypyc; without a compiler, or where it
fails, the wheel is built in pure Python, and says so."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig

from setuptools import setup

COMPILED = [
    # Modules without msgspec's structs, which are native already.
    *(f"erstwhile/domain/policy/{name}.py" for name in (
        "kleene", "match", "variables", "values", "context", "conditions", "statement", "caller", "logic",
        "impossible", "exemptions", "known_keys", "question", "cells", "session_names", "decide", "accounts", "sides",
        "engine", "authorize",
    )),
    "erstwhile/domain/directory.py",
    *(f"erstwhile/domain/evolve/{name}.py" for name in (
        "pen", "principals", "policies", "credentials", "resources", "organizations", "account",
    )),
    *(f"erstwhile/domain/decide/{name}.py" for name in ("limits", "lookups", "principals", "dependencies", "table")),
    "erstwhile/domain/touches.py",
    "erstwhile/domain/event_log/speculate.py",
    "erstwhile/domain/event_log/event_ids.py",
    "erstwhile/domain/event_log/randomness.py",
    *(f"erstwhile/api/aws/{name}.py" for name in (
        "sigv4", "parse", "render", "resource", "permissions", "kept_answers",
    )),
]  # fmt: skip


def extensions() -> list[object]:
    if os.environ.get("ERSTWHILE_COMPILE") != "1":
        return []
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        print(f"erstwhile: no C compiler ({compiler}): building in pure Python", file=sys.stderr)
        return []
    try:
        from mypyc.build import mypycify
    except ImportError:
        print("erstwhile: mypyc is not installed: building in pure Python", file=sys.stderr)
        return []
    try:
        return list(mypycify(COMPILED, opt_level="3"))
    except SystemExit:
        # It says why: most likely, the packages that the modules import are not there (pip's build isolation).
        print("erstwhile: mypyc did not compile: building in pure Python", file=sys.stderr)
        return []


setup(ext_modules=extensions())

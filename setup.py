"""Builds the wheel. With ERSTWHILE_COMPILE=1 the hot paths are compiled with mypyc; without a compiler, or where it
fails, the wheel is built in pure Python, and says so."""

from __future__ import annotations

import glob
import os
import shutil
import sys
import sysconfig

from setuptools import setup

MARK = "# mypyc: compiled\n"
"""The first line of a module that is compiled. Modules with msgspec's structs are not: those are native already."""


def marked() -> list[str]:
    """The paths of the modules to compile, as they are installed."""
    found = []
    for path in sorted(glob.glob("erstwhile/**/*.py", recursive=True)):
        with open(path) as file:
            if file.readline() == MARK:
                found.append(path)
    return found


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
        return list(mypycify(marked(), opt_level="3"))
    except SystemExit:
        # It says why: most likely, the packages that the modules import are not there (pip's build isolation).
        print("erstwhile: mypyc did not compile: building in pure Python", file=sys.stderr)
        return []


setup(ext_modules=extensions())

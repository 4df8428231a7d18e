"""Why a sealed secret cannot be opened."""

from __future__ import annotations


class MasterKeyMissing(RuntimeError):
    """a stored secret names a master key that is not here"""


class SealBroken(ValueError):
    """what was sealed was changed, or is of another purpose"""

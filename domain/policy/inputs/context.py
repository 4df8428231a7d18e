# mypyc: compiled
"""The context of one request: what the caller gave, and what follows from principal, resource and instant."""

from __future__ import annotations

from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.context_values import ContextDict

OWN_WORDS = ("subject:", "resource:")
"""Beginnings of an application's own condition keys: the `properties` of its requests, else what is registered."""

_OURS = "erstwhile:"
_ENCRYPTION = "kms:encryptioncontext:"
_TOLD_ENCRYPTION_KEYS = "kms:encryptioncontextkeys"
ENCRYPTION_KEYS = _OURS + _TOLD_ENCRYPTION_KEYS
"""A key of ours, for the constraints of KMS grants: the names in the encryption context, whatever their case."""


class Context:
    """Looks keys up. What the request gives goes before what the Directory knows."""

    __slots__ = ("_principal", "_resource", "discover", "given", "missing", "resource")

    def __init__(self, request: Request, principal: ContextDict, resource: ContextDict) -> None:
        self.given = request.context
        self.resource = request.resource
        self._principal = principal
        self._resource = resource
        self.discover = request.mode == "discover"
        self.missing: set[str] = set()

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of a key (lower case); None where it is absent."""
        found = self.given.get(key)
        if found is None:
            found = self._principal.get(key)
            if found is None:
                found = self._resource.get(key)
                if found is None and key.startswith(OWN_WORDS):
                    found = self._own_words(key)
                elif key == ENCRYPTION_KEYS:
                    found = self._encryption_keys()
        return found

    def _own_words(self, key: str) -> tuple[str, ...] | None:
        """What an application calls `subject:department` is the principal's tag, where the request leaves it out."""
        entity, _, name = key.partition(":")
        if entity == "subject":
            return self._principal.get(f"aws:principaltag/{name}")
        return self._resource.get(f"aws:resourcetag/{name}")

    def _encryption_keys(self) -> tuple[str, ...] | None:
        """The names in the encryption context, in lower case; None where more of them may come."""
        told = self.given.get(_TOLD_ENCRYPTION_KEYS)
        if told is None and self.discover:
            return None
        found = [name.lower() for name in told or ()]
        found += [key[len(_ENCRYPTION) :] for key in self.given if key.startswith(_ENCRYPTION)]
        return tuple(dict.fromkeys(found))

    def lacks(self, key: str) -> None:
        """Notes a key that would have told; for discover mode."""
        self.missing.add(key.removeprefix(_OURS))

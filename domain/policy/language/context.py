# mypyc: compiled
"""The condition keys of one request: those that it brings, and those that follow from principal and resource."""

from __future__ import annotations

from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues

OWN_WORDS = ("subject:", "resource:")
"""Beginnings of an application's own condition keys: the `properties` of its requests, else what is registered."""

_OURS = "erstwhile:"
_ENCRYPTION = "kms:encryptioncontext:"
_GIVEN_ENCRYPTION_KEYS = "kms:encryptioncontextkeys"
ENCRYPTION_KEYS = _OURS + _GIVEN_ENCRYPTION_KEYS
"""A key of ours, for the constraints of KMS grants: the names in the encryption context, whatever their case."""


class Context:
    """Looks keys up. What the request gives goes before what the Directory knows."""

    __slots__ = ("_principal", "_resource", "discover", "given", "missing")

    def __init__(
        self, given: ContextValues, principal: ContextDict, resource: ContextDict, discover: bool = False
    ) -> None:
        self.given = given
        """What the request brings."""
        self._principal = principal
        self._resource = resource
        self.discover = discover
        """Whether a key that is missing makes a condition depend on it: `Request.mode`."""
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
        names = self.given.get(_GIVEN_ENCRYPTION_KEYS)
        if names is None and self.discover:
            return None
        found = [name.lower() for name in names or ()]
        found += [key[len(_ENCRYPTION) :] for key in self.given if key.startswith(_ENCRYPTION)]
        return tuple(dict.fromkeys(found))

    def lacks(self, key: str) -> None:
        """Notes a key on whose value the answer depends; for discover mode."""
        self.missing.add(key.removeprefix(_OURS))

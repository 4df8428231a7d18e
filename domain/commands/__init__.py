"""Commands: what a caller wants. `account`, `principals`, `policies`, `credentials`, `resources`, `organizations`.

New unique ids come in with the command: deciding is pure.
"""

from erstwhile.domain.commands.base import Command

__all__ = ["Command"]

"""Commands: what a caller wants. New unique ids come in with the command, since a decision is pure.

- `base`: what every command has in common.
- `account`, `principals`, `policies`, `credentials`, `resources`, `settings`: the commands, by area.
"""

from erstwhile.domain.commands.base import Command

__all__ = ["Command"]

"""Commands: what a caller wants of an account that we govern, and what follows: events, or a refusal.

One file an area holds each command's class, its decision (`@handles`), and what the decision depends on. A decision is
pure; new unique ids come in with the command.

- `base`: what every command has in common.
- `handling`: handles a command by the function that its area declares.
- `dependencies`: which later events would make a decision void.
- `limits`: names, paths, documents and quotas, as IAM publishes them.
- `lookups`: finds what a command names, or refuses.
- `account`, `users_groups`, `roles`, `instance_profiles`, `tags`, `policies`, `attachments`, `credentials`,
  `resources`, `organizations`, `settings`, `watches`, `reviews`, `approvals`, `exceptions`: the commands, by area.
"""

from erstwhile.domain.commands.base import Command
from erstwhile.domain.commands.handling import dependencies_of, handle

__all__ = ["Command", "dependencies_of", "handle"]

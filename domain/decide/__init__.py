"""A command → events, or a refusal. Pure: decide(directory, command).

- `limits`: names, paths, documents and quotas, as IAM publishes them.
- `lookups`: finds what a command names, or refuses.
- `account`, `principals`, `policies`, `credentials`, `resources`, `settings`: the decisions, by area.
- `table`: which function decides which command.
- `dependencies`: which later events would make a decision void.
"""

from erstwhile.domain.decide.dependencies import dependencies
from erstwhile.domain.decide.table import decide

__all__ = ["decide", "dependencies"]

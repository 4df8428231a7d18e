"""Who gives a command on the command line."""

from __future__ import annotations

import getpass
import os

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.domain.events import Actor


def caller(action: str) -> Provenance:
    """The account of this machine that runs the command, as the trail names it."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user id that has no name, as in containers
        name = str(os.getuid())
    return Provenance(Actor(id=name, type="CommandLine"), action=action)

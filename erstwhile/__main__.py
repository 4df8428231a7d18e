"""`erstwhile` and `python -m erstwhile`: the command line."""

from __future__ import annotations

import signal
import sys


def _end_if_interrupted(lost: sys.UnraisableHookArgs) -> None:
    """Python drops an exception that is raised in a destructor or in a callback of a weak reference. If that is Ctrl-C,
    the program ends at once."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    sys.__unraisablehook__(lost)


def main() -> None:
    """The entry point. Until the program is loaded there is nothing to put in order, and Ctrl-C just ends it."""
    sys.unraisablehook = _end_if_interrupted
    answers_interrupts = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if answers_interrupts:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from erstwhile.api.cli import main as run

    try:
        if answers_interrupts:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        # Before a command has begun, and between the steps of the command line's library, nobody else answers Ctrl-C.
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()

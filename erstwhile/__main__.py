"""`erstwhile` and `python -m erstwhile`: the command line."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """The entry point. Until the program is loaded there is nothing to put in order, and Ctrl-C just ends it."""
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

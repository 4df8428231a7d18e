"""`python -m erstwhile`: the command line."""

from __future__ import annotations

from erstwhile.api.cli import main

if __name__ == "__main__":
    main()

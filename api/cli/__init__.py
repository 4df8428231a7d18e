"""The command line `erstwhile`: `serve`, `imports`, `questions`, `admin`, `demo`; `run` shares what they need."""

from erstwhile.api.cli.app import main

__all__ = ["main"]

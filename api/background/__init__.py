"""Threads of a server that work in rounds, beside its answers.

- `rounds`: one such thread: it waits, works, notes a failure, and goes on.
- `background`: those of a process, and what their last rounds ended with.
"""

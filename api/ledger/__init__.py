"""The ledger in a process: its keys, the thread that keeps it, and what is told of it.

- `keys`: the keys that sign checkpoints, and their public parts.
- `keeping`: the thread of a server that keeps the tree and signs.
- `told`: the verdict of a verification, for people and programs.
"""

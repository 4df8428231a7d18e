"""Exceptions: what an owner answers for, with a reason, until an instant.

- `exception`: one exception, which finding or break it is about, and those of an instant.
- `exempted`: the exceptions of an instant, as reports ask for them.
"""

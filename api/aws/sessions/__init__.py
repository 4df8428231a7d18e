"""Credentials with which callers authenticate.

- `session`: session credentials: sealed, self-contained.
- `guesses`: slows down guessing of codes and passwords.
- `mfa`: virtual MFA devices.
- `passwords`: console passwords.
"""

"""Credentials with which callers authenticate.

- `session`: session credentials: sealed, self-contained.
- `issuing`: issues session credentials.
- `guesses`: slows down guessing of codes and passwords.
- `mfa`: virtual MFA devices.
- `passwords`: console passwords.
"""

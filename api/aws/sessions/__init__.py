"""Credentials that prove who calls.

- `session`: session credentials: sealed, self-contained.
- `issuing`: gives them out.
- `guesses`: slows guesses of codes and passwords.
- `mfa`: virtual MFA devices.
- `passwords`: console passwords.
"""

"""What an administrator does outside the protocol.

- `setup`: master keys, the account, the root's key.
- `revoking`: ends sessions and keys.
- `reseal`: rotation of master keys.
"""

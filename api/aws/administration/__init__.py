"""What an administrator does beside the protocol.

- `setup`: master keys, the account, the root's key.
- `revoking`: ends sessions and keys.
"""

"""Translates IAM's mutating operations into domain events.

- `subjects`: reads which entity an operation names.
- `principals`, `policies`, `credentials`, `settings`: the operations, by area.
"""

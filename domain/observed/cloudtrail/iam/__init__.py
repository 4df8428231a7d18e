"""What each mutating IAM operation means, as domain events.

- `subjects`: whom an operation names.
- `principals`, `policies`, `credentials`, `settings`: the operations, by area.
"""

"""An application's own resources and its own names for principals and actions.

- `names`: an application's words ↔ ARNs and actions.
- `registration`: a resource as an application describes it → a command.
"""

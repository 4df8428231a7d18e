"""What was compiled of one Directory, kept for the next request and forgotten where the Directory changed.

- `caller_cache`: the policies of each caller.
- `decision_engine`: decides a request with what is kept.
"""

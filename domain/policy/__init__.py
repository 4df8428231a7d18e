"""The policy language and its evaluation.

- `language`: documents, statements, conditions: what a policy says.
- `knowledge`: what AWS publishes: services, actions, global keys, lists.
- `inputs`: what is asked, by whom, and which policies bear on it.
- `evaluation`: AWS's evaluation of one request.
- `engine`: the same, compiled and kept for the next request.
- `authorize`: the one function that decides over a Directory.
- `simulate`: decides from policies that are given, without a Directory.
"""

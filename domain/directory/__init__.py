"""The access state at one instant. The past has the same type as the present.

- `facts`: one thing that is true of one entity for a while.
- `attributes`: which facts there are: names, items, values.
- `entity`: one principal, policy or resource, with its facts.
- `directory`: entities with their facts, found by id, name and ARN.
- `links`: which entities have an item: the way back from a group to its members.
- `deletion_conflicts`: what must be gone before an entity is deleted.
- `ownership`: which account a thing belongs to when several claim it.
- `name_order`: the names of one kind in one account, in order, for pages of listings.
- `root_keys`: access keys of an account's root.
- `token_issuers`: accounts as issuers of web identity tokens.
"""

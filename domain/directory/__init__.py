"""The access state at one instant. The past has the same type as the present.

- `facts`: a fact: one value that holds for one entity during some time.
- `attributes`: the kinds of facts: their names, items and values.
- `account_modes`: an account that is governed here, before it was.
- `entity`: one principal, policy or resource, with its facts.
- `directory`: entities with their facts, found by id, name and ARN; `ways_by_kind`: found among all of a kind;
  `derived`: what is computed from them and kept.
- `fact_source`, `view`: a Directory that reads its entities from elsewhere, each when it is asked for.
- `named`: who a user or role is, and many of them as columns.
- `held`: who has which policies that may bear on a question: what a view can tell without making entities;
  `numbered_principals`: and who may be allowed what.
- `writable_view`: such a Directory that goes on from there; `moving_view`: one that goes on to another instant;
  `deciding_view`: one for decisions alone.
- `links`: the reverse index: from a group to its members, from a policy to the entities that use it; `view_links`, of a
  view that is written to.
- `deletion_conflicts`: what must be removed before an entity can be deleted.
- `ownership`: decides which entity an ARN or access key belongs to when several claim it.
- `named_actions`: the actions that policies name.
- `name_order`: the names of one kind in one account, in order, for pages of listings.
- `root_keys`: access keys of an account's root.
- `token_issuers`: accounts as issuers of web identity tokens.
"""

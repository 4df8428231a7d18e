"""Comparing what principals may at two instants. The effect counts, not the documents.

- `outcome`: what a decision amounts to; `standing`: a principal at one instant, with the statements that bear on it.
- `action_groups`: actions that all statements speak of alike; `resources` and `resource_cells`: the parts of resources
  that statements tell apart, and known resources that are unlike others.
- `elsewhere`: parts of the resources that nobody knows; `trust`: the roles whose trust policies may let somebody in.
- `cells_by_pattern`: which cells a pattern matches, and which a statement may be about; `naming`: sets of actions or
  resources, by patterns.
- `sharing`: what is decided once for all principals that are alike in it.
- `comparison`: one principal; `causes` and `events_behind`: the events behind a difference.
- `instants`: two instants, with what the comparisons of all principals share; `moved_actions`: which actions have to be
  compared.
- `concerned`: whose access may differ at all; `outsiders`: who else is named by policies of what differs; `unchanged`:
  who of them is like another; `guardrails`: what limits an account.
"""

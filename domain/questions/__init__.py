"""Questions over a Directory. Pure: the same of now, of the past, and of what-ifs.

- `index`: action → statements → principals, as bitmaps; `indexed_principals` are those by numbers, `held_statements`
  the statements about one action.
- `who_can`: who can do an action on a resource; `outsiders` are the principals of other accounts among them.
- `decided_together`: the same of all users and roles of a view at once: `policy_says` what a policy says to whoever has
  it, `common_frame` what guardrails and resource say of an account's principals, `caller_of_columns` decides about one
  (`told_statements`: how a statement is named),
  `composed` puts a conditional decision together from what each policy comes to, `surely_allowed` are those about whom
  nothing has to be decided, `on_condition` those about whom classes are.
- `what_can`: the statements that bear on a principal; `what_can_by_action` expands them to single actions.
- `as_policy`: what a principal may, as one policy; `cut_statement` and `common_patterns`: what two statements or
  patterns have in common.
- `which_resources`: on which resources a principal may do an action, by `principal_reach`.
- `asked`: the parts of a question that do not depend on the principal.
- `resource_reach`: how much of a pattern of resources a principal may. What it shares among patterns and principals:
  `known_resources` inside a pattern, a principal's `own_patterns`, what of an `asked_pattern` is the same for all
  callers, and `resource_sorts`, of each of which one is decided about.
- `who_can_within`: a pattern, asked of many principals, with its bounds.
- `alike_actions`: groups of actions with one answer for all of them.
- `services`: which services a principal may use at all.
- `search`: AuthZEN's searches; `told_actions`: the actions of a service that policies name.
"""

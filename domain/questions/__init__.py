"""Questions over a Directory. Pure: the same of now, of the past, and of what-ifs.

- `index`: action → statements → principals, as bitmaps.
- `who_can`: who can do an action on a resource; `outsiders` are the principals of other accounts among them.
- `what_can`: the statements that bear on a principal; `what_can_by_action` expands them to single actions.
- `which_resources`: on which resources a principal may do an action.
- `resource_reach`: how much of a pattern of resources a principal may; `pattern_parts` cuts patterns by patterns.
- `services`: which services a principal may use at all.
- `search`: AuthZEN's searches.
"""

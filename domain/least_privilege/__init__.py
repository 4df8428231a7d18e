"""Who has more than it uses, and policies that allow no more than that.

- `grants`: policies about principals as what they allow; `cells`: the actions, resources and condition keys that stand
  for all that policies tell apart.
- `new_access`: what one policy allows and another does not; `not_granted`: whether a policy allows an action at all;
  `public_access`: whom a resource's policy lets in without saying who it is.
- `held`: the policies of users and roles; `risk`: what the removal of one takes away.
- `unused`: what nobody used; `closed_paths`: which paths to administrator close where it goes.
- `narrow`: a policy that allows what was used; `grouped_resources`: the resources of calls as few patterns;
  `fewest`: as few statements.
- `alike`: groups of principals with like use.
- `replayed_calls`: which recorded calls a proposal would break; `last_needed`: the last call that needed a policy.
"""

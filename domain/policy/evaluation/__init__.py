"""AWS's evaluation of one request. Source: EVALUATION.md has the page of each rule.

- `logic`: how what the layers say becomes one answer.
- `exemptions`: actions and services that the general rules treat apart.
- `impossible`: what no policy can allow.
- `evaluation`: one request on its way through the layers.
- `layers`: what the policies of one layer say about one action.
- `evaluate`: the layers are asked in AWS's order, and the logic concludes.
- `session_names`: what is asked of a role is asked of sessions whose names are not known.
- `explain`: the statement that would have allowed it but for one part.
"""

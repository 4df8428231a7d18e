"""AWS's evaluation of one request. Source: EVALUATION.md has the page of each rule.

- `logic`: how what the layers say becomes one answer.
- `exemptions`: actions and services that the general rules treat apart.
- `impossible`: what no policy can allow.
- `evaluation`: one request while it is evaluated.
- `layers`: what the policies of one layer say about a request.
- `request_sides`: the policies of the caller and of the resource.
- `evaluate`: the layers are asked in AWS's order; `conclusion` is the decision that follows.
- `session_names`: a question about a role is one about its sessions.
- `applicable`: finds the policies that bear on a request in a Directory.
- `explain`: the statement that would have allowed it but for one part.
- `one_question`: both of one question, of whose policies no more is compiled than it needs.
"""

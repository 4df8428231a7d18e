"""What an evaluation is given.

- `request`: the question and the answer: principal, action, resource, context; decision.
- `caller`: who asks, and by which names a policy may mean it; `caller_keys` are the keys that follow from its name.
- `principals`: the principal and the resource of a request, found in the Directory.
- `known_keys`: what a Directory knows of callers and resources, as condition keys.
- `sources`: which policies bear on a principal, and by which path.
- `resource_policies`: the policies that sit on a resource; `policy_carriers` are the names under which they may stand.
- `resource_owner`: which account owns a resource, as far as its ARN says.
- `guardrails`: an account's place in its organisation, and the policies that reach it there.
"""

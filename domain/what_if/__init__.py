"""What if: the access state of an instant with changes that nobody made, and what these would change.

- `lookups`: what a change names, found in the Directory.
- `changes`: the changes that can be supposed, each as the events that it would be.
- `supposed`: a history in which they were made.
- `what_if`: who would gain and lose what.
- `calls`: recorded calls that can be decided about again; `recorded_call`: a record as one of them.
- `counterfactual`: which of them would have failed; `deciding`: each is decided at its instant.
- `concern`: which calls the changes may concern, by all that policies say from then on (`said_since`), and by
  the words of records (`resource_words`); `sightings`: whether principals were known.
- `pieces`: what a plan says before and after, and the changes that lead from one to the other.
- `terraform`: a Terraform plan as changes; `cloudformation`: a change set.
"""

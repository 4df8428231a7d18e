"""A Terraform plan as supposed changes: what in it bears on access.

- `plan`: the changes of a plan.
- `configuration`: which resource an argument of another refers to.
- `resources`: the values of a resource as pieces of the access state.
"""

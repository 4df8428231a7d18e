"""A CloudFormation change set as supposed changes: what in it bears on access.

- `change_set`: the changes of a set.
- `template`: the properties of a resource, as the template has them.
- `properties`: the properties of a resource as pieces of the access state.
"""

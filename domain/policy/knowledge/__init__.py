"""What AWS publishes about its services, as data with a date.

- `service_reference`: services, actions, resource types and condition keys.
- `global_keys`: global condition keys and their types.
- `rcp_services`: services under resource control policies.
- `managed_policy_paths`: the paths of AWS-managed policies.
"""

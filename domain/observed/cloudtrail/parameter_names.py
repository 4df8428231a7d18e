"""Which parameters of recorded calls have the values of the placeholders in ARN templates, where names differ."""

from __future__ import annotations

OTHER_NAMES = {
    "usernamewithpath": ("username",), "rolenamewithpath": ("rolename",), "groupnamewithpath": ("groupname",),
    "instanceprofilenamewithpath": ("instanceprofilename",), "policynamewithpath": ("policyname",),
    "certificatenamewithpath": ("servercertificatename",), "dbinstancename": ("dbinstanceidentifier",),
    "dbclusterinstancename": ("dbclusteridentifier",), "snapshotname": ("dbsnapshotidentifier",),
    "clustersnapshotname": ("dbclustersnapshotidentifier",), "subnetgroupname": ("dbsubnetgroupname",),
    "parameternamewithoutleadingslash": ("name",), "documentname": ("name",),
    "hostedzoneid": ("hostedzoneid", "id"), "distributionid": ("distributionid", "id"), "rulename": ("rule", "name"),
    "statemachinename": ("name",),
}  # fmt: skip
"""Placeholder of a template (lower case) → the parameters (lower case) that have its value, where they differ."""

"""CloudTrail records → domain events and activity.

`containers` finds the records in a file, `glance` files each, `record` reads one whole, `who` says who acted; `iam`,
`organizations`, `resources`, `sign_in` say what each operation means, `operations` is the table of them, `access` lists
those that change access, `ownership` sets aside what a record says of others, `translate` puts it together.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from erstwhile.domain.observed.cloudtrail.containers import NotATrail, PassedOver
from erstwhile.domain.observed.cloudtrail.glance import Filed, Odd, file_records
from erstwhile.domain.observed.cloudtrail.record import MalformedRecord, Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome, Translation, translate

__all__ = [
    "Filed",
    "MalformedRecord",
    "NotATrail",
    "Odd",
    "Outcome",
    "PassedOver",
    "Record",
    "Translation",
    "file_records",
    "translate",
]

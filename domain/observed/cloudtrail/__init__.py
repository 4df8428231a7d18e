"""CloudTrail records → domain events and activity.

`glance` files each record, `record` reads one whole; `iam`, `organizations`, `resources` say what each
operation means, `operations` is the table of them, `translate` puts it together.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from erstwhile.domain.observed.cloudtrail.glance import Filed, NotATrail, file_records
from erstwhile.domain.observed.cloudtrail.record import MalformedRecord, Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome, Translation, translate

__all__ = ["Filed", "MalformedRecord", "NotATrail", "Outcome", "Record", "Translation", "file_records", "translate"]

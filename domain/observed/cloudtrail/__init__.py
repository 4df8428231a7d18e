"""CloudTrail records → domain events and activity.

`record` reads one record, `iam`, `organizations`, `resources` say what each operation means, `operations` is
the table of them, `translate` puts it together.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from domain.observed.cloudtrail.record import MalformedRecord, Record
from domain.observed.cloudtrail.translate import Outcome, Translation, translate

__all__ = ["MalformedRecord", "Outcome", "Record", "Translation", "translate"]

"""CloudTrail records → domain events and activity.

- `containers`: finds the records in a file, as bytes; `record_splitter` does it where a file cannot be read whole.
- `quick_scan`: enough of a record to file it as activity, without reading all of it.
- `record`: one record read whole; `shapes` reads parts that may have another shape than they should.
- `actor`: who acted, by a record's userIdentity.
- `targets`: what a call was about, for people who search.
- `iam`, `organizations`, `sign_in`: what the operations of these mean.
- `resources`, `creations`, `event_buses`, `generic`: what other services' operations on policies mean.
- `operations`: the table of all translated operations.
- `access`, `access_tables`: which operations change access, translated or not.
- `ownership`: what a record claims about another account's things.
- `translate`: puts it together: a record → its meaning.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from erstwhile.domain.observed.cloudtrail.containers import NotATrail, PassedOver
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, OddRecord, file_records
from erstwhile.domain.observed.cloudtrail.record import MalformedRecord, Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome, Translation, translate

__all__ = [
    "FiledRecord",
    "MalformedRecord",
    "NotATrail",
    "OddRecord",
    "Outcome",
    "PassedOver",
    "Record",
    "Translation",
    "file_records",
    "translate",
]

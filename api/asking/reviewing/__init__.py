"""Access reviews, approvals and exceptions: from the words of callers to commands, and what there is of them as JSON.

- `words`: what callers say of a review, and which lines they mean.
- `reviewer_rules`: rules that name reviewers, from options and files.
- `reviews`: opens reviews, lets reviewers decide, reminds them, closes; lists and shows.
- `told_reviews`: a review and its lines as JSON.
- `handed_out`: lines as CSV for reviewers, and their decisions back.
- `evidence`: all of a review as one document, and whether what was revoked is gone.
- `approvals`: lists of approvals, and who approved an event or a grant.
- `exceptions`: what is excepted, by whom, until when.
"""

"""AWS's wire protocol: `model` (botocore's), `parse`, `render`, `sigv4`, `vault`, `session`, `identity`, `permissions`,
`call`, `operations/` (a file for each kind of thing), `endpoint` (POST and GET /)."""

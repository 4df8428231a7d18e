"""Requests and answers as bytes.

- `errors`: code, message and status.
- `model`: botocore's service models.
- `reading`: a request's body and parameters.
- `signed`, `sigv4`: what a request says of its signature, and whether it is right.
- `parse`: parameters → values of the operation's input shape; `arn_parameters` are checked before they are looked for.
- `request_ids`: names of calls.
- `render`, `render_json`: results and errors.
- `other_services`: calls of services that this is not.
"""

"""A server as a thing that is run: its processes, and what they share.

- `ports`: takes a port for several processes.
- `worker`: what one of several processes says to its parent, and how it notices that the parent ended.
- `supervisor`: the parent, which starts them and starts them anew.
- `service_manager`: tells systemd that the server answers, and that it ends.
- `serve_settings`: workers, TLS and limits, from the environment.
- `certificates`: of TLS, read again when they change; `rate_limits`: requests a second of one caller.
- `first_start`: what becomes of the secrets of a first start.
- `request_ids`: the id of a request.
- `redaction`: takes secrets out of what is logged; `logs`: the log's lines; `access_log`: a line for a request.
- `tracing`: requests, questions and statements as spans of OpenTelemetry.
- `numbers`: what a process counts while it answers; `families`: metrics in a form that processes send each other.
- `process_metrics`, `database_metrics`: what is told; `siblings`: of all workers; `exposition`: as text.
"""

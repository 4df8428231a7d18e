"""Events and notices, sent to others as CloudEvents over HTTP.

- `words`: what a webhook is made of: its URL, its secret.
- `sending`: one request, signed, to a permitted address.
- `messages`: what comes next for a webhook.
- `endpoint`: sends to one webhook, in order, again and again where it has to.
- `thread`: one such sender for each webhook.
"""

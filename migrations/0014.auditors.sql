-- Tokens that expire, and tokens of auditors, which read one period: instants and windows in [reads_from, reads_to).
ALTER TABLE api_token ADD COLUMN expires_at timestamptz;
ALTER TABLE api_token ADD COLUMN reads_from timestamptz;
ALTER TABLE api_token ADD COLUMN reads_to timestamptz;

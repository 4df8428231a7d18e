-- The last step of the chain that was squashed: nothing ever read or wrote this column.
ALTER TABLE api_token DROP COLUMN revoked_at;

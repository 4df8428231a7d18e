-- Uses of access keys come by COPY, which knows no ON CONFLICT: imports beside each other may store one of them twice.
ALTER TABLE key_use DROP CONSTRAINT key_use_pkey;
CREATE INDEX key_use_key ON key_use (access_key);

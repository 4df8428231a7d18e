-- What an event touches, as people would search for it: user/ada, unique ids, ARNs, key ids.
CREATE OR REPLACE FUNCTION event_targets(body jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT array_remove(ARRAY[
        (body->'subject'->>'kind') || '/' || (body->'subject'->>'name'), body->'subject'->>'id',
        (body->'principal'->>'kind') || '/' || (body->'principal'->>'name'), body->'principal'->>'id',
        (body->'group'->>'kind') || '/' || (body->'group'->>'name'), body->'group'->>'id',
        (body->'role'->>'kind') || '/' || (body->'role'->>'name'), body->'role'->>'id',
        body->>'arn', body->>'policy_arn', body->>'policy_name', body->>'boundary', body->>'access_key_id',
        body->>'serial_number', body->>'resource', body->>'grantee', body->>'target', body->>'policy',
        body->>'node', body->>'target_account', body->>'permission_set', body->>'principal_id',
        body->>'category', body->>'name'
    ], NULL)
$$;

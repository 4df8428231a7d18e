-- What an event touches, as people would search for it: user/ada, unique ids, ARNs, key ids.
CREATE FUNCTION event_targets(body jsonb) RETURNS text[]
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

-- The audit trail: one row an event. It says nothing that the log does not, so it is a view; what each event
-- changed stands in audit_change. The erasable details are joined in where they still exist.
CREATE VIEW audit AS
SELECT e.position, e.event_id, e.occurred_at, e.recorded_at, e.account,
       coalesce(e.data->'actor'->>'arn', '') AS actor,
       coalesce(e.data->'actor'->>'id', '') AS actor_id,
       coalesce(e.data->'actor'->>'type', '') AS actor_type,
       coalesce(e.data->'actor'->>'access_key', '') AS access_key,
       (e.data->'actor'->>'mfa')::boolean AS mfa,
       coalesce(e.data->>'action', e.data->'body'->>'operation', split_part(e.type, '.', 2)) AS action,
       e.type AS event_type,
       event_targets(e.data->'body') AS targets,
       CASE WHEN e.type = 'iam.ChangeFailed' THEN 'failed'
            WHEN e.type = 'iam.CommandRefused' THEN 'refused'
            WHEN e.data ? 'between' THEN 'drift'
            ELSE 'success' END AS outcome,
       coalesce(e.data->'body'->>'error_code', '') AS error_code,
       coalesce(e.data->>'source', 'api') AS source,
       coalesce(e.data->>'evidence', '') AS evidence,
       coalesce(d.details::jsonb->>'source_ip', '') AS source_ip,
       coalesce(d.details::jsonb->>'user_agent', '') AS user_agent,
       coalesce(d.details::jsonb->>'session', '') AS session,
       e.data ? 'details_sha256' AND d.position IS NULL AS details_forgotten,
       e.data
FROM event e LEFT JOIN event_details d USING (position);

GRANT SELECT ON audit TO erstwhile_service;

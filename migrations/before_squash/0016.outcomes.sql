-- What an event of the trail says of a call. That a principal was seen for the first time is a fact about the principal:
-- the call in whose record it was seen may have been refused, and has an entry of its own where it belongs there.
-- Replaces the view of 0009; the columns are the same.
CREATE OR REPLACE VIEW audit AS
SELECT e.position, e.event_id, e.occurred_at, e.recorded_at, e.account,
       coalesce(e.data->'actor'->>'arn', '') AS actor,
       coalesce(e.data->'actor'->>'id', '') AS actor_id,
       coalesce(e.data->'actor'->>'type', '') AS actor_type,
       coalesce(e.data->'actor'->>'access_key', '') AS access_key,
       (e.data->'actor'->>'mfa')::boolean AS mfa,
       CASE WHEN e.type = 'iam.PrincipalSeen' THEN 'PrincipalSeen'
            ELSE coalesce(e.data->>'action', e.data->'body'->>'operation', split_part(e.type, '.', 2)) END AS action,
       e.type AS event_type,
       event_targets(e.data->'body') AS targets,
       CASE WHEN e.type = 'iam.ChangeFailed' THEN 'failed'
            WHEN e.type = 'iam.CommandRefused' THEN 'refused'
            WHEN e.type = 'iam.PrincipalSeen' THEN 'seen'
            WHEN e.type = 'iam.ClaimSetAside' THEN 'finding'
            WHEN e.type = 'iam.SignedIn' AND coalesce(e.data->'body'->>'result', 'Success') <> 'Success' THEN 'failed'
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

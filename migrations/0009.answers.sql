-- What every answer says of what is not known is found by index: it must not cost the size of the state.

-- What an import added to the hours that have records.
CREATE INDEX account_coverage_position ON account_coverage (position);

-- Principals whose policies no source has shown.
CREATE INDEX fact_uncovered ON fact (account, valid_to) WHERE attribute = 'coverage';

-- Managed policies (projections/policy_lives.py has the same words), and who had which.
CREATE INDEX fact_policy ON fact (recorded_from)
    WHERE kind IN ('policy', 'aws-policy') OR kind = 'account' AND attribute = 'mode'
        OR kind = 'resource' AND entity LIKE '%:policy/%';
CREATE INDEX fact_attached ON fact (account, item, valid_to) WHERE attribute = 'attached';
CREATE INDEX fact_boundary ON fact (account, (value->>'policy'), valid_to) WHERE attribute = 'boundary';

-- The catalogue's size.
CREATE INDEX event_catalogue ON event (occurred_at) WHERE account = 'aws' AND type = 'iam.PolicyVersionCreated';

-- What came to history after a log position: the rows that it inserted, and the rows that it corrected.
CREATE INDEX fact_recorded ON fact (recorded_from);
CREATE INDEX fact_corrected ON fact (recorded_to) WHERE recorded_to < 9223372036854775807;

-- A person has everything deleted that is kept of them.

-- What there was until this time, in milliseconds, is being deleted; NULL if nothing is.
ALTER TABLE people ADD COLUMN erase_ms INTEGER;
-- Id of the conversation until which that is done, in the order of ids; NULL while the facts are there.
ALTER TABLE people ADD COLUMN erase_after TEXT;

CREATE INDEX people_to_erase ON people (updated_at) WHERE erase_ms IS NOT NULL;
CREATE INDEX quotes_by_asker ON quotes (asker);

-- Buttons below answers.

-- What they need of the question, as the Workflow's parameters without their token; '' once the answer was
-- deleted, and NULL where there are no buttons. It goes with the job's row, MIYABI_RETENTION_DAYS after the question.
ALTER TABLE jobs ADD COLUMN kept TEXT;

-- Tools that ran for the answer, as JSON.
ALTER TABLE jobs ADD COLUMN trace TEXT;

-- The job that answers the question once more, and since when.
ALTER TABLE jobs ADD COLUMN again TEXT;
ALTER TABLE jobs ADD COLUMN again_at INTEGER;

-- Askers stop what they have asked.

-- When the asker wanted no answer any more; NULL if they did not say so. The job's own run reads it and ends
-- the job: it knows what was posted, and who is to be told.
ALTER TABLE jobs ADD COLUMN cancelled_at INTEGER;

-- Generations: what the watchdog needs to give a job another generation. Stage: expand.
-- `params` are the Workflow's parameters, blank once the job is terminal; `asker` is the asker's id,
-- for the number of jobs that one person may have at a time. `generation` counts the instances that the
-- job was given: who writes for a job says for which generation, and an older one finds nothing to write.
-- While PROCESSING, `result` is the answer that is being delivered, whichever generation delivers it.
ALTER TABLE jobs ADD COLUMN params TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN asker TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN generation INTEGER NOT NULL DEFAULT 1 CHECK (generation >= 1);

-- A trigger and no CHECK: the version before does not know of `params`, and ends jobs that this one
-- has written while both are deployed, or after a rollback.
CREATE TRIGGER jobs_ended_keep_no_params
AFTER UPDATE OF status ON jobs
WHEN NEW.status IN ('COMPLETED', 'ERROR') AND NEW.params <> ''
BEGIN
  UPDATE jobs SET params = '' WHERE id = NEW.id;
END;

CREATE INDEX jobs_by_asker ON jobs (asker, status);

-- Unix seconds of the latest attempt; 0 in rows from before this column.
ALTER TABLE posts ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;

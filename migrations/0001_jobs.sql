-- Jobs: one row per question. Stage: expand (first table).
-- Times are Unix seconds. `result` is the answer when COMPLETED, the cause when ERROR.
-- `token` lets us answer the interaction for 15 minutes; it is blank once the job is terminal.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  token TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'ERROR')),
  result TEXT,
  created_at INTEGER DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()),
  CHECK (status IN ('PENDING', 'PROCESSING') OR (token = '' AND result IS NOT NULL))
) STRICT;

CREATE INDEX jobs_by_status ON jobs (status, created_at);

-- PENDING → PROCESSING → COMPLETED or ERROR, and PENDING → ERROR; nothing else, whoever writes.
CREATE TRIGGER jobs_status_moves_forward
BEFORE UPDATE OF status ON jobs
WHEN NEW.status <> OLD.status
  AND NOT (OLD.status = 'PENDING' AND NEW.status IN ('PROCESSING', 'ERROR'))
  AND NOT (OLD.status = 'PROCESSING' AND NEW.status IN ('COMPLETED', 'ERROR'))
BEGIN
  SELECT RAISE(ABORT, 'illegal job transition');
END;

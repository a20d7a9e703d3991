-- What people want to be reminded of. Its id is made of the question's job and of how many reminders that job
-- had set before, so setting it again finds it. Due, it becomes a job of that id.
CREATE TABLE reminders (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  job TEXT NOT NULL,
  asker TEXT NOT NULL CHECK (asker <> ''),
  words TEXT NOT NULL CHECK (words <> ''),
  -- The job's parameters, as it becomes one.
  params TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'BROUGHT', 'CANCELLED', 'LOST')),
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE INDEX reminders_by_time ON reminders (due_at) WHERE state = 'WAITING';
CREATE INDEX reminders_by_asker ON reminders (asker, state, due_at);
CREATE INDEX reminders_by_job ON reminders (job);

-- Webhooks: those that the application found or made in channels, and those that are gone.
-- Stage: expand. `token` is a secret, blank for the configured webhook and once it is gone.
-- A webhook that Discord answered 404 is never called again, so its row stays.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  channel TEXT NOT NULL,
  token TEXT NOT NULL,
  gone_at INTEGER,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  CHECK (gone_at IS NULL OR token = '')
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_by_channel ON webhooks (channel);

-- Breakers: who must not be called before when, in Unix seconds. `scope` is a webhook's id, or
-- `discord` for all of it.
CREATE TABLE breakers (
  scope TEXT PRIMARY KEY NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Dead letters: jobs that the queue could not start, with all that is needed to send them again.
-- `params` are the Workflow's parameters without the interaction's token.
CREATE TABLE dead_letters (
  job TEXT PRIMARY KEY NOT NULL,
  params TEXT NOT NULL,
  cause TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

-- The schema after all migrations. Written by `cargo xtask schema`; do not edit.

CREATE TABLE breakers (
  scope TEXT PRIMARY KEY NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
  job TEXT PRIMARY KEY NOT NULL,
  params TEXT NOT NULL,
  cause TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  token TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'ERROR')),
  result TEXT,
  created_at INTEGER DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()), params TEXT NOT NULL DEFAULT '', asker TEXT NOT NULL DEFAULT '', life INTEGER NOT NULL DEFAULT 1 CHECK (life >= 1),
  CHECK (status IN ('PENDING', 'PROCESSING') OR (token = '' AND result IS NOT NULL))
) STRICT;

CREATE INDEX jobs_by_asker ON jobs (asker, status);

CREATE INDEX jobs_by_status ON jobs (status, created_at);

CREATE TRIGGER jobs_ended_keep_no_params
AFTER UPDATE OF status ON jobs
WHEN NEW.status IN ('COMPLETED', 'ERROR') AND NEW.params <> ''
BEGIN
  UPDATE jobs SET params = '' WHERE id = NEW.id;
END;

CREATE TRIGGER jobs_status_moves_forward
BEFORE UPDATE OF status ON jobs
WHEN NEW.status <> OLD.status
  AND NOT (OLD.status = 'PENDING' AND NEW.status IN ('PROCESSING', 'ERROR'))
  AND NOT (OLD.status = 'PROCESSING' AND NEW.status IN ('COMPLETED', 'ERROR'))
BEGIN
  SELECT RAISE(ABORT, 'illegal job transition');
END;

CREATE TABLE posts (
  job TEXT NOT NULL,
  part TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('SENDING', 'FAILED', 'SENT')),
  was TEXT,
  message_id TEXT,
  attempts INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()), updated_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (job, part),
  CHECK (state <> 'SENT' OR message_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX posts_by_message_id ON posts (message_id);

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  channel TEXT NOT NULL,
  token TEXT NOT NULL,
  gone_at INTEGER,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  CHECK (gone_at IS NULL OR token = '')
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_by_channel ON webhooks (channel);

-- Admins settle how Miyabi behaves in their server, and a person that questions are not posted in their name.

-- Settings of servers: each change is a version of its own, and the newest counts.
CREATE TABLE server_settings (
  server TEXT NOT NULL CHECK (server <> ''),
  version INTEGER NOT NULL CHECK (version >= 1),
  -- See `ServerSettings` in `crates/core/src/server.rs`.
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  -- What was changed, by one word.
  part TEXT NOT NULL,
  -- Id of the event that changed it: the same event changes it once.
  event TEXT NOT NULL UNIQUE,
  changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL DEFAULT (unixepoch()),
  -- Version whose settings these are again, if a change was undone; 0 for none.
  restores INTEGER,
  PRIMARY KEY (server, version)
) STRICT, WITHOUT ROWID;

-- What persons want everywhere.
CREATE TABLE people (
  id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  -- Whether their questions are quoted in the answers, and not posted in their name.
  is_quoted INTEGER NOT NULL DEFAULT 0 CHECK (is_quoted IN (0, 1)),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

-- The terms of a job are those of its first claim, for every generation: the version of its server's
-- settings, whether the question is quoted, and why the settings refuse it.
ALTER TABLE jobs ADD COLUMN settings_version INTEGER;
ALTER TABLE jobs ADD COLUMN is_quoted INTEGER NOT NULL DEFAULT 0 CHECK (is_quoted IN (0, 1));
ALTER TABLE jobs ADD COLUMN refusal TEXT CHECK (refusal IN ('place', 'model', 'limit'));

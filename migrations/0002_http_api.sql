-- What the HTTP API stands on: who may call it, and which conversations a person has.

-- One row per API key. `owner`: whose requests are made with it, as in `jobs.asker` and `spending.key`.
--
-- `hash`: SHA-256 of the key, in hex; the key itself is nowhere. `tail`: its last characters, by which its
-- owner knows it. `scopes`: such as `chat,memory:read`. `workspace`: whose knowledge it reads, blank for
-- nobody's. `last_used_at`: to the hour.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  owner TEXT NOT NULL CHECK (owner <> ''),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  tail TEXT NOT NULL,
  scopes TEXT NOT NULL CHECK (scopes <> ''),
  workspace TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  last_used_at INTEGER,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_by_owner ON api_keys (owner, created_at);

-- One row per conversation: what a list shows. What was said is in the conversation's own store.
--
-- `id`: it may be the client's, so it names a conversation of its owner alone. `deleted_at`: the row stays,
-- so that a late job does not bring the conversation back.
CREATE TABLE conversations (
  owner TEXT NOT NULL CHECK (owner <> ''),
  id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  title TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()),
  deleted_at INTEGER,
  PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

-- For lists, the newest first.
CREATE INDEX conversations_by_update ON conversations (owner, updated_at DESC, id)
  WHERE deleted_at IS NULL;

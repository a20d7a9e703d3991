-- Files that people have uploaded for a question; their bytes are in the bucket, under `uploads/` and the id.
-- `conversation`: id in its owner's list of the one that has a question about it; NULL until then.
-- `deleted_at`: when it was no longer wanted; nobody reads it from then on, and the bytes go, and then the row.
CREATE TABLE files (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
  owner TEXT NOT NULL CHECK (owner <> ''),
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  conversation TEXT,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  deleted_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX files_of_owner ON files (owner, conversation) WHERE deleted_at IS NULL;
CREATE INDEX files_unused ON files (created_at) WHERE conversation IS NULL AND deleted_at IS NULL;
CREATE INDEX files_deleted ON files (deleted_at) WHERE deleted_at IS NOT NULL;

-- Keys that signing in to the page has made count apart from those that a person makes.
ALTER TABLE api_keys ADD COLUMN is_page INTEGER NOT NULL DEFAULT 0 CHECK (is_page IN (0, 1));

-- Codes by which a person signs in to the page, once; each has one.
CREATE TABLE sign_in_codes (
  owner TEXT PRIMARY KEY NOT NULL CHECK (owner <> ''),
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  workspace TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which conversations can be read by whoever has a link.

-- One row per conversation that is shared. `hash`: SHA-256 of the link's token, in hex; the token itself is
-- nowhere. `title`: as it was when it was shared.
--
-- `turn`: the newest turn that is shown; what was said before it on its branch is shown too, if it had ended
-- at `shared_ms`, in milliseconds. What was said is in the conversation's own store and nowhere else.
CREATE TABLE shares (
  owner TEXT NOT NULL CHECK (owner <> ''),
  conversation TEXT NOT NULL CHECK (length(conversation) BETWEEN 1 AND 64),
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  title TEXT NOT NULL,
  turn TEXT NOT NULL CHECK (turn <> ''),
  shared_ms INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (owner, conversation)
) STRICT, WITHOUT ROWID;

-- Calls of tools that act outside: what a person was asked, what they decided, and the claim without which nothing
-- is called. The key is a hash of the tool and its arguments, so a job has one row for each different call.
CREATE TABLE consents (
  job TEXT NOT NULL,
  key TEXT NOT NULL CHECK (length(key) = 32),
  -- Generation and ordinal of the model call after which it was last asked about: what a button names.
  asked TEXT NOT NULL,
  asker TEXT NOT NULL CHECK (asker <> ''),
  tool TEXT NOT NULL,
  arguments TEXT NOT NULL CHECK (json_valid(arguments)),
  state TEXT NOT NULL DEFAULT 'ASKED' CHECK (state IN ('ASKED', 'APPROVED', 'DENIED', 'EXPIRED')),
  expires_at INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  claimed_at INTEGER,
  -- What the model reads of the call; without it, and with a claim, nobody knows whether it took effect.
  result TEXT,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  PRIMARY KEY (job, key),
  CHECK ((state IN ('APPROVED', 'DENIED')) = (decided_by IS NOT NULL)),
  CHECK (claimed_at IS NULL OR state = 'APPROVED'),
  CHECK (result IS NULL OR claimed_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX consents_by_asker ON consents (asker);

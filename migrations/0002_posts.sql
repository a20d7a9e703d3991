-- Posts: one row per message that cannot be repeated safely, written before it is sent.
-- Stage: expand. `part` is the step that posts it, such as `answer:1`.
-- SENDING: a post was begun and no outcome is known. FAILED: Discord answered 5xx to it.
-- SENT: it is there, as `message_id` (blank if Discord named none).
-- `was` is the state before the latest attempt.
CREATE TABLE posts (
  job TEXT NOT NULL,
  part TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('SENDING', 'FAILED', 'SENT')),
  was TEXT,
  message_id TEXT,
  attempts INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  PRIMARY KEY (job, part),
  CHECK (state <> 'SENT' OR message_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX posts_by_message_id ON posts (message_id);

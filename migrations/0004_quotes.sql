-- Messages that people are about to ask something about.

-- One row per form that was opened: between the form and the question the platform hands on neither the
-- message nor its words. `id`: that of the event which opened the form. `asker`: who alone may ask about it.
-- `job`: the question that was asked, which is the only one; empty before that. `quote`: the message, as JSON
-- (`Quote` in crates/core/src/question.rs). A row is deleted after a day.
CREATE TABLE quotes (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  asker TEXT NOT NULL,
  job TEXT NOT NULL DEFAULT '',
  quote TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE INDEX quotes_by_time ON quotes (created_at);

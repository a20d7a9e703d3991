-- Messages in groups of Telegram that grow while a model writes and become the first of the answer: Telegram shows a bot
-- none of its messages, so the run that comes after a lost one finds it here.
-- `content`: a digest of what it says for good, blank while it grows. `begun_ms`: by the Worker's clock.
CREATE TABLE telegram_growing (
  job TEXT NOT NULL PRIMARY KEY CHECK (job <> ''),
  message INTEGER NOT NULL,
  content TEXT NOT NULL DEFAULT '',
  begun_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX telegram_growing_by_time ON telegram_growing (begun_ms);

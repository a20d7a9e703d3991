-- The schema after all migrations. Written by `cargo xtask schema`; do not edit.

CREATE TABLE accounts (
  account TEXT PRIMARY KEY NOT NULL CHECK (account <> ''),
  person TEXT NOT NULL CHECK (person <> '' AND person <> account),
  linked_at INTEGER NOT NULL DEFAULT (unixepoch()),
  checked_at INTEGER NOT NULL DEFAULT (unixepoch()),
  is_settled INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX accounts_of_person ON accounts (person);

CREATE INDEX accounts_unsettled ON accounts (checked_at) WHERE is_settled = 0;

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
, is_page INTEGER NOT NULL DEFAULT 0 CHECK (is_page IN (0, 1))) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_by_owner ON api_keys (owner, created_at);

CREATE TABLE attempts (
  job TEXT NOT NULL,
  generation INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  model TEXT NOT NULL,
  outcome TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  pricing TEXT NOT NULL CHECK (pricing IN ('exact', 'table', 'estimated', 'unpriced')),
  day INTEGER NOT NULL,
  asker TEXT NOT NULL,
  server TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  PRIMARY KEY (job, generation, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE breakers (
  scope TEXT PRIMARY KEY NOT NULL,
  closes_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE conversations (
  owner TEXT NOT NULL CHECK (owner <> ''),
  id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  title TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()),
  deleted_at INTEGER,
  PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversations_by_update ON conversations (owner, updated_at DESC, id)
  WHERE deleted_at IS NULL;

CREATE INDEX conversations_temporary ON conversations (updated_at)
  WHERE id >= 'temporary.' AND id < 'temporary/' AND deleted_at IS NULL;

CREATE TABLE dead_letters (
  job TEXT PRIMARY KEY NOT NULL,
  params TEXT NOT NULL,
  cause TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
  owner TEXT NOT NULL CHECK (owner <> ''),
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  conversation TEXT,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  deleted_at INTEGER
, question TEXT, asked_at INTEGER, is_kept INTEGER NOT NULL DEFAULT 1 CHECK (is_kept IN (0, 1))) STRICT, WITHOUT ROWID;

CREATE INDEX files_deleted ON files (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX files_of_owner ON files (owner, conversation) WHERE deleted_at IS NULL;

CREATE INDEX files_unkept ON files (created_at) WHERE is_kept = 0 AND deleted_at IS NULL;

CREATE INDEX files_unused ON files (created_at) WHERE conversation IS NULL AND deleted_at IS NULL;

CREATE VIEW job_accounts (job, kind, key) AS
  SELECT id, 'asker', asker FROM jobs WHERE asker <> ''
  UNION ALL
  SELECT id, 'server', server FROM jobs WHERE server <> ''
  UNION ALL
  SELECT id, 'day', 'all' FROM jobs;

CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  platform TEXT NOT NULL DEFAULT 'discord' CHECK (platform <> ''),
  token TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'ERROR')),
  result TEXT,
  created_at INTEGER DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()),
  watched_at INTEGER,
  params TEXT NOT NULL DEFAULT '',
  asker TEXT NOT NULL DEFAULT '',
  server TEXT NOT NULL DEFAULT '',
  generation INTEGER NOT NULL DEFAULT 1 CHECK (generation >= 1),
  day INTEGER,
  reserved_nano INTEGER NOT NULL DEFAULT 0 CHECK (reserved_nano >= 0),
  is_counted INTEGER NOT NULL DEFAULT 0 CHECK (is_counted IN (0, 1)), cancelled_at INTEGER, kept TEXT, trace TEXT, again TEXT, again_at INTEGER, settings_version INTEGER, is_quoted INTEGER NOT NULL DEFAULT 0 CHECK (is_quoted IN (0, 1)), refusal TEXT CHECK (refusal IN ('place', 'model', 'limit')), resumes_at INTEGER,
  -- A job that has ended has a result and keeps neither its token nor the question.
  CHECK (status IN ('PENDING', 'PROCESSING') OR (token = '' AND params = '' AND result IS NOT NULL)),
  -- A job that has an answer, or has ended, has nothing set aside.
  CHECK (reserved_nano = 0 OR (result IS NULL AND day IS NOT NULL))
) STRICT;

CREATE INDEX jobs_by_asker ON jobs (asker, status);

CREATE INDEX jobs_by_kept ON jobs (asker, created_at) WHERE kept <> '';

CREATE INDEX jobs_by_reservation ON jobs (day, asker, server, reserved_nano) WHERE reserved_nano > 0;

CREATE INDEX jobs_by_status ON jobs (status, created_at);

CREATE TRIGGER jobs_status_moves_forward
BEFORE UPDATE OF status ON jobs
WHEN NEW.status <> OLD.status
  AND NOT (OLD.status = 'PENDING' AND NEW.status IN ('PROCESSING', 'ERROR'))
  AND NOT (OLD.status = 'PROCESSING' AND NEW.status IN ('COMPLETED', 'ERROR'))
BEGIN
  SELECT RAISE(ABORT, 'illegal job transition');
END;

CREATE TABLE people (
  id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  -- Whether their questions are quoted in the answers, and not posted in their name.
  is_quoted INTEGER NOT NULL DEFAULT 0 CHECK (is_quoted IN (0, 1)),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch())
, erase_ms INTEGER, erase_after TEXT) STRICT, WITHOUT ROWID;

CREATE INDEX people_to_erase ON people (updated_at) WHERE erase_ms IS NOT NULL;

CREATE TABLE posts (
  job TEXT NOT NULL,
  step TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('SENDING', 'FAILED', 'SENT')),
  previous_state TEXT CHECK (previous_state IN ('SENDING', 'FAILED', 'SENT')),
  message_id TEXT,
  attempt_count INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()),
  PRIMARY KEY (job, step),
  CHECK (state <> 'SENT' OR message_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX posts_by_message_id ON posts (message_id);

CREATE TABLE quotes (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  asker TEXT NOT NULL,
  job TEXT NOT NULL DEFAULT '',
  quote TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE INDEX quotes_by_asker ON quotes (asker);

CREATE INDEX quotes_by_time ON quotes (created_at);

CREATE TABLE reminders (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  job TEXT NOT NULL,
  asker TEXT NOT NULL CHECK (asker <> ''),
  words TEXT NOT NULL CHECK (words <> ''),
  -- The job's parameters, as it becomes one.
  params TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'BROUGHT', 'CANCELLED', 'LOST')),
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE INDEX reminders_by_asker ON reminders (asker, state, due_at);

CREATE INDEX reminders_by_job ON reminders (job);

CREATE INDEX reminders_by_time ON reminders (due_at) WHERE state = 'WAITING';

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

CREATE TABLE sign_in_codes (
  owner TEXT PRIMARY KEY NOT NULL CHECK (owner <> ''),
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  workspace TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE spending (
  kind TEXT NOT NULL CHECK (kind IN ('asker', 'server', 'day')),
  key TEXT NOT NULL,
  day INTEGER NOT NULL,
  model TEXT NOT NULL,
  question_count INTEGER NOT NULL DEFAULT 0,
  call_count INTEGER NOT NULL DEFAULT 0,
  prompt_tokens INTEGER NOT NULL DEFAULT 0,
  completion_tokens INTEGER NOT NULL DEFAULT 0,
  cached_tokens INTEGER NOT NULL DEFAULT 0,
  cost_nano INTEGER NOT NULL DEFAULT 0,
  estimated_count INTEGER NOT NULL DEFAULT 0,
  unpriced_count INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, key, day, model)
) STRICT, WITHOUT ROWID;

CREATE INDEX spending_by_day ON spending (day);

CREATE TABLE telegram_albums (
  album TEXT NOT NULL CHECK (album <> ''),
  message INTEGER NOT NULL,
  body TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  is_asked INTEGER NOT NULL DEFAULT 0 CHECK (is_asked IN (0, 1)),
  PRIMARY KEY (album, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX telegram_albums_by_time ON telegram_albums (received_ms);

CREATE TABLE unserved_updates (
  id INTEGER PRIMARY KEY NOT NULL,
  platform TEXT NOT NULL CHECK (platform <> ''),
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

CREATE INDEX unserved_updates_old ON unserved_updates (received_at);

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  channel TEXT NOT NULL,
  gone_at INTEGER,
  seen_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_by_channel ON webhooks (channel);

CREATE TABLE whatsapp_messages (
  id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  chat TEXT NOT NULL,
  wrote_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  was_known INTEGER NOT NULL DEFAULT 0 CHECK (was_known IN (0, 1)),
  is_done INTEGER NOT NULL DEFAULT 0 CHECK (is_done IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX whatsapp_messages_by_chat ON whatsapp_messages (chat, wrote_at);

CREATE INDEX whatsapp_messages_old ON whatsapp_messages (received_at);

CREATE TABLE whatsapp_statuses (
  id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  tag TEXT NOT NULL,
  is_failed INTEGER NOT NULL CHECK (is_failed IN (0, 1)),
  told_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX whatsapp_statuses_by_tag ON whatsapp_statuses (tag);

CREATE INDEX whatsapp_statuses_old ON whatsapp_statuses (told_at);

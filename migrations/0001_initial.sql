-- Every table of Miyabi.
--
-- Conventions: columns that end in `_at` are Unix seconds; `day` is days since the epoch, UTC; `_nano` is
-- nano-dollars; `asker`, `server`, `job` and `channel` hold ids. No number passes 2^53 - 1
-- (9007199254740991), the largest integer that JavaScript holds exactly.

-- One row per question.
--
-- `platform`: where it was asked; it names the transport. A row of the columns that other programs know,
-- `id`, `token` and `status`, is Discord's. `token`: with which the platform takes a reply,
-- blank once the job has ended. `result`: the answer that is delivered,
-- from when it is fixed; the cause when the status is ERROR. `params`: the Workflow's parameters, JSON,
-- blank once the job has ended. `server`: blank outside of a server.
-- `watched_at`: when the watchdog last looked at the job; NULL until then.
-- `generation`: the fencing token. It counts the Workflow instances that the job was given; a statement
-- names the generation it writes for, and an older generation finds no row.
-- `day`: the day on which money was granted to the current generation; NULL until then. `reserved_nano`:
-- money that is set aside for the current generation until it says what it spent.
-- `is_counted`: whether `spending` counts the job as a question.
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
  is_counted INTEGER NOT NULL DEFAULT 0 CHECK (is_counted IN (0, 1)),
  -- A job that has ended has a result and keeps neither its token nor the question.
  CHECK (status IN ('PENDING', 'PROCESSING') OR (token = '' AND params = '' AND result IS NOT NULL)),
  -- A job that has an answer, or has ended, has nothing set aside.
  CHECK (reserved_nano = 0 OR (result IS NULL AND day IS NOT NULL))
) STRICT;

CREATE INDEX jobs_by_status ON jobs (status, created_at);
CREATE INDEX jobs_by_asker ON jobs (asker, status);
-- Only the jobs that have money set aside: as many as run at the moment.
CREATE INDEX jobs_by_reservation ON jobs (day, asker, server, reserved_nano) WHERE reserved_nano > 0;

-- A guard, not logic: PENDING → PROCESSING → COMPLETED or ERROR, and PENDING → ERROR. Statements name the
-- states they move, so the program never meets it; a mistake in one, or a statement typed by hand, does.
CREATE TRIGGER jobs_status_moves_forward
BEFORE UPDATE OF status ON jobs
WHEN NEW.status <> OLD.status
  AND NOT (OLD.status = 'PENDING' AND NEW.status IN ('PROCESSING', 'ERROR'))
  AND NOT (OLD.status = 'PROCESSING' AND NEW.status IN ('COMPLETED', 'ERROR'))
BEGIN
  SELECT RAISE(ABORT, 'illegal job transition');
END;

-- The delivery ledger: one row per message that cannot be repeated safely, written before it is sent.
--
-- `step`: the Workflow step that posts it, such as `answer:1`. `state`: SENDING, begun and the outcome is
-- unknown; FAILED, the channel answered 5xx; SENT, it is there as `message_id` (blank if the channel named
-- none). `previous_state`: the state before the latest attempt, NULL at the first.
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

-- Webhooks that the application found or made in channels, and webhooks that are gone.
--
-- Their tokens are not kept: the bot lists them. `channel`: where the webhook posts, blank if that is not
-- known any more. `seen_at`: when `channel` was found out. A webhook that Discord calls gone is not called
-- again, so its row stays; the configured one is looked at again after an hour.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  channel TEXT NOT NULL,
  gone_at INTEGER,
  seen_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_by_channel ON webhooks (channel);

-- Circuit breakers: who must not be called before `closes_at`.
--
-- `scope`: a webhook's id; `discord` for all of Discord; `model:VENDOR`; `webhooks:CHANNEL` while one run
-- makes the channel's webhook.
CREATE TABLE breakers (
  scope TEXT PRIMARY KEY NOT NULL,
  closes_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Jobs that the queue could not start, with all that is needed to send them again.
--
-- `params`: the Workflow's parameters without the interaction's token.
CREATE TABLE dead_letters (
  job TEXT PRIMARY KEY NOT NULL,
  params TEXT NOT NULL,
  cause TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

-- One row per attempt at a model. Its key is what keeps an attempt from being booked twice.
--
-- `ordinal`: from 1 within a generation. Ordinal 0 with the outcome `lost` and no model stands for all that
-- a generation spent which ended without saying so: what was set aside for it. `prompt_tokens` contains
-- `cached_tokens`. `pricing`: `exact`, `table`, `estimated` or `unpriced`. `day`: the day of the grant.
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

-- What was spent, summed up by account, day and model.
--
-- `kind` and `key` name the account: `asker` and the asker's id, `server` and the server's, `day` and `all`.
-- A row without a model has the questions and what was lost; a row with one has the calls of that model.
-- `estimated_count` and `unpriced_count`: how many of the costs are estimated or unknown.
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

-- The accounts under which a job's money is booked: up to three.
CREATE VIEW job_accounts (job, kind, key) AS
  SELECT id, 'asker', asker FROM jobs WHERE asker <> ''
  UNION ALL
  SELECT id, 'server', server FROM jobs WHERE server <> ''
  UNION ALL
  SELECT id, 'day', 'all' FROM jobs;

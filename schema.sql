-- The schema after all migrations. Written by `cargo xtask schema`; do not edit.

CREATE TABLE attempts (
  job TEXT NOT NULL,
  generation INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  model TEXT NOT NULL,
  outcome TEXT NOT NULL,
  prompt INTEGER NOT NULL,
  completion INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  nano INTEGER NOT NULL,
  pricing TEXT NOT NULL,
  day INTEGER NOT NULL,
  asker TEXT NOT NULL,
  server TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  PRIMARY KEY (job, generation, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER attempts_are_booked
AFTER INSERT ON attempts
BEGIN
  INSERT INTO spending
    (kind, key, day, model, calls, prompt, completion, cached, nano, estimated, unpriced)
  SELECT kind, key, NEW.day, NEW.model, NEW.outcome <> 'lost', NEW.prompt, NEW.completion, NEW.cached,
    NEW.nano, NEW.pricing = 'estimated', NEW.pricing = 'unpriced'
  FROM (SELECT 'asker' AS kind, NEW.asker AS key UNION ALL SELECT 'server', NEW.server
        UNION ALL SELECT 'day', 'all')
  WHERE key <> ''
  ON CONFLICT (kind, key, day, model) DO UPDATE
  SET calls = calls + excluded.calls, prompt = min(prompt + excluded.prompt, 9007199254740991),
    completion = min(completion + excluded.completion, 9007199254740991),
    cached = min(cached + excluded.cached, 9007199254740991),
    nano = min(nano + excluded.nano, 9007199254740991), estimated = estimated + excluded.estimated,
    unpriced = unpriced + excluded.unpriced;
END;

CREATE TABLE breakers (
  scope TEXT PRIMARY KEY NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
  job TEXT PRIMARY KEY NOT NULL,
  params TEXT NOT NULL,
  cause TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  token TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'ERROR')),
  result TEXT,
  created_at INTEGER DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()), params TEXT NOT NULL DEFAULT '', asker TEXT NOT NULL DEFAULT '', generation INTEGER NOT NULL DEFAULT 1 CHECK (generation >= 1), server TEXT NOT NULL DEFAULT '', day INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0), attempts TEXT, begins TEXT,
  CHECK (status IN ('PENDING', 'PROCESSING') OR (token = '' AND result IS NOT NULL))
) STRICT;

CREATE TRIGGER jobs_are_forgotten_with_their_attempts
AFTER DELETE ON jobs
BEGIN
  DELETE FROM attempts WHERE job = OLD.id;
END;

CREATE TRIGGER jobs_attempts
AFTER UPDATE OF attempts ON jobs
WHEN NEW.attempts IS NOT OLD.attempts
BEGIN
  INSERT INTO attempts
    (job, generation, ordinal, model, outcome, prompt, completion, cached, nano, pricing, day, asker, server)
  SELECT NEW.id, NEW.generation, value ->> 'ordinal', value ->> 'model', value ->> 'outcome',
    min(value ->> '$.usage.prompt', 9007199254740991),
    min(value ->> '$.usage.completion', 9007199254740991),
    min(value ->> '$.usage.cached', 9007199254740991), min(value ->> 'nano', 9007199254740991),
    value ->> 'pricing', iif(NEW.day > 0, NEW.day, unixepoch() / 86400),
    NEW.asker, NEW.server
  FROM json_each(NEW.attempts)
  WHERE true
  ON CONFLICT (job, generation, ordinal) DO NOTHING;
END;

CREATE TRIGGER jobs_begin_posts
AFTER UPDATE OF begins ON jobs
WHEN NEW.begins IS NOT NULL
BEGIN
  INSERT INTO posts (job, part, state, updated_at)
  SELECT NEW.id, value, 'SENDING', unixepoch() FROM json_each(NEW.begins) WHERE true
  ON CONFLICT (job, part) DO NOTHING;
END;

CREATE INDEX jobs_by_asker ON jobs (asker, status);

CREATE INDEX jobs_by_status ON jobs (status, created_at);

CREATE TRIGGER jobs_ended_keep_no_params
AFTER UPDATE OF status ON jobs
WHEN NEW.status IN ('COMPLETED', 'ERROR') AND NEW.params <> ''
BEGIN
  UPDATE jobs SET params = '' WHERE id = NEW.id;
END;

CREATE TRIGGER jobs_insert_reserves
AFTER INSERT ON jobs
WHEN NEW.day > 0
BEGIN
  INSERT INTO spending (kind, key, day, model, questions, reserved)
  SELECT kind, key, NEW.day, '', 1, NEW.reserved
  FROM (SELECT 'asker' AS kind, NEW.asker AS key UNION ALL SELECT 'server', NEW.server
        UNION ALL SELECT 'day', 'all')
  WHERE key <> ''
  ON CONFLICT (kind, key, day, model) DO UPDATE
  SET questions = questions + 1, reserved = reserved + excluded.reserved;
END;

CREATE TRIGGER jobs_lose_a_generation
AFTER UPDATE OF generation, status ON jobs
WHEN NEW.reserved > 0 AND (NEW.generation <> OLD.generation OR NEW.status IN ('COMPLETED', 'ERROR'))
BEGIN
  INSERT INTO attempts
    (job, generation, ordinal, model, outcome, prompt, completion, cached, nano, pricing, day, asker, server)
  VALUES (NEW.id, OLD.generation, 0, '', 'lost', 0, 0, 0, NEW.reserved, 'estimated', NEW.day,
    NEW.asker, NEW.server)
  ON CONFLICT (job, generation, ordinal) DO NOTHING;
  UPDATE jobs SET reserved = 0 WHERE id = NEW.id;
END;

CREATE TRIGGER jobs_reserve
AFTER UPDATE OF day, reserved ON jobs
WHEN NEW.day > 0 AND (NEW.day <> OLD.day OR NEW.reserved <> OLD.reserved)
BEGIN
  UPDATE spending SET reserved = max(0, reserved - OLD.reserved)
  WHERE day = OLD.day AND model = '' AND OLD.reserved > 0
    AND ((kind = 'asker' AND key = OLD.asker) OR (kind = 'server' AND key = OLD.server)
      OR (kind = 'day' AND key = 'all'));
  INSERT INTO spending (kind, key, day, model, questions, reserved)
  SELECT kind, key, NEW.day, '', OLD.day = 0, NEW.reserved
  FROM (SELECT 'asker' AS kind, NEW.asker AS key UNION ALL SELECT 'server', NEW.server
        UNION ALL SELECT 'day', 'all')
  WHERE key <> ''
  ON CONFLICT (kind, key, day, model) DO UPDATE
  SET questions = questions + excluded.questions, reserved = reserved + excluded.reserved;
END;

CREATE TRIGGER jobs_status_moves_forward
BEFORE UPDATE OF status ON jobs
WHEN NEW.status <> OLD.status
  AND NOT (OLD.status = 'PENDING' AND NEW.status IN ('PROCESSING', 'ERROR'))
  AND NOT (OLD.status = 'PROCESSING' AND NEW.status IN ('COMPLETED', 'ERROR'))
BEGIN
  SELECT RAISE(ABORT, 'illegal job transition');
END;

CREATE TABLE posts (
  job TEXT NOT NULL,
  part TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('SENDING', 'FAILED', 'SENT')),
  was TEXT,
  message_id TEXT,
  attempts INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()), updated_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (job, part),
  CHECK (state <> 'SENT' OR message_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX posts_by_message_id ON posts (message_id);

CREATE TABLE spending (
  kind TEXT NOT NULL CHECK (kind IN ('asker', 'server', 'day')),
  key TEXT NOT NULL,
  day INTEGER NOT NULL,
  model TEXT NOT NULL,
  questions INTEGER NOT NULL DEFAULT 0,
  reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  calls INTEGER NOT NULL DEFAULT 0,
  prompt INTEGER NOT NULL DEFAULT 0,
  completion INTEGER NOT NULL DEFAULT 0,
  cached INTEGER NOT NULL DEFAULT 0,
  nano INTEGER NOT NULL DEFAULT 0,
  estimated INTEGER NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, key, day, model)
) STRICT, WITHOUT ROWID;

CREATE INDEX spending_by_day ON spending (day);

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  channel TEXT NOT NULL,
  token TEXT NOT NULL,
  gone_at INTEGER,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  CHECK (gone_at IS NULL OR token = '')
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_by_channel ON webhooks (channel);

-- Spending: what each attempt at a model took, what that is per day, and what is set aside for jobs
-- that run. Stage: expand.
-- Money is in nano-dollars. No number here passes 2^53 - 1, 9007199254740991: beyond, one would be no
-- integer to JavaScript, and far beyond, a REAL, which a STRICT table refuses: a job could not end.
-- Days are days since the epoch, UTC; a generation's money belongs to the day of
-- its claim, also when it is spent after midnight.
--
-- `server` is the server's id, blank outside of one. `day` is the day of the latest claim that was
-- granted, 0 before. `reserved` is set aside for the generation that runs. `attempts` is a JSON array of
-- what that generation has asked of models, written with the answer or the error: see `ai::Attempt`.
ALTER TABLE jobs ADD COLUMN server TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0);
ALTER TABLE jobs ADD COLUMN attempts TEXT;

-- Attempts: one row per attempt at a model. `ordinal` 0 with the outcome `lost` stands for all that a
-- generation took which ended without saying so, by what was set aside for it.
-- It has no model. `prompt` holds `cached`. `pricing`: `exact`, `table`, `estimated` or `unpriced`.
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

-- Spending, rolled up. `kind` and `key`: `asker` and the asker's id, `server` and the server's, `day`
-- and `all`. A row without a model has the questions, what is reserved and what was lost, the others
-- what was spent on that model.
-- `estimated` and `unpriced` are how many of the calls are.
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

-- Triggers and no statements: whoever writes a job, this version or the one before, once or twice,
-- books the same. `ON CONFLICT` and no `OR IGNORE`, which the statement outside would overrule.

-- What a job reserves, and that it is a question, once it is granted.
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

-- An attempt is booked when its row is new. A later generation that writes what stands there already has
-- asked nothing.
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

-- A generation that ends with money set aside has not said what it took: all of it, then.
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

CREATE TRIGGER jobs_are_forgotten_with_their_attempts
AFTER DELETE ON jobs
BEGIN
  DELETE FROM attempts WHERE job = OLD.id;
END;

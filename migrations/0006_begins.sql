-- Begins: the posts that are begun with the answer that is kept. Stage: expand.
-- `begins` is a JSON array of parts, such as `["question:1","answer:1"]`, written by the statement
-- that fixes the answer and by no other. The version before does not write it, and finds the rows as
-- if it had begun them itself: it looks before it sends.
ALTER TABLE jobs ADD COLUMN begins TEXT;

CREATE TRIGGER jobs_begin_posts
AFTER UPDATE OF begins ON jobs
WHEN NEW.begins IS NOT NULL
BEGIN
  INSERT INTO posts (job, part, state, updated_at)
  SELECT NEW.id, value, 'SENDING', unixepoch() FROM json_each(NEW.begins) WHERE true
  ON CONFLICT (job, part) DO NOTHING;
END;

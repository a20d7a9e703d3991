-- `question`: id of the turn that has the file in the conversation, until a job reads it there; a question that was
-- refused has none, and another conversation may take it.
-- `asked_at`: when the latest question was asked that brings it; it goes with that.
-- `is_kept`: whether its bytes are all in the bucket.
ALTER TABLE files ADD COLUMN question TEXT;
ALTER TABLE files ADD COLUMN asked_at INTEGER;
ALTER TABLE files ADD COLUMN is_kept INTEGER NOT NULL DEFAULT 1 CHECK (is_kept IN (0, 1));
CREATE INDEX files_unkept ON files (created_at) WHERE is_kept = 0 AND deleted_at IS NULL;

-- The minute's watchdog finds the temporary conversations that are over without a look at any other.
CREATE INDEX conversations_temporary ON conversations (updated_at)
  WHERE id >= 'temporary.' AND id < 'temporary/' AND deleted_at IS NULL;

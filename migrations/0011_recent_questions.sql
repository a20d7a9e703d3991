-- A person's questions whose words are kept, newest first: each letter of a question that is typed reads some.
CREATE INDEX jobs_by_kept ON jobs (asker, created_at) WHERE kept <> '';

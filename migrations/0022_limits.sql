-- Jobs that are put aside, since a platform takes no message for longer than anybody waits.
-- `resumes_at`: from when on the watchdog goes on with it, in Unix seconds; when it has, from when on it goes on.
ALTER TABLE jobs ADD COLUMN resumes_at INTEGER;

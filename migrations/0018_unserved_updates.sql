-- Updates of platforms that the program does not serve, as they came, for a day: for the operator who wonders what was
-- not answered, and for the next version of the program.
-- `kind`: what the platform calls it. `body`: JSON, the platform's own.
CREATE TABLE unserved_updates (
  id INTEGER PRIMARY KEY NOT NULL,
  platform TEXT NOT NULL CHECK (platform <> ''),
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;
CREATE INDEX unserved_updates_old ON unserved_updates (received_at);

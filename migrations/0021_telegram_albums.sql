-- Items of albums of Telegram, each of which comes as a message of its own: together they are one question, a second after
-- the last of them, or a minute later where the program died meanwhile.
-- `album`: chat and album. `body`: the update, as it came. `received_ms`: by the Worker's clock.
CREATE TABLE telegram_albums (
  album TEXT NOT NULL CHECK (album <> ''),
  message INTEGER NOT NULL,
  body TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  is_asked INTEGER NOT NULL DEFAULT 0 CHECK (is_asked IN (0, 1)),
  PRIMARY KEY (album, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX telegram_albums_by_time ON telegram_albums (received_ms);

-- WhatsApp, for a week: which messages came, since Meta repeats them for as long and lets a chat be answered for a day, and
-- what became of those that were sent, since nothing else finds one whose reply was lost.
-- `id`: digest of Meta's id, which holds a phone number. `chat`: code of who wrote. `wrote_at`: by Meta's clock.
CREATE TABLE whatsapp_messages (
  id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  chat TEXT NOT NULL,
  wrote_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  was_known INTEGER NOT NULL DEFAULT 0 CHECK (was_known IN (0, 1)),
  is_done INTEGER NOT NULL DEFAULT 0 CHECK (is_done IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX whatsapp_messages_by_chat ON whatsapp_messages (chat, wrote_at);
CREATE INDEX whatsapp_messages_old ON whatsapp_messages (received_at);

-- `tag`: what was sent, by its job and its words.
CREATE TABLE whatsapp_statuses (
  id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  tag TEXT NOT NULL,
  is_failed INTEGER NOT NULL CHECK (is_failed IN (0, 1)),
  told_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX whatsapp_statuses_by_tag ON whatsapp_statuses (tag);
CREATE INDEX whatsapp_statuses_old ON whatsapp_statuses (told_at);

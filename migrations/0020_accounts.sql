-- Accounts of messengers that are somebody's other one: whoever writes there is that person.
-- `account`: id on its platform. `person`: whose it is, who has no row here: there are no chains.
-- `is_settled`: whether nothing comes late any more that is to move. `checked_at`: when that was last looked at.
CREATE TABLE accounts (
  account TEXT PRIMARY KEY NOT NULL CHECK (account <> ''),
  person TEXT NOT NULL CHECK (person <> '' AND person <> account),
  linked_at INTEGER NOT NULL DEFAULT (unixepoch()),
  checked_at INTEGER NOT NULL DEFAULT (unixepoch()),
  is_settled INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_of_person ON accounts (person);
CREATE INDEX accounts_unsettled ON accounts (checked_at) WHERE is_settled = 0;

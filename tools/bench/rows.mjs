// Counts the rows that Durable Objects and D1 write, as the platform itself counts them for its bill.
// It is there only where rows are counted, and never where time is taken.

/** What `exec` returned: a cursor knows its rows when it has been read. */
const cursors = [];
const others = { alarms: 0, database: 0 };
/** Rows in D1 by the text of a statement. */
const texts = {};
let isWatched = false;

/** Counts the statements of all objects, and the alarms that they set: each is one row. */
export function watch(storage) {
  if (isWatched) return;
  isWatched = true;
  const sql = Object.getPrototypeOf(storage.sql);
  const { exec } = sql;
  sql.exec = function (...parameters) {
    const cursor = exec.apply(this, parameters);
    cursors.push({ cursor, text: parameters[0] });
    return cursor;
  };
  const whole = Object.getPrototypeOf(storage);
  const { setAlarm } = whole;
  whole.setAlarm = function (...parameters) {
    others.alarms += 1;
    return setAlarm.apply(this, parameters);
  };
}

/** Returns the rows that were written so far, and by what. */
export function written() {
  let object = 0;
  const statements = { ...texts };
  for (const { cursor, text } of cursors) {
    const rows = cursor.rowsWritten;
    object += rows;
    if (rows > 0) statements[text] = (statements[text] ?? 0) + rows;
  }
  return { object, ...others, statements };
}

/** Returns a D1 database whose rows are counted. `first` does not tell, so it becomes `all`. */
export function counted(inner) {
  const bill = (text, result) => {
    const rows = result?.meta?.rows_written ?? 0;
    others.database += rows;
    if (rows > 0) texts[text] = (texts[text] ?? 0) + rows;
    return result;
  };
  const statement = (text, one) => ({
    text,
    one,
    bind: (...values) => statement(text, one.bind(...values)),
    all: async () => bill(text, await one.all()),
    run: async () => bill(text, await one.run()),
    first: async (column) => {
      const row = bill(text, await one.all()).results[0] ?? null;
      return column === undefined ? row : (row?.[column] ?? null);
    },
  });
  return {
    prepare: (text) => statement(text, inner.prepare(text)),
    batch: async (statements) => {
      const results = await inner.batch(statements.map(({ one }) => one));
      return results.map((result, index) => bill(statements[index].text, result));
    },
  };
}

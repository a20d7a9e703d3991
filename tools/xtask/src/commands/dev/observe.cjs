// Looks into the local Worker's state and log, and prints what is new, a line of JSON at a time.
// Only reads: workerd has the same files open.
const { DatabaseSync } = require("node:sqlite");
const { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } = require("node:fs");
const { join } = require("node:path");

const [folder] = process.argv.slice(1);
const state = join(folder, "state/v3");
const log = join(folder, "wrangler.log");
const TICK_MS = 100;
const stamps = new Map();
const rows = new Map();
let read = 0;
let rest = "";

function entries(path) {
  try {
    return readdirSync(path).map((name) => join(path, name));
  } catch {
    return [];
  }
}

function databases(path) {
  return entries(path).filter((file) => file.endsWith(".sqlite") && !file.endsWith("metadata.sqlite"));
}

/** Whether a database was written since the last look, or so shortly before it that a later write
 * may bear the same time: a file's clock ticks in milliseconds, and the size need not change. */
function isNew(file) {
  const found = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false }));
  const stamp = found.map((one) => `${one?.mtimeMs}/${one?.size}`).join();
  if (stamps.get(file) === stamp) return false;
  const isSettled = found.every((one) => !one || Date.now() - one.mtimeMs > TICK_MS);
  if (isSettled) stamps.set(file, stamp);
  else stamps.delete(file);
  return true;
}

function query(file, statement) {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 200 });
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Reads a database if it was written, and again next time if it could not be read. */
function look(file, statement, each) {
  if (!isNew(file)) return;
  try {
    each(query(file, statement));
  } catch {
    stamps.delete(file);
  }
}

function jobs(found) {
  for (const row of found) {
    const text = JSON.stringify(row);
    if (rows.get(row.id) === text) continue;
    rows.set(row.id, text);
    print({ row });
  }
}

function events() {
  let file;
  try {
    file = openSync(log);
  } catch {
    return;
  }
  const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - read));
  read += readSync(file, bytes, 0, bytes.length, read);
  closeSync(file);
  const lines = (rest + bytes.toString()).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    const begin = line.indexOf("{");
    if (begin < 0 || !line.includes('"event":')) continue;
    try {
      print({ event: JSON.parse(line.slice(begin)) });
    } catch {
      // Not one of the Worker's lines.
    }
  }
}

function lookAround() {
  events();
  for (const file of databases(join(state, "d1/miniflare-D1DatabaseObject"))) {
    const attempts = "SELECT nullif(json_group_array(json_object('nano', cost_nano)), '[]') FROM attempts WHERE job = jobs.id";
    look(file, `SELECT *, (${attempts}) AS attempts FROM jobs ORDER BY created_at DESC, id DESC LIMIT 50`, jobs);
  }
  for (const workflow of entries(join(state, "workflows"))) {
    for (const file of databases(workflow)) {
      const statement = "SELECT event, target, metadata, CAST(1000 * unixepoch(timestamp, 'subsec') AS INTEGER) AS at FROM states ORDER BY id";
      look(file, statement, (record) => print({ record }));
    }
  }
}

setInterval(lookAround, 150);

// Writes turns into conversations while nothing runs: `node chat-fill.mjs FOLDER JSON`, with
// { QUESTION: TURNS }, where the question is the first one of the conversation that is meant.
// They are as turns that were asked one after the other and answered.
import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const [folder, wanted] = process.argv.slice(2);
const sizes = JSON.parse(wanted);
const ANSWER = "The quick brown fox jumps over the lazy dog. ".repeat(5);
const filled = [];
for (const name of readdirSync(folder)) {
  if (!name.endsWith(".sqlite") || name.startsWith("metadata")) continue;
  const database = new DatabaseSync(`${folder}/${name}`);
  const there = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'turns'").get();
  const begun = there && database.prepare("SELECT seq, id, question, asked_ms FROM turns ORDER BY seq LIMIT 1").get();
  const turns = begun && sizes[begun.question];
  if (turns) {
    database.exec("BEGIN");
    const insert = database.prepare(
      `INSERT INTO turns (id, parent, message, question, answer, state, generation, asked_ms, ended_ms)
       VALUES (?, ?, ?, ?, ?, 'done', 1, ?, ?)`,
    );
    let [bytes, parent] = [0, begun.seq];
    for (let number = 1; number < turns; number += 1) {
      const question = `Say something about number ${number}, as if it was the first time.`;
      const at = begun.asked_ms + number;
      parent = insert.run(`${begun.id}-f${number}`, parent, `f${number}`, question, ANSWER, at, at).lastInsertRowid;
      bytes += question.length + ANSWER.length;
    }
    database
      .prepare("UPDATE conversation SET turns = turns + ?1, messages = messages + 2 * ?1, bytes = bytes + ?2")
      .run(turns - 1, bytes);
    database.exec("COMMIT");
    filled.push(begun.question);
  }
  database.close();
}
console.log(JSON.stringify(filled));

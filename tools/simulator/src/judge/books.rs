//! Judges what was booked: the sums of spending are those of the attempts and questions.

use crate::base::record::Invariant;
use crate::world::World;

/// What each account spent, by its attempts and by its sums, where the two differ.
const DIFFERENCES: &str = "
WITH
  made AS (
    SELECT 'asker' AS kind, asker AS key, sum(cost_nano) AS nano, sum(outcome <> 'lost') AS calls
      FROM attempts WHERE asker <> '' GROUP BY asker
    UNION ALL SELECT 'server', server, sum(cost_nano), sum(outcome <> 'lost')
      FROM attempts WHERE server <> '' GROUP BY server
    UNION ALL SELECT 'day', 'all', sum(cost_nano), sum(outcome <> 'lost')
      FROM attempts HAVING count(*) > 0),
  booked AS (
    SELECT kind, key, sum(cost_nano) AS nano, sum(call_count) AS calls
      FROM spending GROUP BY kind, key HAVING nano > 0 OR calls > 0)
SELECT 'attempts' AS of, * FROM (SELECT * FROM made EXCEPT SELECT * FROM booked)
UNION ALL SELECT 'sums', * FROM (SELECT * FROM booked EXCEPT SELECT * FROM made)";

/// How many questions are counted, by the jobs and by the sums of everybody.
const QUESTIONS: &str = "
SELECT jobs.count AS by_jobs, sums.count AS by_sums
FROM (SELECT coalesce(sum(is_counted), 0) AS count FROM jobs) AS jobs,
  (SELECT coalesce(sum(question_count), 0) AS count FROM spending WHERE kind = 'day') AS sums
WHERE jobs.count <> sums.count";

/// Judges what was booked in a seed.
pub fn judge(world: &World) {
    for (what, sql) in [("spent", DIFFERENCES), ("asked", QUESTIONS)] {
        match world.store.database.query(sql, &[]) {
            Ok(rows) => {
                for row in rows {
                    let row = serde_json::Value::Object(row);
                    world.shared.violate(Invariant::Booked, format!("{what}: {row}"));
                }
            }
            Err(error) => world.shared.violate(Invariant::Sane, format!("{error:?}")),
        }
    }
}

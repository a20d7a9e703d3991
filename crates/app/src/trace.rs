//! How an answer came about, as whoever asked over HTTP reads it: from its job's row, and from the models that were
//! asked for it.

use serde_json::{Map, Value};

use miyabi_ai::files::FIRST_ORDINAL;
use miyabi_core::fault::Fault;
use miyabi_core::json;
use miyabi_core::ports::{Sql, Statement};

/// Returns how the answer of a turn came about that this person has asked.
///
/// # Shape
/// `{"rounds":2,"model":"@cf/…","models":[{"model":"@cf/…","outcome":"ok"}],"tools":[{"name":"weather",
/// "arguments":{…},"state":"ok","ms":310}],"sources":[{"url":"https://…","title":"…"}],"inputTokens":800,
/// "outputTokens":20,"costNanos":1500}`; where nothing is kept of it, all are null and all lists empty. Arguments are
/// null where they were cut, and what was lost with its run has no model to name.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn of_turn(
    host: &impl Sql,
    asker: &str,
    turn: &str,
) -> Result<Map<String, Value>, Fault> {
    let rows = host.query(Statement {
        name: "jobs::trace",
        sql: "SELECT json_object(
                'rounds', iif(jobs.id IS NULL, NULL, (SELECT count(*) FROM attempts
                  WHERE job = jobs.id AND outcome = 'ok' AND ordinal < ?3)),
                'model', (SELECT model FROM attempts
                  WHERE job = jobs.id AND outcome = 'ok' AND ordinal < ?3
                  ORDER BY generation DESC, ordinal DESC LIMIT 1),
                'models', (SELECT json_group_array(json_object('model', model, 'outcome', outcome))
                  FROM (SELECT * FROM attempts WHERE job = jobs.id AND model <> ''
                    ORDER BY generation, ordinal)),
                'tools', (SELECT json_group_array(json('{\"name\":' || json_quote(value ->> 'name')
                    || ',\"arguments\":' || CASE WHEN json_valid(value ->> 'arguments')
                      AND value ->> 'arguments' GLOB '{*' THEN value ->> 'arguments' ELSE 'null' END
                    || ',\"state\":' || json_quote(replace(value ->> 'outcome', 'done', 'ok'))
                    || ',\"ms\":' || (value ->> 'took_ms') || '}'))
                  FROM json_each(coalesce(jobs.trace, '[]'))),
                'sources', (SELECT json_group_array(json_object('url', url, 'title', title))
                  FROM (SELECT page.value ->> 0 AS url, page.value ->> 1 AS title,
                      min(tool.key * 100 + page.key) AS place
                    FROM json_each(coalesce(jobs.trace, '[]')) AS tool
                      JOIN json_each(tool.value, '$.sources') AS page
                    GROUP BY url ORDER BY place)),
                'inputTokens', iif(jobs.id IS NULL, NULL, (SELECT coalesce(sum(prompt_tokens), 0)
                  FROM attempts WHERE job = jobs.id)),
                'outputTokens', iif(jobs.id IS NULL, NULL,
                  (SELECT coalesce(sum(completion_tokens), 0) FROM attempts WHERE job = jobs.id)),
                'costNanos', iif(jobs.id IS NULL, NULL, (SELECT coalesce(sum(cost_nano), 0)
                  FROM attempts WHERE job = jobs.id))) AS told
              FROM (SELECT 1) LEFT JOIN jobs ON jobs.id = ?1 AND asker = ?2 AND asker <> ''",
        values: vec![turn.into(), asker.into(), FIRST_ORDINAL.into()],
    });
    let rows = rows.await?;
    let told = rows.first().and_then(|row| row.get("told")).and_then(Value::as_str);
    Ok(told.and_then(json::parse).unwrap_or_default())
}

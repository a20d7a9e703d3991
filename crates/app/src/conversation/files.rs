//! Files that come with questions. A turn has its own; a question is answered with those of the turns before it
//! too, since who asks about a picture goes on asking about it.

use serde::Deserialize;

use super::{Conversation, MAX_CONTEXT_TURNS};
use crate::uploads::Upload;
use miyabi_core::fault::Fault;
use miyabi_core::json;
use miyabi_core::ports::Store;

/// Returns files as the column of a turn has them; `None` for none.
pub(super) fn to_column(files: &[Upload]) -> Option<String> {
    if files.is_empty() { None } else { serde_json::to_string(files).ok() }
}

/// Returns the files of such a column.
pub(super) fn of_column(column: Option<&str>) -> Vec<Upload> {
    column.and_then(json::parse).unwrap_or_default()
}

impl<S: Store> Conversation<'_, S> {
    /// Returns the files that a turn may be answered with, and how many of them are its own: these first, and then
    /// the latest of the turns on its way to the root. Each is there once.
    ///
    /// They are more than are read, since some may have been deleted.
    pub(super) fn files_for(&self, turn: &str) -> Result<(Vec<Upload>, usize), Fault> {
        #[derive(Deserialize)]
        struct Row {
            files: Option<String>,
            depth: u32,
        }
        let sql = "WITH RECURSIVE way (seq, parent, files, asked_ms, depth) AS (
                     SELECT seq, parent, files, asked_ms, 1 FROM turns WHERE id = ?1
                     UNION ALL
                     SELECT turns.seq, turns.parent, turns.files, turns.asked_ms, way.depth + 1
                     FROM way JOIN turns ON turns.seq = way.parent WHERE way.depth < ?2)
                   SELECT files, depth FROM way WHERE files IS NOT NULL AND asked_ms > ?3
                   ORDER BY depth";
        let floor = self.overlay()?.floor_ms;
        let values = vec![turn.into(), MAX_CONTEXT_TURNS.into(), floor.0.into()];
        let rows: Vec<Row> = self.store.rows("turns::files", sql, values)?;
        let (mut files, mut own): (Vec<Upload>, usize) = (Vec::new(), 0);
        for row in rows {
            for file in of_column(row.files.as_deref()) {
                if files.iter().all(|known| known.id != file.id) {
                    files.push(file);
                }
            }
            if row.depth == 1 {
                own = files.len();
            }
        }
        Ok((files, own))
    }
}

//! Files that come with questions. A turn has its own; a question is answered with those of the turns before it
//! too, since who asks about a picture goes on asking about it.

use serde::Deserialize;

use super::{Conversation, MAX_CONTEXT_TURNS};
use crate::uploads::Upload;
use miyabi_ai::files::MAX_FILES;
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
    /// Returns the files that a turn is answered with: its own, and then the latest of the turns on its way to the
    /// root, as far as models read them. Each is there once, and there are no more than are read.
    pub(super) fn files_for(&self, turn: &str) -> Result<Vec<Upload>, Fault> {
        #[derive(Deserialize)]
        struct Row {
            files: Option<String>,
        }
        let sql = "WITH RECURSIVE way (seq, parent, files, asked_ms, depth) AS (
                     SELECT seq, parent, files, asked_ms, 1 FROM turns WHERE id = ?1
                     UNION ALL
                     SELECT turns.seq, turns.parent, turns.files, turns.asked_ms, way.depth + 1
                     FROM way JOIN turns ON turns.seq = way.parent WHERE way.depth < ?2)
                   SELECT files FROM way WHERE files IS NOT NULL AND asked_ms > ?3
                   ORDER BY depth LIMIT ?4";
        let floor = self.overlay()?.floor_ms;
        let most = u32::try_from(MAX_FILES).unwrap_or(u32::MAX);
        let values = vec![turn.into(), MAX_CONTEXT_TURNS.into(), floor.0.into(), most.into()];
        let rows: Vec<Row> = self.store.rows("turns::files", sql, values)?;
        let mut files: Vec<Upload> = Vec::new();
        for file in rows.iter().flat_map(|row| of_column(row.files.as_deref())) {
            if files.len() < MAX_FILES && files.iter().all(|known| known.id != file.id) {
                files.push(file);
            }
        }
        Ok(files)
    }
}

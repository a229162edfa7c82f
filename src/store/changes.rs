//! The list of writes: how a running server learns what an import beside it, or another node, has done.

use super::{Store, StoreError};

/// One row written.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    /// Ascending, in the order of commits; gaps are possible.
    pub seq: i64,
    /// Name of the table.
    #[sqlx(rename = "table_name")]
    pub table: String,
    /// Key of the row; 0 for a whole table.
    pub row_id: i64,
}

/// Notes rows of a table as written, in the transaction that wrote them.
macro_rules! note_changes {
    ($tx:ident, $table:literal, $keys:expr) => {
        for chunk in $keys.chunks($crate::store::upsert::CHUNK) {
            let mut query = sqlx::QueryBuilder::new("insert into changes (table_name, row_id) ");
            query.push_values(chunk, |mut row, key: &i64| {
                row.push_bind($table).push_bind(*key);
            });
            query.build().execute(&mut *$tx).await?;
        }
    };
}
pub(super) use note_changes;

impl Store {
    /// Writes after number `seq`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn changes_after(&self, seq: i64) -> Result<Vec<Change>, StoreError> {
        const SELECT: &str = "select seq, table_name, row_id from changes where seq > $1 order by seq";
        Ok(on_pool!(self, pool => sqlx::query_as(SELECT).bind(seq).fetch_all(pool).await?))
    }

    /// Number of the last write; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn last_change(&self) -> Result<i64, StoreError> {
        const SELECT: &str = "select coalesce(max(seq), 0) from changes";
        Ok(on_pool!(self, pool => sqlx::query_scalar(SELECT).fetch_one(pool).await?))
    }
}

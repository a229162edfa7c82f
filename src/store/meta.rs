//! What is known of the whole study, as keys and values.

use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::{Store, StoreError};

impl Store {
    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        const SELECT: &str = "select value from meta where key = $1";
        Ok(on_pool!(self, pool => sqlx::query_scalar(SELECT).bind(key).fetch_optional(pool).await?))
    }

    /// Sets a key; writes nothing when it has that value.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        const UPSERT: &str = "insert into meta (key, value) values ($1, $2) \
            on conflict (key) do update set value = excluded.value where meta.value <> excluded.value";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(UPSERT).bind(key).bind(value).execute(&mut *tx).await?;
            if done.rows_affected() > 0 {
                note_changes!(tx, "meta", [0]);
            }
            tx.commit().await?;
        });
        Ok(())
    }
}

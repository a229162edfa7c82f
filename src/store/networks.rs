//! Which compiled street network is in use. The network itself is a file beside the database.

use chrono::{DateTime, SubsecRound, Utc};

use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::{Store, StoreError};

/// One imported street network.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NetworkRecord {
    /// Name of the compiled file, without its folder.
    pub file_name: String,
    /// Checksum of the compiled file, in hexadecimal.
    pub checksum: String,
    /// When it was imported; kept to the microsecond.
    pub imported_at: DateTime<Utc>,
    /// Name of the file it was read from.
    pub source: String,
}

impl Store {
    /// The network in use: the last one that was set.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn current_network(&self) -> Result<Option<NetworkRecord>, StoreError> {
        const SELECT: &str = "select file_name, checksum, imported_at, source from networks order by id desc limit 1";
        Ok(on_pool!(self, pool => sqlx::query_as(SELECT).fetch_optional(pool).await?))
    }

    /// Puts a network in use.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_network(&self, network: NetworkRecord) -> Result<(), StoreError> {
        const INSERT: &str = "insert into networks (file_name, checksum, imported_at, source) \
            values ($1, $2, $3, $4) returning id";
        // PostgreSQL keeps microseconds; both shall give back the same instant.
        let imported_at = network.imported_at.trunc_subsecs(6);
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let key: i64 = sqlx::query_scalar(INSERT)
                .bind(&network.file_name)
                .bind(&network.checksum)
                .bind(imported_at)
                .bind(&network.source)
                .fetch_one(&mut *tx)
                .await?;
            note_changes!(tx, "networks", [key]);
            tx.commit().await?;
        });
        Ok(())
    }
}

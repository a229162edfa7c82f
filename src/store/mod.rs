//! Tables. SQL lives here and nowhere else.
//!
//! One [`Store`] stands before `SQLite` (one file, the default) and `PostgreSQL`. A query body is written once and expanded
//! once per pool by `on_pool!`, so it is type-checked twice and cannot drift; what truly differs is in `dialect.rs`.
//! Every write appends to `changes` in its own transaction: a server that runs meanwhile reads past the last number it
//! has seen. One contract test runs on both databases (`tests/it/store_contract.rs`).

/// Expands one query body once per kind of pool.
macro_rules! on_pool {
    ($store:expr, $pool:ident => $body:expr) => {
        match $store {
            $crate::store::Store::Sqlite($pool) => $body,
            $crate::store::Store::Postgres($pool) => $body,
        }
    };
}

mod addresses;
mod cases;
mod changes;
mod dialect;
mod error;
mod lists;
mod meta;
mod networks;
mod quarters;
mod relays;
mod upsert;
mod volunteers;

use sqlx::{PgPool, SqlitePool};

pub use changes::Change;
pub use error::StoreError;
pub use networks::NetworkRecord;
pub use upsert::Upserted;

/// The database: one of two kinds behind one set of methods. Cloning shares the pool.
#[derive(Debug, Clone)]
pub enum Store {
    /// A file beside the program.
    Sqlite(SqlitePool),
    /// A server, for several nodes.
    Postgres(PgPool),
}

impl Store {
    /// Opens the database that `url` names (`sqlite:path/to/file` or `postgres://…`), creates the file and its folder
    /// when there is none, and brings the tables up to date.
    ///
    /// # Errors
    /// [`StoreError`] says what is in the way: a read-only folder, a full disk, a file that is no database of ours, a
    /// schema newer than this program, a server that does not answer.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let store = dialect::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the tables up to date; does nothing when they are.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] when the database has seen a later version of this program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        dialect::migrate(self).await
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError`] when there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on_pool!(self, pool => {
            sqlx::query("select 1").execute(pool).await?;
        });
        Ok(())
    }

    /// Finishes what is under way and closes every connection.
    pub async fn close(&self) {
        on_pool!(self, pool => pool.close().await);
    }
}

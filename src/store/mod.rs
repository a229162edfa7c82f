//! Tables. SQL lives here and nowhere else.
//!
//! One [`Store`] stands before `SQLite` (one file, the default) and `PostgreSQL`. A query body is written once and expanded
//! once per pool by `on_pool!`, so it is type-checked twice and cannot drift; what truly differs is in `dialect.rs`.
//! Every write appends to `changes` in its own transaction: a server that runs meanwhile reads past the last number it
//! has seen. What is personal is sealed before it is bound and opened after it is read (`seal.rs`), and each write of it
//! brings its line of the trail (`audit.rs`) in the same transaction. One contract test runs on both databases
//! (`tests/it/store_contract.rs`).

/// Expands one query body once per kind of pool.
macro_rules! on_pool {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.pool {
            $crate::store::Pool::Sqlite($pool) => $body,
            $crate::store::Pool::Postgres($pool) => $body,
        }
    };
}

mod absences;
mod accounts;
mod addresses;
mod audit;
mod audit_retention;
mod audit_verify;
mod case_moves;
mod cases;
mod changes;
mod devices;
mod dialect;
mod erasure;
mod error;
mod keys;
mod lists;
mod meta;
mod networks;
mod notices;
mod oppositions;
mod quarters;
mod relay_reports;
mod relays;
mod reports;
mod retention;
mod rights;
mod rotation;
mod seal;
mod sealed_row;
mod secrets;
mod seek;
mod sessions;
mod sticker_codes;
mod throttles;
mod traces;
mod upsert;
mod visits;
mod volunteers;

use std::sync::Arc;

use sqlx::{PgPool, SqlitePool};

pub use accounts::{Account, AccountChange, Changed, Credentials, NewAccount, SecondFactor};
pub use audit::{AuditFilter, AuditRow};
pub use audit_verify::{ChainState, Finding, Flaw, Verification};
pub use case_moves::{Between, MoveRow, Mover, NotMoved, Order};
pub use cases::Rectified;
pub use changes::Change;
pub use devices::{Device, DeviceLine, NewDevice};
pub use erasure::{CASE_COLUMNS, Erased, Erasure, RELAY_COLUMNS, VOLUNTEER_COLUMNS};
pub use error::StoreError;
pub use keys::{KeyError, KeyRing, KeySource};
pub use networks::NetworkRecord;
pub use notices::Notice;
pub use oppositions::Person;
pub use relay_reports::{NewRelayReport, ReceiptState, RelayReport};
pub use reports::{Form, HOUSEHOLD_COLUMNS, REPORT_COLUMNS, SAME_FORM_HOURS, Taken, Told};
pub use retention::{Purged, RetentionItem, RetentionRun, SignedOff};
pub use rights::{FoundSubject, NewRequest, RightsRequest, ToInform};
pub use seal::{Index, Secret};
pub use seek::{Search, Searched};
pub use sessions::{NewSession, NotBegun, Proof, Session, SessionKind, SessionLine};
pub use throttles::{Counted, Throttled};
pub use traces::{Needles, Traces, TracesOf};
pub use upsert::Upserted;
pub use visits::{KeptVisit, Referral};

use dialect::BeginWrite;
use seal::{Secrets, Vault};

/// One of two kinds of database.
#[derive(Debug, Clone)]
enum Pool {
    /// A file beside the program.
    Sqlite(SqlitePool),
    /// A server, for several nodes.
    Postgres(PgPool),
}

/// The database and the keys that open it. Cloning shares both.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    vault: Arc<Vault>,
    secrets: Arc<Secrets>,
    /// Name of this writer's chain in the audit.
    writer: Arc<str>,
    /// Where it ended last.
    last_end: Arc<audit::LastEnd>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("pool", &self.pool).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database that `url` names (`sqlite:path/to/file` or `postgres://…`) with its keys, creates the file and
    /// its folder when there is none, and brings the tables up to date. `writer` names the chain of the audit that this
    /// program writes, e.g. `server`.
    ///
    /// # Errors
    /// [`StoreError`] says what is in the way: no key file, a key that did not seal this database, a database from before
    /// encryption, a read-only folder, a full disk, a file that is no database of ours, a schema newer than this program,
    /// a server that does not answer. Nothing was written then.
    pub async fn open(url: &str, keys: KeySource, writer: &str) -> Result<Self, StoreError> {
        let vault = Arc::new(Vault::open(keys)?);
        let pool = dialect::connect(url).await?;
        dialect::refuse_unencrypted(&pool).await?;
        if dialect::has_tables(&pool).await? {
            secrets::check_keys(&pool, &vault).await?;
        }
        dialect::migrate(&pool).await?;
        let secrets = Arc::new(secrets::open_or_draw(&pool, &vault).await?);
        Ok(Self { pool, vault, secrets, writer: writer.into(), last_end: Arc::default() })
    }

    /// Removes the `SQLite` file that `url` names, with its companions.
    ///
    /// # Errors
    /// [`StoreError`] for another kind of database, or when the file cannot be removed.
    pub fn discard(url: &str) -> Result<(), StoreError> {
        dialect::discard(url)
    }

    /// The same database and keys over other connections to it, e.g. ones that are held short; as a program that has just
    /// begun, it remembers nothing of where its chain of the audit ended.
    #[must_use]
    pub fn over(&self, connections: SqlitePool) -> Self {
        Self { pool: Pool::Sqlite(connections), last_end: Arc::default(), ..self.clone() }
    }

    /// Number of the key that seals now, and whether the database is a file beside the program.
    #[must_use]
    pub fn sealing(&self) -> (u32, bool) {
        (self.vault.ring().current(), matches!(self.pool, Pool::Sqlite(_)))
    }

    /// Reads the key file again, for a rotation may have added a key.
    ///
    /// # Errors
    /// [`StoreError::Key`] when it cannot be read; [`StoreError`] when the database does not answer.
    pub async fn reload_keys(&self) -> Result<(), StoreError> {
        on_pool!(self, pool => {
            // Not while a transaction of this program is sealing (`Vault::reload`).
            let _nobody_writes = pool.begin_write().await?;
            self.vault.reload()
        })
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

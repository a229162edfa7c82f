//! What differs between `SQLite` and `PostgreSQL`: opening, migrations, and how a write begins.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use super::audit::{Head, LastEnd};
use super::{Pool, StoreError};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a connection is waited for, and how long `SQLite` waits for another writer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Key of the advisory lock that orders writers on `PostgreSQL`: "bienveil" in ASCII.
const WRITE_LOCK: i64 = 0x6269_656e_7665_696c;

/// Starts a transaction that will write.
pub(super) trait BeginWrite {
    /// Which database.
    type Db: sqlx::Database;

    /// Waits until no other writer is at work: the order of `changes.seq` is then the order of commits, and a reader
    /// that has seen number 7 never finds a 6 afterwards.
    async fn begin_write(&self) -> Result<WriteTransaction<Self::Db>, StoreError>;
}

/// A transaction that writes. What it adds to the trail is remembered once it is committed.
pub(super) struct WriteTransaction<Db: sqlx::Database> {
    inner: Transaction<'static, Db>,
    end: Option<(Arc<LastEnd>, Head)>,
}

impl<Db: sqlx::Database> WriteTransaction<Db> {
    fn new(inner: Transaction<'static, Db>) -> Self {
        Self { inner, end: None }
    }

    /// Where the writer's chain ends if this is committed.
    pub(super) fn ends_at(&mut self, memory: &Arc<LastEnd>, head: &Head) {
        self.end = Some((Arc::clone(memory), head.clone()));
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await?;
        if let Some((memory, head)) = self.end {
            memory.remember(head);
        }
        Ok(())
    }
}

impl<Db: sqlx::Database> Deref for WriteTransaction<Db> {
    type Target = Db::Connection;

    fn deref(&self) -> &Db::Connection {
        &self.inner
    }
}

impl<Db: sqlx::Database> DerefMut for WriteTransaction<Db> {
    fn deref_mut(&mut self) -> &mut Db::Connection {
        &mut self.inner
    }
}

impl BeginWrite for SqlitePool {
    type Db = Sqlite;

    /// `immediate` takes `SQLite`'s one write lock at once; a transaction that reads first and writes later could only fail.
    async fn begin_write(&self) -> Result<WriteTransaction<Sqlite>, StoreError> {
        Ok(WriteTransaction::new(self.begin_with("begin immediate").await?))
    }
}

impl BeginWrite for PgPool {
    type Db = Postgres;

    async fn begin_write(&self) -> Result<WriteTransaction<Postgres>, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(WRITE_LOCK).execute(&mut *tx).await?;
        Ok(WriteTransaction::new(tx))
    }
}

/// Starts a transaction that only reads.
pub(super) trait BeginRead {
    /// Which database.
    type Db: sqlx::Database;

    /// Everything that it reads is of one moment, whatever is written meanwhile.
    async fn begin_read(&self) -> Result<Transaction<'static, Self::Db>, StoreError>;
}

impl BeginRead for SqlitePool {
    type Db = Sqlite;

    async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.begin().await?)
    }
}

impl BeginRead for PgPool {
    type Db = Postgres;

    async fn begin_read(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.begin_with("begin isolation level repeatable read read only").await?)
    }
}

/// Connects to what the URL names, without touching its tables.
pub(super) async fn connect(url: &str) -> Result<Pool, StoreError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => connect_sqlite(url).await,
        Some("postgres" | "postgresql") => connect_postgres(url).await,
        // The URL itself may hold a password: it is not repeated.
        _ => Err(StoreError::BadUrl {
            problem: "the database's address begins neither with sqlite: nor with postgres:".into(),
        }),
    }
}

async fn connect_sqlite(url: &str) -> Result<Pool, StoreError> {
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(!url.contains("mode=ro"))
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // In WAL mode this loses at most the last commits on a power cut, and never the file.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(PATIENCE)
        // What is deleted is overwritten, not left in a free page.
        .pragma("secure_delete", "on")
        .disable_statement_logging();
    let path = options.get_filename().to_owned();
    if !in_memory {
        create_private_file(&path).map_err(|error| cannot_open(&path, &error))?;
    }
    // Each connection to `:memory:` would be a database of its own.
    let connections = if in_memory { 1 } else { 4 };
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        // A file does not hang up: asking each connection for a sign of life would cost as much as a small query.
        .test_before_acquire(false)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(|error| at_path(StoreError::from(error), &path))?;
    refuse_foreign_file(&pool, &path).await?;
    Ok(Pool::Sqlite(pool))
}

/// Removes a database file, its log and its index.
pub(super) fn discard(url: &str) -> Result<(), StoreError> {
    if !url.starts_with("sqlite:") {
        return Err(StoreError::BadUrl { problem: "only a database in a file can be removed".into() });
    }
    let path = SqliteConnectOptions::from_str(url)?.get_filename().to_owned();
    for end in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(cannot_open(&path, &error)),
            _ => {}
        }
    }
    Ok(())
}

/// Creates the file with rights for its owner alone, for `SQLite` would use the umask; `-wal` and `-shm` inherit them.
fn create_private_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

fn cannot_open(path: &Path, error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::DiskFull,
        std::io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        _ => StoreError::CannotOpen { path: path.display().to_string(), reason: error.to_string() },
    }
}

/// Names the file in an error that was born without one.
fn at_path(error: StoreError, file: &Path) -> StoreError {
    let file = file.display().to_string();
    match error {
        StoreError::CannotOpen { path, reason } if path.is_empty() => StoreError::CannotOpen { path: file, reason },
        StoreError::NotADatabase { path } if path.is_empty() => StoreError::NotADatabase { path: file },
        other => other,
    }
}

/// A healthy `SQLite` file of another program is left alone.
async fn refuse_foreign_file(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let (tables, ours): (i64, i64) = sqlx::query_as(
        "select count(*), count(case when name = '_sqlx_migrations' then 1 end) from sqlite_master where type = 'table'",
    )
    .fetch_one(pool)
    .await
    .map_err(|error| at_path(StoreError::from(error), path))?;
    if tables > 0 && ours == 0 {
        return Err(StoreError::NotADatabase { path: path.display().to_string() });
    }
    Ok(())
}

async fn connect_postgres(url: &str) -> Result<Pool, StoreError> {
    let options = PgConnectOptions::from_str(url)?.application_name("bienveilleurs").disable_statement_logging();
    // A pool retries a refused connection until its patience ends; one connection by hand says at once what is wrong.
    let probe = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options))
        .await
        .map_err(|_| StoreError::Unreachable { reason: "no answer within 10 seconds".into() })??;
    probe.close().await?;
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(PATIENCE).connect_with(options).await?;
    Ok(Pool::Postgres(pool))
}

/// Whether migrations have run here before.
pub(super) async fn has_tables(pool: &Pool) -> Result<bool, StoreError> {
    const SQLITE: &str = "select count(*) > 0 from sqlite_master where type = 'table' and name = 'key_checks'";
    const POSTGRES: &str = "select to_regclass('key_checks') is not null";
    Ok(match pool {
        Pool::Sqlite(pool) => sqlx::query_scalar(SQLITE).fetch_one(pool).await?,
        Pool::Postgres(pool) => sqlx::query_scalar(POSTGRES).fetch_one(pool).await?,
    })
}

/// A database of version 1 keeps names in clear: it is left as it is.
pub(super) async fn refuse_unencrypted(pool: &Pool) -> Result<(), StoreError> {
    const SQLITE: &str = "select count(*) > 0 from sqlite_master where type = 'table' and name = '_sqlx_migrations'";
    const POSTGRES: &str = "select to_regclass('_sqlx_migrations') is not null";
    const FIRST: &str = "select count(*) from _sqlx_migrations where version = 1";
    const DEMONSTRATION: &str = "select count(*) from meta where key = 'demonstration'";
    let (first, demonstration): (i64, i64) = match pool {
        Pool::Sqlite(pool) if sqlx::query_scalar(SQLITE).fetch_one(pool).await? => (
            sqlx::query_scalar(FIRST).fetch_one(pool).await?,
            sqlx::query_scalar(DEMONSTRATION).fetch_one(pool).await.unwrap_or(0),
        ),
        Pool::Postgres(pool) if sqlx::query_scalar(POSTGRES).fetch_one(pool).await? => (
            sqlx::query_scalar(FIRST).fetch_one(pool).await?,
            sqlx::query_scalar(DEMONSTRATION).fetch_one(pool).await.unwrap_or(0),
        ),
        _ => return Ok(()),
    };
    if first > 0 { Err(StoreError::Unencrypted { demonstration: demonstration > 0 }) } else { Ok(()) }
}

/// Applies the migrations of the store's own kind.
pub(super) async fn migrate(pool: &Pool) -> Result<(), StoreError> {
    match pool {
        Pool::Sqlite(pool) => match SQLITE_MIGRATIONS.run(pool).await {
            // SQLite's migrator takes no lock: when two programs meet on a new file, the second tries again.
            Err(MigrateError::ExecuteMigration(..) | MigrateError::Execute(_)) => SQLITE_MIGRATIONS.run(pool).await,
            other => other,
        },
        Pool::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await,
    }
    .map_err(|error| match error {
        MigrateError::VersionMissing(version) => StoreError::NewerSchema { version },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => match StoreError::from(error) {
            StoreError::Database { message } => StoreError::Migration { reason: message },
            known => known,
        },
        other => StoreError::Migration { reason: other.to_string() },
    })
}

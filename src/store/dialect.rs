//! What differs between `SQLite` and `PostgreSQL`: opening, migrations, and how a write begins.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use super::{Store, StoreError};

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
    async fn begin_write(&self) -> Result<Transaction<'static, Self::Db>, StoreError>;
}

impl BeginWrite for SqlitePool {
    type Db = Sqlite;

    /// `immediate` takes `SQLite`'s one write lock at once; a transaction that reads first and writes later could only fail.
    async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.begin_with("begin immediate").await?)
    }
}

impl BeginWrite for PgPool {
    type Db = Postgres;

    async fn begin_write(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(WRITE_LOCK).execute(&mut *tx).await?;
        Ok(tx)
    }
}

/// Connects to what the URL names, without touching its tables.
pub(super) async fn connect(url: &str) -> Result<Store, StoreError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => connect_sqlite(url).await,
        Some("postgres" | "postgresql") => connect_postgres(url).await,
        // The URL itself may hold a password: it is not repeated.
        _ => Err(StoreError::BadUrl {
            problem: "the database's address begins neither with sqlite: nor with postgres:".into(),
        }),
    }
}

async fn connect_sqlite(url: &str) -> Result<Store, StoreError> {
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(!url.contains("mode=ro"))
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // In WAL mode this loses at most the last commits on a power cut, and never the file.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(PATIENCE)
        .disable_statement_logging();
    let path = options.get_filename().to_owned();
    if !in_memory {
        create_private_file(&path).map_err(|error| cannot_open(&path, &error))?;
    }
    // Each connection to `:memory:` would be a database of its own.
    let connections = if in_memory { 1 } else { 4 };
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(|error| at_path(StoreError::from(error), &path))?;
    refuse_foreign_file(&pool, &path).await?;
    Ok(Store::Sqlite(pool))
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

async fn connect_postgres(url: &str) -> Result<Store, StoreError> {
    let options = PgConnectOptions::from_str(url)?.application_name("bienveilleurs").disable_statement_logging();
    // A pool retries a refused connection until its patience ends; one connection by hand says at once what is wrong.
    let probe = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options))
        .await
        .map_err(|_| StoreError::Unreachable { reason: "no answer within 10 seconds".into() })??;
    probe.close().await?;
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(PATIENCE).connect_with(options).await?;
    Ok(Store::Postgres(pool))
}

/// Applies the migrations of the store's own kind.
pub(super) async fn migrate(store: &Store) -> Result<(), StoreError> {
    match store {
        Store::Sqlite(pool) => match SQLITE_MIGRATIONS.run(pool).await {
            // SQLite's migrator takes no lock: when two programs meet on a new file, the second tries again.
            Err(MigrateError::ExecuteMigration(..) | MigrateError::Execute(_)) => SQLITE_MIGRATIONS.run(pool).await,
            other => other,
        },
        Store::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await,
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

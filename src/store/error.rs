//! What can go wrong with a database, said so that the reader knows what to do.
//!
//! A driver's error may quote a whole row ("failing row contains …"). Only its short message and its code are kept, so
//! that no error of this floor ever carries a person's data into a log.

use super::keys::KeyError;

/// An error of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key that sealed part of the database is not in the key file.
    #[error(
        "key {number} sealed part of this database and is not in the key file. Put the key file of this database in its \
         place (BV_KEY_FILE); nothing was written"
    )]
    MissingKey {
        /// Its number.
        number: u32,
    },
    /// A key with the right number and other digits.
    #[error(
        "key {number} of the key file is not the one that sealed this database. Put the key file of this database in its \
         place (BV_KEY_FILE); nothing was written"
    )]
    WrongKey {
        /// Its number.
        number: u32,
    },
    /// Another key seals now.
    #[error("the keys were changed at this very moment, and nothing was written. Try again")]
    Rotated,
    /// A database of the version that kept names and addresses in clear.
    #[error(
        "this database is from before encryption: names and addresses lie open in it. Export it with the program that \
         made it, import the files into a new database, and destroy this one; nothing was changed"
    )]
    Unencrypted {
        /// Whether it holds the fictitious demonstration, which may simply be made again.
        demonstration: bool,
    },
    /// The operating system gives no randomness.
    #[error("this machine gives no random numbers; nothing was written")]
    NoRandomness,
    /// The address of the database is not understood.
    #[error("{problem}. Write the database as sqlite:path/to/file or postgres://user@host/name")]
    BadUrl {
        /// What is wrong, without any password.
        problem: String,
    },
    /// The database file or its folder cannot be created or opened.
    #[error(
        "cannot open the database file `{path}`: {reason}. Check that its folder exists and that you may write there"
    )]
    CannotOpen {
        /// The file.
        path: String,
        /// The operating system's or the database's word.
        reason: String,
    },
    /// The file or its folder may not be written to.
    #[error("the database or the folder that holds it is read-only. Give this user the right to write there")]
    ReadOnly,
    /// No room left.
    #[error("the disk that holds the database is full. Nothing was written; make room and try again")]
    DiskFull,
    /// The file holds something else.
    #[error("`{path}` is not a database of this program. Name another file, or move this one away")]
    NotADatabase {
        /// The file.
        path: String,
    },
    /// The database has seen a later version of this program.
    #[error("the database was made by a newer version of this program (migration {version}). Update the program")]
    NewerSchema {
        /// The first migration that this program does not know.
        version: i64,
    },
    /// A migration could not be applied, or is not the one that was applied.
    #[error("the database cannot be brought up to date: {reason}. Restore a backup, or ask for help with this message")]
    Migration {
        /// What the migrator said.
        reason: String,
    },
    /// The server does not answer, or refuses this user.
    #[error("the database server cannot be reached: {reason}. Check that it runs and that the address is right")]
    Unreachable {
        /// The driver's word.
        reason: String,
    },
    /// Somebody else held the database for too long.
    #[error("the database is busy. Try again in a moment")]
    Busy,
    /// Something with this key exists already.
    #[error("{what} exists already")]
    Conflict {
        /// What there would be twice.
        what: String,
    },
    /// A row points at something that does not exist.
    #[error("{row} names the volunteer {reference}, who does not exist. Import the volunteer first")]
    UnknownReference {
        /// Reference of the row.
        row: String,
        /// The reference that leads nowhere.
        reference: String,
    },
    /// A value that no column takes.
    #[error("{row} cannot be stored: {reason}")]
    Invalid {
        /// Reference of the row, or the table.
        row: String,
        /// The constraint or rule.
        reason: String,
    },
    /// A stored value that cannot be read back.
    #[error("the database holds a value that cannot be read: {what}. Restore a backup")]
    Corrupt {
        /// Table and column.
        what: String,
    },
    /// Anything else that the driver says.
    #[error("database error: {message}")]
    Database {
        /// The driver's short message and code.
        message: String,
    },
}

impl StoreError {
    /// Stable code in `snake_case`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Key(_) => "key_file",
            Self::MissingKey { .. } => "missing_key",
            Self::WrongKey { .. } => "wrong_key",
            Self::Rotated => "keys_changed",
            Self::Unencrypted { .. } => "unencrypted_database",
            Self::NoRandomness => "no_randomness",
            Self::BadUrl { .. } => "bad_database_url",
            Self::CannotOpen { .. } => "cannot_open_database",
            Self::ReadOnly => "read_only",
            Self::DiskFull => "disk_full",
            Self::NotADatabase { .. } => "not_a_database",
            Self::NewerSchema { .. } => "newer_schema",
            Self::Migration { .. } => "migration_failed",
            Self::Unreachable { .. } => "database_unreachable",
            Self::Busy => "database_busy",
            Self::Conflict { .. } => "conflict",
            Self::UnknownReference { .. } => "unknown_reference",
            Self::Invalid { .. } => "not_storable",
            Self::Corrupt { .. } => "corrupt_database",
            Self::Database { .. } => "database_error",
        }
    }

    /// A value of `table` that cannot be read back.
    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => from_database(error.as_ref()),
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Configuration(error) => Self::BadUrl { problem: error.to_string() },
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => Self::DiskFull,
            sqlx::Error::Io(error) => Self::Unreachable { reason: error.to_string() },
            sqlx::Error::Tls(error) => Self::Unreachable { reason: error.to_string() },
            sqlx::Error::ColumnDecode { index, source } => Self::Corrupt { what: format!("column {index}: {source}") },
            other => Self::Database { message: other.to_string() },
        }
    }
}

/// Sorts what a database says by its code: `SQLite`'s result codes are numbers, `PostgreSQL`'s SQLSTATE five characters.
fn from_database(error: &dyn sqlx::error::DatabaseError) -> StoreError {
    let message = error.message().to_owned();
    if error.is_unique_violation() {
        let what = error.constraint().map_or(message, |name| format!("a row with the same {name}"));
        return StoreError::Conflict { what };
    }
    if error.is_check_violation() {
        let reason = error.constraint().map_or(message, |name| format!("it breaks the rule {name}"));
        return StoreError::Invalid { row: error.table().unwrap_or("a row").to_owned(), reason };
    }
    let code = error.code().unwrap_or_default().into_owned();
    match code.as_str() {
        "53100" => return StoreError::DiskFull,
        "25006" => return StoreError::ReadOnly,
        "55P03" | "40001" | "40P01" | "57014" => return StoreError::Busy,
        "28000" | "28P01" | "3D000" | "53300" | "57P01" | "57P02" | "57P03" => {
            return StoreError::Unreachable { reason: message };
        }
        _ => {}
    }
    // The low byte is the kind, the rest the detail (https://sqlite.org/rescode.html).
    match code.parse::<i32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff) {
        Some(5 | 6) => StoreError::Busy,
        Some(8) => StoreError::ReadOnly,
        Some(11) => StoreError::Corrupt { what: message },
        Some(13) => StoreError::DiskFull,
        Some(14) => StoreError::CannotOpen { path: String::new(), reason: message },
        Some(26) => StoreError::NotADatabase { path: String::new() },
        _ => StoreError::Database { message: format!("{message} (code {code})") },
    }
}

//! Why a command did nothing. Every such error ends the program with exit code 2.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::domain::input::InputError;
use crate::service::ServiceError;
use crate::service::accounts::AccountError;
use crate::service::export::ExportError;
use crate::service::import::ImportError;
use crate::store::StoreError;

/// Exit code: everything was done.
pub const DONE: u8 = 0;
/// Exit code: some rows were refused, the others are in.
pub const DONE_IN_PART: u8 = 1;
/// Exit code: nothing was done.
pub const NOTHING_DONE: u8 = 2;

/// Errors printed one by one; a file with thousands is wrong in one way.
const PRINTED_MAX: usize = 50;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The file given is bad.
    #[error("{}: {error}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: InputError,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A use case failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// An account could not be made or changed.
    #[error(transparent)]
    Account(AccountError),
    /// There is nobody to ask for a password.
    #[error("the password cannot be asked for: {0}. Give it on the standard input with --password-stdin")]
    NoTerminal(io::Error),
    /// Two passwords that should be one.
    #[error("the two passwords are not the same; nothing was done. Start the command again")]
    PasswordsDiffer,
    /// A file cannot be opened or written.
    #[error("{}: {error}. {}", path.display(), remedy(error))]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        error: io::Error,
    },
    /// The terminal, or the pipe behind it.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
    /// The demonstration is not mixed with real data.
    #[error(
        "this database holds data already. Give the demonstration a database of its own with BV_DATA_DIR or BV_DATABASE_URL"
    )]
    RealData,
    /// The program is being stopped.
    #[error("interrupted; nothing was written. Start the command again")]
    Interrupted,
}

/// What to do about a file that cannot be opened or written.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "Check its name and that its folder exists",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "Get the right to it, or name another",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "Make room and try again; nothing was half-written"
        }
        _ => "Check it and try again",
    }
}

impl CliError {
    /// An import's error, with the file's name.
    pub(super) fn of_import(path: &Path, error: ImportError) -> Self {
        match error {
            ImportError::Input(error) => Self::Input { path: path.to_owned(), error },
            ImportError::Store(error) => Self::Store(error),
            ImportError::Interrupted => Self::Interrupted,
        }
    }

    /// A use case's error; what is wrong with the input is told with the file's name.
    pub(super) fn of_service(path: &Path, error: ServiceError) -> Self {
        match error {
            ServiceError::Input(error) => Self::Input { path: path.to_owned(), error },
            error => Self::Service(error),
        }
    }

    /// An export's error, with the file's name.
    pub(super) fn of_export(path: &Path, error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => Self::Store(error),
            ExportError::Write(error) => Self::File { path: path.to_owned(), error },
        }
    }
}

/// Prints findings one per line, and how many more there are.
pub(super) fn print_findings(out: &mut dyn Write, kind: &str, findings: &[InputError]) -> io::Result<()> {
    for finding in findings.iter().take(PRINTED_MAX) {
        writeln!(out, "{kind}: {finding}")?;
    }
    if findings.len() > PRINTED_MAX {
        writeln!(out, "{kind}: and {} more", findings.len() - PRINTED_MAX)?;
    }
    Ok(())
}

//! Use cases: one file each. Who may see what, transactions and views live here.

pub mod access_export;
pub mod accounts;
pub mod addresses;
pub mod batch;
pub mod break_glass;
pub mod case_index;
pub mod case_life;
pub mod case_search;
pub mod coverage;
pub mod demonstration;
pub mod export;
pub mod eyes;
pub mod follow_up;
pub mod import;
pub mod informing;
pub mod intake;
pub mod layers;
pub mod matching;
pub mod overview;
pub mod own_account;
pub mod passwords;
pub mod proving;
pub mod quarters;
pub mod rectification;
pub mod register;
pub mod relay_reports;
pub mod reports;
pub mod retention;
pub mod rights;
pub mod sign_in;
pub mod streets;
pub mod study_area;
pub mod trail;
pub mod upkeep;
pub mod viewer;
pub mod views;
pub mod whole_file;
mod wording;

use crate::domain::input::InputError;
use crate::store::StoreError;

/// Why a use case could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was given is wrong.
    #[error("{0}")]
    Input(#[from] InputError),
    /// No such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// No quarters or no streets yet.
    #[error("no {what} yet. Import it with `bienveilleurs import {what} FILE`")]
    Missing {
        /// `quarters` or `streets`.
        what: &'static str,
    },
    /// Something stands in the way at this moment.
    #[error("{detail}")]
    Refused {
        /// Stable code in `snake_case`.
        code: &'static str,
        /// What it is.
        detail: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file of ours cannot be written or read.
    #[error("cannot {act} `{path}`: {reason}")]
    File {
        /// `read` or `write`.
        act: &'static str,
        /// The file, as it was named.
        path: String,
        /// The operating system's word, and what to do.
        reason: String,
    },
}

impl ServiceError {
    /// Something stands in the way at this moment.
    #[must_use]
    pub fn refused(code: &'static str, detail: impl Into<String>, remedy: &'static str) -> Self {
        Self::Refused { code, detail: detail.into(), remedy }
    }

    /// A file that could not be read or written, with a remedy for the common causes.
    #[must_use]
    pub fn file(act: &'static str, path: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let remedy = match error.kind() {
            NotFound => "Check its name",
            PermissionDenied | ReadOnlyFilesystem => "Give this user the right to it, or name another with BV_DATA_DIR",
            StorageFull | QuotaExceeded => "The disk is full: make room and try again; nothing was half-written",
            _ => "Try again",
        };
        Self::File { act, path: path.display().to_string(), reason: format!("{error}. {remedy}") }
    }
}

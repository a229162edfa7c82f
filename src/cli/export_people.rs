//! `export cases|volunteers|relays FILE|-`

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::domain::audit::Author;
use crate::service::export::export;
use crate::service::import::People;
use crate::store::Store;

use super::error::{CliError, DONE};
use crate::service::whole_file::WholeFile;

/// Arguments of the three exports.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportPeopleArgs {
    /// Where to write, readable by its owner alone; `-` for the standard output
    pub file: PathBuf,
}

/// Exports the table. A file appears whole or not at all; one that exists is replaced at the end.
///
/// # Errors
/// [`CliError`] when the database does not answer or the file cannot be written.
pub async fn run(
    people: People,
    args: &ExportPeopleArgs,
    store: &Store,
    by: Author,
    out: &mut dyn Write,
) -> Result<u8, CliError> {
    if args.file == Path::new("-") {
        export(store, people, by, &mut *out).await.map_err(|error| CliError::of_export(&args.file, error))?;
        out.flush()?;
        return Ok(DONE);
    }
    let of_file = |error| CliError::File { path: args.file.clone(), error };
    let mut file = WholeFile::beside(&args.file).map_err(of_file)?;
    let count = export(store, people, by, BufWriter::new(file.writer()))
        .await
        .map_err(|error| CliError::of_export(&args.file, error))?;
    file.put_in_place().map_err(of_file)?;
    writeln!(out, "{}: {count} written to {}", people.name(), args.file.display())?;
    Ok(DONE)
}

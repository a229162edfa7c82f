//! `import addresses FILE [--all-or-nothing]`

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use crate::service::import::{ImportOptions, import_addresses};
use crate::store::Store;

use super::error::{CliError, DONE, DONE_IN_PART, NOTHING_DONE, print_findings};

/// Arguments of the import of addresses.
#[derive(Debug, Clone, clap::Args)]
pub struct ImportAddressesArgs {
    /// BAN or BAL CSV file, or a BANO file without header
    pub file: PathBuf,
    /// Import nothing when a single row is bad
    #[arg(long)]
    pub all_or_nothing: bool,
}

/// Imports the file in the place of the addresses known so far, prints what was kept and left out, and answers the exit
/// code: 0 when no row is bad, 1 when some were refused, 2 when none is in.
///
/// # Errors
/// [`CliError`] when the file as a whole is bad, holds no address in the extent, or the database refuses.
pub async fn run(
    args: &ImportAddressesArgs,
    store: &Store,
    options: ImportOptions,
    out: &mut dyn Write,
) -> Result<u8, CliError> {
    let source = File::open(&args.file).map_err(|error| CliError::File { path: args.file.clone(), error })?;
    let options = ImportOptions { all_or_nothing: args.all_or_nothing, ..options };
    let report =
        import_addresses(store, source, options).await.map_err(|error| CliError::of_import(&args.file, error))?;
    print_findings(out, "error", &report.errors)?;
    writeln!(
        out,
        "addresses: {} kept{}; left out: {} outside the study, {} without a number, {} without longitude and latitude, \
         {} second positions, {} refused",
        report.kept,
        if report.changed || report.kept == 0 { "" } else { " (the same as before)" },
        report.outside,
        report.without_number,
        report.without_position,
        report.repeated,
        report.refused
    )?;
    if report.held_back > 0 {
        writeln!(out, "nothing was written: --all-or-nothing held {} good rows back", report.held_back)?;
        return Ok(NOTHING_DONE);
    }
    Ok(if report.refused == 0 { DONE } else { DONE_IN_PART })
}

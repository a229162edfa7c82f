//! `import cases|volunteers|relays FILE [--all-or-nothing]`

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use crate::service::import::{ImportOptions, ImportReport, People, import};
use crate::store::Store;

use super::error::{CliError, DONE, DONE_IN_PART, NOTHING_DONE, print_findings};

/// Arguments of the three imports.
#[derive(Debug, Clone, clap::Args)]
pub struct ImportPeopleArgs {
    /// CSV file with a header line, UTF-8, `;` or `,` between cells
    pub file: PathBuf,
    /// Import nothing when a single row is bad
    #[arg(long)]
    pub all_or_nothing: bool,
}

/// Imports the file, prints what was done and what is wrong, and answers the exit code: 0 when all rows are in, 1 when
/// some were refused, 2 when none is in.
///
/// # Errors
/// [`CliError`] when the file as a whole is bad or the database refuses; nothing is written then.
pub async fn run(
    people: People,
    args: &ImportPeopleArgs,
    store: &Store,
    options: ImportOptions,
    out: &mut dyn Write,
) -> Result<u8, CliError> {
    let source = File::open(&args.file).map_err(|error| CliError::File { path: args.file.clone(), error })?;
    let options = ImportOptions { all_or_nothing: args.all_or_nothing, ..options };
    let report =
        import(store, people, source, options).await.map_err(|error| CliError::of_import(&args.file, error))?;
    print_findings(out, "error", &report.errors)?;
    print_findings(out, "warning", &report.warnings)?;
    writeln!(
        out,
        "{}: {} created, {} updated, {} unchanged, {} refused; of those without lon and lat, {} were placed by their address and {} not",
        people.name(),
        report.created,
        report.updated,
        report.unchanged,
        report.refused,
        report.located,
        report.unlocated
    )?;
    if report.held_back > 0 {
        writeln!(out, "nothing was written: --all-or-nothing held {} good rows back", report.held_back)?;
    }
    Ok(exit_code(&report))
}

fn exit_code(report: &ImportReport) -> u8 {
    match (report.accepted(), report.refused) {
        (0, _) => NOTHING_DONE,
        (_, 0) => DONE,
        _ => DONE_IN_PART,
    }
}

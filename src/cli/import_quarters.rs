//! `import quarters FILE [--name-field F] [--only A,B]`

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

use super::error::{CliError, DONE, NOTHING_DONE, print_findings};
use crate::format::quarters::{MAX_BYTES, ReadOptions};
use crate::service::quarters::{QuartersOutcome, import_quarters};
use crate::store::Store;

/// Arguments of the import of quarters.
#[derive(Debug, Clone, clap::Args)]
pub struct ImportQuartersArgs {
    /// `GeoJSON` file of polygons, in degrees (WGS 84) or Lambert-93
    pub file: PathBuf,
    /// The field that holds the quarter's name; guessed when not given
    #[arg(long, value_name = "FIELD")]
    pub name_field: Option<String>,
    /// Only these quarters, by name, without regard to accents or case
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub only: Vec<String>,
}

/// Imports the file in the place of all quarters known so far.
///
/// # Errors
/// [`CliError`] when the file cannot be read or the database refuses.
pub async fn run(args: &ImportQuartersArgs, store: &Store, out: &mut dyn Write) -> Result<u8, CliError> {
    let of_file = |error| CliError::File { path: args.file.clone(), error };
    // One byte more than is allowed tells a file that is too large without reading the rest.
    let mut bytes = Vec::new();
    File::open(&args.file).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)).map_err(of_file)?;
    let name = args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let options = ReadOptions { name_field: args.name_field.clone(), only: args.only.clone() };
    match import_quarters(store, &bytes, &name, &options).await? {
        QuartersOutcome::Refused(errors) => {
            print_findings(out, "error", &errors)?;
            writeln!(out, "nothing was written: the quarters stay as they were")?;
            Ok(NOTHING_DONE)
        }
        QuartersOutcome::Imported { quarters, warnings } => {
            print_findings(out, "warning", &warnings)?;
            let names: Vec<&str> = quarters.iter().map(|q| q.name.as_str()).collect();
            writeln!(out, "quarters: {} imported ({})", quarters.len(), names.join(", "))?;
            writeln!(
                out,
                "The streets and addresses that were imported before keep their extent: import them again if it has grown."
            )?;
            Ok(DONE)
        }
    }
}

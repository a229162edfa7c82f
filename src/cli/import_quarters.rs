//! `bienveilleurs import quarters FILE`: replace the quarters by those of a `GeoJSON` file.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use crate::domain::input::InputError;
use crate::format::quarters::{MAX_BYTES, ReadOptions};
use crate::service::import_quarters::{QuartersImport, read_quarters_file};

/// Replace the quarters by those of a GeoJSON file (degrees, or Lambert-93, which is converted)
#[derive(Debug, Clone, Args)]
#[expect(clippy::doc_markdown, reason = "these are the help texts that a terminal shows")]
pub struct ImportQuarters {
    /// GeoJSON file of polygons
    pub file: PathBuf,
    /// Field that holds the quarters' names; guessed among nom, name, libelle, nom_iris… when left out
    #[arg(long, value_name = "F")]
    pub name_field: Option<String>,
    /// Keep these quarters only, compared without accents, case and hyphens
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub only: Vec<String>,
}

impl ImportQuarters {
    /// Reads and checks the file; nothing is stored.
    ///
    /// # Errors
    /// The file cannot be opened (`unreadable_file`), is too large, or is wrong in one way or several.
    pub fn read(&self) -> Result<QuartersImport, Vec<InputError>> {
        let file_name = self.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut bytes = Vec::new();
        // One byte more than is allowed tells a file that is too large without reading the rest.
        File::open(&self.file).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)).map_err(
            |error| {
                let problem = format!("{} cannot be read: {error}", self.file.display());
                vec![InputError::new("unreadable_file", problem, "Check the path and the right to read it")]
            },
        )?;
        let only = self.only.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        read_quarters_file(&bytes, &file_name, &ReadOptions { name_field: self.name_field.clone(), only })
    }
}

/// What the command prints of quarters that were read: one line per quarter, then the warnings.
#[must_use]
pub fn report(import: &QuartersImport) -> String {
    let quarters = import.summary.iter().map(|line| format!("{line}\n"));
    let warnings = import.warnings.iter().map(|warning| format!("warning: {warning}\n"));
    quarters.chain(warnings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        command: ImportQuarters,
    }

    fn command(arguments: &[&str]) -> ImportQuarters {
        Line::try_parse_from([&["import"], arguments].concat()).expect("understood").command
    }

    #[test]
    fn wanted_quarters_are_read_from_a_file_and_reported() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/quartiers.geojson");
        let import = command(&[file, "--only", "MASSILLON, saint leon", "--name-field", "nom"]).read().expect("read");
        let lines: Vec<String> = report(&import).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("Massillon (massillon): 0.2"), "{}", lines[0]);
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error_with_its_name() {
        let errors = command(&["nowhere.geojson"]).read().expect_err("refused");
        assert_eq!(errors[0].code, "unreadable_file");
        assert!(errors[0].problem.starts_with("nowhere.geojson cannot be read"));
    }
}

//! The trail as CSV, for the data protection officer's spreadsheet.

use std::io::{self, Write};

use super::table::{Column, TableWriter, mandatory, neutralised};

const COLUMNS: &[Column] = &[
    mandatory("date_utc", &[]),
    mandatory("chaine", &[]),
    mandatory("numero", &[]),
    mandatory("acteur", &[]),
    mandatory("nom_acteur", &[]),
    mandatory("acte", &[]),
    mandatory("ressource", &[]),
    mandatory("personne", &[]),
    mandatory("enregistrements", &[]),
    mandatory("issue", &[]),
    mandatory("motif", &[]),
];

/// Writes rows, `;` between cells, UTF-8 with BOM; formulas are neutralised.
///
/// # Errors
/// What the writer says.
pub fn write_trail(rows: impl IntoIterator<Item = [String; 11]>, out: impl Write) -> io::Result<()> {
    let mut table = TableWriter::begin(out, COLUMNS)?;
    for row in rows {
        table.row(&row.map(|cell| neutralised(&cell)))?;
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_looks_like_a_formula_is_neutralised() {
        let mut row: [String; 11] = std::array::from_fn(|at| at.to_string());
        row[10] = "=cmd|' /C calc'!A0; et \"autre\"".into();
        let mut bytes = Vec::new();
        write_trail([row], &mut bytes).expect("written");
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert!(text.starts_with("\u{feff}date_utc;chaine;numero;"), "{text}");
        assert!(text.ends_with("9;\"'=cmd|' /C calc'!A0; et \"\"autre\"\"\"\n"), "{text}");
    }
}

//! Cases, volunteers and relays as CSV, both ways without loss: reading what was written gives equal values.
//!
//! Headers are ASCII French (`reference;etat;sujet;…`); case, accents and a few other names are tolerated. Several codes
//! in one cell stand between `|`. A bad row is reported with line, column, value and remedy, and the others are read on;
//! what makes the whole file unreadable (not UTF-8, a mandatory column missing, a line without end) is the one `Err`.

mod cases;
mod cells;
mod relays;
mod volunteers;

use std::collections::HashMap;
use std::io::Read;

use crate::domain::input::InputError;
use crate::domain::position::Extent;
use crate::domain::text::fold;

use super::table::{Column, REPORTED_MAX, Records, places};
use cells::Cells;

pub use cases::{read_cases, write_cases};
pub use cells::TEXT_MAX_CHARS;
pub use relays::{read_relays, write_relays};
pub use volunteers::{read_volunteers, write_volunteers};

/// What a file held: the good rows and what is wrong with the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<T> {
    /// Good rows, each with the 1-based line on which it begins.
    pub rows: Vec<(u64, T)>,
    /// How many rows are bad.
    pub refused: usize,
    /// What is wrong with the bad rows; at most a thousand errors are kept.
    pub errors: Vec<InputError>,
    /// What was passed over without harm, e.g. an unknown column.
    pub warnings: Vec<InputError>,
}

/// Reads a table row by row.
fn read<R: Read, T>(
    source: R,
    columns: &'static [Column],
    extent: Option<Extent>,
    parse: impl Fn(&mut Cells<'_>) -> Option<T>,
) -> Result<Parsed<T>, InputError> {
    let mut records = Records::open(source)?;
    let (header_line, header) = match records.next(&[])? {
        Some((line, record)) => (line, record.iter().map(str::to_owned).collect::<Vec<_>>()),
        None => {
            return Err(InputError::new("empty_file", "the file is empty", "Give a file with a header line and rows"));
        }
    };
    refuse_another_table(columns, &header, header_line)?;
    let (places, warnings) = places(columns, &header, header_line)?;
    let mut parsed = Parsed { rows: Vec::new(), refused: 0, errors: Vec::new(), warnings };
    let mut first_lines: HashMap<String, u64> = HashMap::new();
    while let Some((line, record)) = records.next(&header)? {
        if record.iter().all(str::is_empty) {
            continue;
        }
        let mut cells = Cells::new(record, columns, &places, extent);
        cells.check_count(header.len());
        let row = parse(&mut cells);
        cells.check_first_of_its_reference(line, &mut first_lines);
        let errors = cells.into_errors();
        match row {
            Some(row) if errors.is_empty() => parsed.rows.push((line, row)),
            _ => {
                parsed.refused += 1;
                let room = REPORTED_MAX.saturating_sub(parsed.errors.len());
                parsed.errors.extend(errors.into_iter().take(room).map(|error| error.at_line(line)));
            }
        }
    }
    if parsed.rows.is_empty() && parsed.refused == 0 {
        parsed.warnings.push(
            InputError::new("no_rows", "there is no row under the header line", "Add rows, or give another file")
                .at_line(header_line),
        );
    }
    Ok(parsed)
}

/// Columns that only one of the three tables has.
const TELLING: [(&str, &[&str]); 3] = [
    ("cases", &["etat", "canal", "signale_le", "signes"]),
    ("volunteers", &["capacite", "marche_max_min", "actif"]),
    ("relays", &["autocollant", "autocollant_le"]),
];

/// A file of cases read as volunteers would send reported persons on visits: it is refused as a whole.
fn refuse_another_table(columns: &[Column], header: &[String], line: u64) -> Result<(), InputError> {
    let known = |name: &str| columns.iter().any(|column| column.name == name);
    for (table, telling) in TELLING {
        let found = header.iter().find(|h| telling.iter().any(|name| !known(name) && fold(h) == fold(name)));
        if let Some(found) = found {
            return Err(InputError::new(
                "another_table",
                format!("this looks like a file of {table}"),
                format!("Import it with `import {table}`, or take the column out"),
            )
            .at_line(line)
            .in_field(found.as_str()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! One row's cells, read as what the domain wants; each thing wrong is noted and reading goes on, so that one pass over a
//! file tells everything that must be mended.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, Utc};
use csv::StringRecord;

use crate::domain::closed_list::NotInList;
use crate::domain::input::InputError;
use crate::domain::position::{Extent, LonLat};
use crate::domain::text::fold;

use super::super::position::{checked_position, degrees};
use super::super::table::{Column, plain};

/// Longest text of any cell, in characters (notes have the same limit in the domain).
pub const TEXT_MAX_CHARS: usize = 500;
/// Longest reference, in characters.
const REFERENCE_MAX_CHARS: usize = 64;
/// Years that a date may have: anything else is a typing error.
const YEARS: RangeInclusive<i32> = 1900..=2200;

/// The cells of one row.
pub(super) struct Cells<'a> {
    record: &'a StringRecord,
    columns: &'static [Column],
    places: &'a [Option<usize>],
    extent: Option<Extent>,
    errors: Vec<InputError>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(
        record: &'a StringRecord,
        columns: &'static [Column],
        places: &'a [Option<usize>],
        extent: Option<Extent>,
    ) -> Self {
        Self { record, columns, places, extent, errors: Vec::new() }
    }

    pub(super) fn into_errors(self) -> Vec<InputError> {
        self.errors
    }

    /// A row cut short is not guessed at; empty cells too many do no harm.
    pub(super) fn check_count(&mut self, expected: usize) {
        let count = self.record.len();
        if count < expected || self.record.iter().skip(expected).any(|cell| !cell.is_empty()) {
            self.errors.push(InputError::new(
                "cell_count",
                format!("the row has {count} cells and the header line {expected}"),
                "Check the separators, and that each quote that opens also closes",
            ));
        }
    }

    /// A reference may stand once in a file.
    pub(super) fn check_first_of_its_reference(&mut self, line: u64, first_lines: &mut HashMap<String, u64>) {
        let reference = self.cell("reference").trim().to_owned();
        if reference.is_empty() {
            return;
        }
        if let Some(first) = first_lines.get(&reference).copied() {
            let problem = format!("this reference stands on line {first} already");
            self.note("duplicate_reference", "reference", &reference, problem, "Keep one of the two rows");
        } else {
            first_lines.insert(reference, line);
        }
    }

    fn note(
        &mut self,
        code: &'static str,
        column: &str,
        value: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.errors.push(InputError::new(code, problem, remedy).in_field(column).with_value(value));
    }

    /// What a column holds; empty when the file has no such column.
    fn cell(&self, column: &str) -> &'a str {
        debug_assert!(self.columns.iter().any(|known| known.name == column), "no column {column}");
        let place =
            self.columns.iter().zip(self.places).find(|(known, _)| known.name == column).and_then(|(_, place)| *place);
        place.and_then(|place| self.record.get(place)).map_or("", plain)
    }

    /// A text as it stands.
    pub(super) fn text(&mut self, column: &str) -> String {
        let text = self.cell(column);
        if text.contains('\0') {
            self.note(
                "nul_character",
                column,
                &text.replace('\0', "␀"),
                "the text holds a NUL character",
                "Take it out",
            );
        }
        let count = text.chars().count();
        if count > TEXT_MAX_CHARS {
            let problem = format!("the text has {count} characters; at most {TEXT_MAX_CHARS} are kept");
            self.note("text_too_long", column, text, problem, "Shorten it");
        }
        text.to_owned()
    }

    /// The reference by which an import finds its row again.
    pub(super) fn reference(&mut self) -> String {
        let reference = self.cell("reference").trim();
        if reference.is_empty() {
            self.note("missing_value", "reference", "", "the reference is missing", "Give each row its own reference");
        }
        self.checked_reference("reference", reference)
    }

    /// The reference of a row of another table; `None` when the cell is empty.
    pub(super) fn other_reference(&mut self, column: &str) -> Option<String> {
        let reference = self.cell(column).trim();
        (!reference.is_empty()).then(|| self.checked_reference(column, reference))
    }

    fn checked_reference(&mut self, column: &str, reference: &str) -> String {
        if reference.chars().any(char::is_control) || reference.chars().count() > REFERENCE_MAX_CHARS {
            let problem = format!("a reference has at most {REFERENCE_MAX_CHARS} characters, on one line");
            self.note("bad_reference", column, &reference.replace('\0', "␀"), problem, "Shorten or mend it");
        }
        reference.to_owned()
    }

    /// A code of a closed list; an empty cell gives `default`, and is an error without one.
    pub(super) fn code<T: FromStr<Err = NotInList>>(&mut self, column: &str, default: Option<T>) -> Option<T> {
        let cell = self.cell(column).trim();
        if cell.is_empty() {
            if default.is_none() {
                let remedy = T::from_str("").err().map(|list| format!("Write one of: {}", list.allowed));
                self.note("missing_value", column, "", "the value is missing", remedy.unwrap_or_default());
            }
            return default;
        }
        self.one_code(column, cell)
    }

    /// A code of a closed list; `None` when the cell is empty or wrong.
    pub(super) fn optional_code<T: FromStr<Err = NotInList>>(&mut self, column: &str) -> Option<T> {
        let cell = self.cell(column).trim();
        if cell.is_empty() { None } else { self.one_code(column, cell) }
    }

    /// Several codes between `|`.
    pub(super) fn codes<T: FromStr<Err = NotInList>, C: FromIterator<T>>(&mut self, column: &str) -> C {
        several(self.cell(column)).filter_map(|cell| self.one_code(column, cell)).collect()
    }

    fn one_code<T: FromStr<Err = NotInList>>(&mut self, column: &str, cell: &str) -> Option<T> {
        let code = fold(cell).replace(' ', "_");
        T::from_str(&code)
            .map_err(|list| {
                let remedy = format!("Write one of: {}", list.allowed);
                self.note("not_in_list", column, cell, "the value is not in the list", remedy);
            })
            .ok()
    }

    /// ISO 639-1 codes, in order, each once.
    pub(super) fn languages(&mut self) -> Vec<String> {
        let mut languages = Vec::new();
        for cell in several(self.cell("langues")) {
            let language = cell.to_ascii_lowercase();
            if !(2..=3).contains(&language.len()) || !language.bytes().all(|byte| byte.is_ascii_lowercase()) {
                let remedy = "Write ISO 639-1 codes between |, e.g. fr|ar";
                self.note("not_a_language", "langues", cell, "this is no language code", remedy);
            } else if !languages.contains(&language) {
                languages.push(language);
            }
        }
        languages
    }

    /// A whole number in a range.
    pub(super) fn number(&mut self, column: &str, default: u32, range: RangeInclusive<u32>) -> u32 {
        let cell = self.cell(column).trim();
        if cell.is_empty() {
            return default;
        }
        cell.parse().ok().filter(|number| range.contains(number)).unwrap_or_else(|| {
            let problem = format!("this is not a whole number from {} to {}", range.start(), range.end());
            self.note("not_in_range", column, cell, problem, "Correct it, or leave the cell empty for the usual value");
            default
        })
    }

    /// `oui` or `non`.
    pub(super) fn yes_no(&mut self, column: &str, default: bool) -> bool {
        let cell = self.cell(column).trim();
        match fold(cell).as_str() {
            "" if cell.is_empty() => default,
            "oui" | "o" | "vrai" | "true" | "1" => true,
            "non" | "n" | "faux" | "false" | "0" => false,
            _ => {
                self.note("not_yes_or_no", column, cell, "this is neither yes nor no", "Write oui or non");
                default
            }
        }
    }

    /// `2026-11-03` or `03/11/2026`; `None` when the cell is empty or wrong.
    pub(super) fn date(&mut self, column: &str) -> Option<NaiveDate> {
        let cell = self.cell(column).trim();
        if cell.is_empty() {
            return None;
        }
        let date = if cell.contains('/') { parse_date(cell, '/', false) } else { parse_date(cell, '-', true) };
        if date.is_none() {
            self.note("not_a_date", column, cell, "this is no date", "Write it as 2026-11-03 or 03/11/2026");
        }
        date
    }

    /// `2026-11-24T09:00:00Z`; `None` when the cell is empty or wrong.
    pub(super) fn instant(&mut self, column: &str) -> Option<DateTime<Utc>> {
        let cell = self.cell(column).trim();
        if cell.is_empty() {
            return None;
        }
        // Both databases keep millionths of a second.
        let at = DateTime::parse_from_rfc3339(cell).ok().map(|at| at.to_utc().trunc_subsecs(6));
        let at = at.filter(|at| YEARS.contains(&at.year()));
        if at.is_none() {
            self.note("not_an_instant", column, cell, "this is no instant", "Write it as 2026-11-24T09:00:00Z");
        }
        at
    }

    /// A date that must be there.
    pub(super) fn mandatory_date(&mut self, column: &str) -> Option<NaiveDate> {
        if self.cell(column).trim().is_empty() {
            self.note("missing_value", column, "", "the date is missing", "Write it as 2026-11-03 or 03/11/2026");
        }
        self.date(column)
    }

    /// The position of the columns `lon` and `lat`; `None` when both are empty or one is wrong.
    pub(super) fn position(&mut self) -> Option<LonLat> {
        let cells = [self.cell("lon").trim(), self.cell("lat").trim()];
        match cells {
            ["", ""] => return None,
            ["", _] | [_, ""] => {
                let column = if cells[0].is_empty() { "lon" } else { "lat" };
                let remedy = "Give both longitude and latitude, or neither and an address";
                self.note("half_a_position", column, "", "half of the position is missing", remedy);
                return None;
            }
            _ => {}
        }
        let numbers = [("lon", cells[0]), ("lat", cells[1])].map(|(column, cell)| {
            let number = degrees(cell);
            if number.is_none() {
                self.note("not_a_number", column, cell, "this is no number", "Write degrees, e.g. 0.130347");
            }
            number
        });
        let [Some(lon), Some(lat)] = numbers else { return None };
        match checked_position(lon, lat, self.extent) {
            Ok(position) => Some(position),
            Err(error) => {
                let cell = if error.field.as_deref() == Some("lat") { cells[1] } else { cells[0] };
                self.errors.push(error.with_value(cell));
                None
            }
        }
    }
}

/// The values of a cell that may hold several.
fn several(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(['|', ',']).map(str::trim).filter(|value| !value.is_empty())
}

/// Three numbers around a separator, year first or last.
fn parse_date(cell: &str, separator: char, year_first: bool) -> Option<NaiveDate> {
    let mut parts = cell.split(separator);
    let [a, b, c] = [parts.next()?, parts.next()?, parts.next()?];
    let (year, day) = if year_first { (a, c) } else { (c, a) };
    let digits =
        |text: &str, most: usize| !text.is_empty() && text.len() <= most && text.bytes().all(|d| d.is_ascii_digit());
    if parts.next().is_some() || year.len() != 4 || !digits(year, 4) || !digits(b, 2) || !digits(day, 2) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, b.parse().ok()?, day.parse().ok()?)?;
    YEARS.contains(&date.year()).then_some(date)
}

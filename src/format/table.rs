//! Tables as French spreadsheets write them: `;` or `,`, a header line, UTF-8 with or without BOM.
//!
//! The `csv` crate reads the cells. Around it stands what it lacks: a limit on the bytes of one record (a file without
//! line ends would otherwise fill the memory), line numbers that stay right across CRLF and blank lines, and errors that
//! say what to do. Cells that a spreadsheet would run as a formula are written behind an apostrophe and read without it
//! (OWASP, *CSV Injection*).

use std::collections::VecDeque;
use std::io::{self, Cursor, Read, Write};

use csv::StringRecord;

use crate::domain::input::InputError;
use crate::domain::text::fold;

/// Longest record, in bytes; a real one has a few hundred.
pub(super) const RECORD_MAX_BYTES: usize = 1 << 20;
/// How much of a file is looked at to find its header line and separator.
const HEAD_MAX_BYTES: usize = 64 << 10;
/// Errors and warnings kept of one file; the rest is only counted.
pub(super) const REPORTED_MAX: usize = 1000;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Hands bytes on until the record's allowance is spent, and remembers where lines end.
struct Metered<R> {
    inner: R,
    left: usize,
    offset: u64,
    /// Offsets of `\r` and `\n` that no record has passed yet.
    breaks: VecDeque<(u64, u8)>,
}

/// Marks the one I/O error that means "this record is too long".
#[derive(Debug, thiserror::Error)]
#[error("record too long")]
struct TooLong;

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(TooLong));
        }
        let room = buffer.len().min(self.left);
        let count = self.inner.read(&mut buffer[..room])?;
        self.left -= count;
        for (offset, byte) in (self.offset..).zip(&buffer[..count]) {
            if matches!(byte, b'\r' | b'\n') {
                self.breaks.push_back((offset, *byte));
            }
        }
        self.offset += count as u64;
        Ok(count)
    }
}

/// Records of a file, one after the other, each with the 1-based line on which it begins.
pub(super) struct Records<R> {
    reader: csv::Reader<Metered<io::Chain<Cursor<Vec<u8>>, R>>>,
    record: StringRecord,
    lines_passed: u64,
    last_return: Option<u64>,
}

/// Why [`Records::next`] stopped, before a column's name is known.
enum Stop {
    TooLong,
    NotUtf8 { column: usize },
    Io(io::Error),
}

impl<R: Read> Records<R> {
    /// Looks at the first line to find the separator.
    ///
    /// # Errors
    /// An empty file, UTF-16, a first line without end, or a file that cannot be read.
    pub(super) fn open(mut source: R) -> Result<Self, InputError> {
        let mut head = read_head(&mut source).map_err(|error| unreadable(&error))?;
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err(not_utf8(1, None, "the file is UTF-16, not UTF-8"));
        }
        if head.starts_with(BOM) {
            head.drain(..BOM.len());
        }
        if head.iter().all(u8::is_ascii_whitespace) && head.len() < HEAD_MAX_BYTES {
            return Err(InputError::new("empty_file", "the file is empty", "Give a file with a header line and rows"));
        }
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(&head))
            .buffer_capacity(64 << 10)
            .from_reader(Metered {
                inner: Cursor::new(head).chain(source),
                left: RECORD_MAX_BYTES,
                offset: 0,
                breaks: VecDeque::new(),
            });
        Ok(Self { reader, record: StringRecord::new(), lines_passed: 0, last_return: None })
    }

    /// The next record that is not a blank line.
    ///
    /// # Errors
    /// What makes the rest of the file unreadable: a record beyond [`RECORD_MAX_BYTES`], bytes that are not UTF-8, an
    /// I/O error. `columns` lends its names to the error.
    pub(super) fn next(&mut self, columns: &[String]) -> Result<Option<(u64, &StringRecord)>, InputError> {
        self.reader.get_mut().left = RECORD_MAX_BYTES;
        let start = self.reader.position().byte();
        let outcome = self.reader.read_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Utf8 { err, .. } => Stop::NotUtf8 { column: err.field() },
            csv::ErrorKind::Io(error)
                if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLong>) =>
            {
                Stop::TooLong
            }
            csv::ErrorKind::Io(error) => Stop::Io(error),
            other => Stop::Io(io::Error::other(format!("{other:?}"))),
        });
        let line = self.line_of(start);
        match outcome {
            Ok(true) => Ok(Some((line, &self.record))),
            Ok(false) => Ok(None),
            Err(Stop::TooLong) => Err(InputError::new(
                "record_too_long",
                format!("a record is longer than {} MiB", RECORD_MAX_BYTES >> 20),
                "Check that the file is a table with line ends, and that each quote that opens also closes",
            )
            .at_line(line)),
            Err(Stop::NotUtf8 { column }) => Err(not_utf8(
                line,
                columns.get(column).map(String::as_str),
                "the text is not UTF-8 (Latin-1, probably)",
            )),
            Err(Stop::Io(error)) => Err(unreadable(&error).at_line(line)),
        }
    }

    /// The line of the first cell at or after a byte: the `csv` crate starts a record before the blank lines, and before
    /// the `\n` of a CRLF, that it is going to skip.
    fn line_of(&mut self, mut start: u64) -> u64 {
        let breaks = &mut self.reader.get_mut().breaks;
        while let Some((offset, byte)) = breaks.front().copied().filter(|(offset, _)| *offset <= start) {
            // CRLF is one line end; so is a lone CR, which old spreadsheets write.
            let second_half = byte == b'\n' && self.last_return.is_some_and(|before| before + 1 == offset);
            self.lines_passed += u64::from(!second_half);
            if byte == b'\r' {
                self.last_return = Some(offset);
            }
            if offset == start {
                start += 1;
            }
            breaks.pop_front();
        }
        self.lines_passed + 1
    }
}

/// The file up to its first line end, or as much as is worth looking at.
fn read_head(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while head.len() < HEAD_MAX_BYTES {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        head.extend_from_slice(&buffer[..count]);
        if buffer[..count].contains(&b'\n') && !head.iter().all(u8::is_ascii_whitespace) {
            break;
        }
    }
    Ok(head)
}

/// `;` or `,`, whichever the first line has more of outside quotes.
fn delimiter(head: &[u8]) -> u8 {
    let (mut semicolons, mut commas, mut quoted) = (0_usize, 0_usize, false);
    for byte in head.trim_ascii_start().iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')) {
        match byte {
            b'"' => quoted = !quoted,
            b';' if !quoted => semicolons += 1,
            b',' if !quoted => commas += 1,
            _ => {}
        }
    }
    if commas > semicolons { b',' } else { b';' }
}

fn not_utf8(line: u64, field: Option<&str>, problem: &str) -> InputError {
    let error = InputError::new("not_utf8", problem, "Save the file as \"CSV UTF-8\" and give it again").at_line(line);
    match field {
        Some(field) => error.in_field(field),
        None => error,
    }
}

fn unreadable(error: &io::Error) -> InputError {
    InputError::new("unreadable", format!("the file cannot be read: {error}"), "Check the file and its rights")
}

/// A column that a table may have.
pub(super) struct Column {
    /// Its name in a file that we write.
    pub(super) name: &'static str,
    /// Other names that are understood, folded, `_` between words.
    pub(super) aliases: &'static [&'static str],
    /// Whether a file without it is refused.
    pub(super) mandatory: bool,
}

/// A column without which nothing can be read.
pub(super) const fn mandatory(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, mandatory: true }
}

/// A column that has a default.
pub(super) const fn optional(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, mandatory: false }
}

/// Finds the place of each column in a header line: the place of each, and what was not understood.
///
/// # Errors
/// A mandatory column is missing, or a column stands twice.
pub(super) fn places(
    columns: &[Column],
    header: &[String],
    line: u64,
) -> Result<(Vec<Option<usize>>, Vec<InputError>), InputError> {
    let mut found = vec![None; columns.len()];
    let mut warnings = Vec::new();
    for (place, written) in header.iter().enumerate() {
        let name = fold(written).replace(' ', "_");
        if name.is_empty() {
            continue;
        }
        let Some(i) = columns.iter().position(|c| c.name == name || c.aliases.contains(&name.as_str())) else {
            warnings.push(
                InputError::new("unknown_column", "this column is not known and was passed over", known_names(columns))
                    .at_line(line)
                    .in_field(written.chars().take(80).collect::<String>()),
            );
            continue;
        };
        if found[i].replace(place).is_some() {
            return Err(InputError::new("column_twice", "this column stands twice", "Keep one of the two")
                .at_line(line)
                .in_field(columns[i].name));
        }
    }
    if let Some((column, _)) = columns.iter().zip(&found).find(|(column, place)| column.mandatory && place.is_none()) {
        return Err(InputError::new("missing_column", "this column is missing", known_names(columns))
            .at_line(line)
            .in_field(column.name));
    }
    Ok((found, warnings))
}

fn known_names(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    format!("The header line may name: {}", names.join(";"))
}

/// First characters that make a spreadsheet take a cell for a formula.
const fn starts_a_formula(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r')
}

/// Whether an apostrophe before this text would be taken off again on reading.
fn needs_apostrophe(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('\'') => chars.next().is_some_and(|second| second == '\'' || starts_a_formula(second)),
        Some(first) => starts_a_formula(first),
        None => false,
    }
}

/// What is written for a text, so that no spreadsheet runs it.
pub(super) fn neutralised(text: &str) -> String {
    if needs_apostrophe(text) { format!("'{text}") } else { text.to_owned() }
}

/// What a written cell stands for: one apostrophe less where [`neutralised`] would have put one.
pub(super) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|first| first == '\'' || starts_a_formula(first)) => rest,
        _ => cell,
    }
}

/// Writes a table as UTF-8 with BOM, `;` between cells.
pub(super) struct TableWriter<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> TableWriter<W> {
    /// Writes the BOM and the header line.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn begin(mut out: W, columns: &[Column]) -> io::Result<Self> {
        out.write_all(BOM)?;
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(out);
        writer.write_record(columns.iter().map(|column| column.name)).map_err(io::Error::from)?;
        Ok(Self { writer })
    }

    /// Writes one row; every cell is taken as it is, see [`neutralised`].
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn row(&mut self, cells: &[String]) -> io::Result<()> {
        self.writer.write_record(cells).map_err(io::Error::from)
    }

    /// Hands the last bytes over.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::open(bytes).expect("a table");
        let mut all = Vec::new();
        while let Some((line, record)) = records.next(&[]).expect("readable") {
            all.push((line, record.iter().map(str::to_owned).collect()));
        }
        all
    }

    #[test]
    fn line_numbers_stay_right_across_line_ends_blank_lines_and_line_breaks_in_cells() {
        for newline in ["\n", "\r\n", "\r"] {
            let text = ["a;b", "1;2", "", "", "\"x", "y\";3", "4;5", ""].join(newline);
            let numbers: Vec<u64> = lines(text.as_bytes()).into_iter().map(|(line, _)| line).collect();
            assert_eq!(numbers, [1, 2, 5, 7], "{newline:?}");
        }
    }

    #[test]
    fn the_separator_is_the_one_of_the_first_line() {
        assert_eq!(lines(b"a;b,c;d\n1;2,3;4")[1].1, ["1", "2,3", "4"]);
        assert_eq!(lines(b"a,\"b;;;\",c\n1,2;3,4")[1].1, ["1", "2;3", "4"]);
        assert_eq!(lines(b"\xef\xbb\xbfa;b\n1;2")[0].1, ["a", "b"]);
    }

    /// Endless bytes, counted.
    struct Endless {
        byte: u8,
        given: usize,
    }

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer.fill(self.byte);
            self.given += buffer.len();
            assert!(self.given < 3 * RECORD_MAX_BYTES, "read far beyond the limit");
            Ok(buffer.len())
        }
    }

    #[test]
    fn a_line_without_end_is_refused_after_a_mebibyte() {
        for start in ["", "a;b\n1;2\n", "a;b\n\"", "\n", "a;b\n1;2\n\n\n"] {
            for byte in [b'x', b';', b'"', b'\n', b' ', 0] {
                let source = Cursor::new(start.as_bytes().to_vec()).chain(Endless { byte, given: 0 });
                let mut records = match Records::open(source) {
                    Ok(records) => records,
                    Err(error) => panic!("{error}"),
                };
                let mut error = None;
                for _ in 0..4 {
                    match records.next(&[]) {
                        Ok(Some(_)) => {}
                        Ok(None) => panic!("no end was in sight"),
                        Err(found) => {
                            error = Some(found);
                            break;
                        }
                    }
                }
                assert_eq!(error.map(|error| error.code), Some("record_too_long"), "{start:?} then {byte}");
            }
        }
    }

    #[test]
    fn an_empty_file_is_said_to_be_empty() {
        for bytes in [&b""[..], b"\xef\xbb\xbf", b"\n\n", b"  \r\n"] {
            assert_eq!(Records::open(bytes).err().map(|error| error.code), Some("empty_file"));
        }
    }

    #[test]
    fn an_apostrophe_stands_before_what_a_spreadsheet_would_run_and_nowhere_else() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+33 6", "'+33 6"),
            ("-x", "'-x"),
            ("@a", "'@a"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("'=x", "''=x"),
            ("''", "'''"),
            ("'", "'"),
            ("'t Hof", "'t Hof"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(neutralised(text), cell);
            assert_eq!(plain(cell), text);
        }
    }

    proptest! {
        #[test]
        fn a_cell_comes_back_as_it_went_out(text in "['=+@\t\r\na-]{0,4}") {
            let written = neutralised(&text);
            prop_assert_eq!(plain(&written), &text);
            prop_assert!(!written.starts_with(starts_a_formula));
        }

        #[test]
        fn rows_come_back_with_their_lines(
            rows in prop::collection::vec(prop::collection::vec("[a\"; ,\né]{0,4}|\r?", 2..4), 1..6)
        ) {
            let mut bytes = Vec::new();
            let mut table = TableWriter::begin(&mut bytes, &[optional("a", &[]), optional("b", &[])]).expect("begin");
            let mut line = 2;
            let mut expected = Vec::new();
            for row in &rows {
                expected.push((line, row.clone()));
                let ends = |cell: &String| cell.replace("\r\n", "\n").matches(['\r', '\n']).count() as u64;
                line += 1 + row.iter().map(ends).sum::<u64>();
                table.row(row).ok();
            }
            table.finish().expect("finish");
            // A writer holds every row to the header's width; only such rows are looked at.
            if rows.iter().all(|row| row.len() == 2) {
                prop_assert_eq!(&lines(&bytes)[1..], &expected[..]);
            }
        }
    }
}

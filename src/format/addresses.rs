//! French address files: BAN, BAL 1.1 and 1.4, and headerless BANO, told apart by their first line.
//!
//! - BAN (Base Adresse Nationale): `id;id_fantoir;numero;rep;nom_voie;…;lon;lat;…`
//! - BAL (Base Adresse Locale): `cle_interop;…;voie_nom;numero;suffixe;commune_nom;…;long;lat;…`, no postcode; the number
//!   99999 stands for a street without any, <https://aitf-sig-topo.github.io/voies-adresses/>
//! - BANO: `id,number,street,postcode,commune,source,lat,lon`, no header, the suffix glued to the number (`12BIS`)
//!
//! A département's file is read in one pass; only what lies in the extent is kept in memory. Rows that give no position
//! in degrees are counted and left out: every current file has them.

use std::collections::HashSet;
use std::io::{self, Read, Write};

use csv::StringRecord;

use crate::domain::address::Address;
use crate::domain::input::InputError;
use crate::domain::position::Extent;

use super::position::{checked_position, degrees};
use super::table::{Column, REPORTED_MAX, Records, mandatory, optional, places};

/// Kinds of address files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFormat {
    /// Base Adresse Nationale.
    Ban,
    /// Base Adresse Locale.
    Bal,
    /// BANO, the address file made from OpenStreetMap.
    Bano,
}

/// What an address file held.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressFile {
    /// What kind of file it is.
    pub format: AddressFormat,
    /// Addresses inside the extent, in the file's order, each identifier once.
    pub addresses: Vec<Address>,
    /// Rows left out because they lie outside the extent.
    pub outside: u64,
    /// Rows left out because they name a street or a place, and no house.
    pub without_number: u64,
    /// Rows left out because they have no longitude and latitude.
    pub without_position: u64,
    /// Rows left out because their identifier came before: a second position of the same address.
    pub repeated: u64,
    /// Rows left out because something is wrong with them.
    pub refused: u64,
    /// What is wrong with the refused rows; at most a thousand errors are kept.
    pub errors: Vec<InputError>,
}

impl AddressFile {
    /// Rows of the file, kept or not.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let left_out = self.outside + self.without_number + self.without_position + self.repeated + self.refused;
        self.addresses.len() as u64 + left_out
    }
}

/// `99999` is the number of a street without numbers; no house in France goes beyond 9999.
const NO_NUMBER: u32 = 99_999;
/// Highest house number.
const NUMBER_MAX: u32 = 9999;
/// Longest text of an address, in characters.
const TEXT_MAX_CHARS: usize = 300;

const COLUMNS: &[Column] = &[
    mandatory("id", &["cle_interop"]),
    mandatory("numero", &[]),
    optional("rep", &["suffixe"]),
    mandatory("nom_voie", &["voie_nom"]),
    optional("code_postal", &[]),
    optional("nom_commune", &["commune_nom"]),
    mandatory("lon", &["long"]),
    mandatory("lat", &[]),
    optional("id_ban_adresse", &["uid_adresse"]),
];
/// The places of [`COLUMNS`] in a BANO record.
const BANO_PLACES: [Option<usize>; 9] = [Some(0), Some(1), None, Some(2), Some(3), Some(4), Some(7), Some(6), None];

/// The cells of one row that matter, in the order of [`COLUMNS`].
struct Cells<'a> {
    cells: [&'a str; 9],
}

impl<'a> Cells<'a> {
    fn of(record: &'a StringRecord, places: &[Option<usize>]) -> Self {
        let mut cells = [""; 9];
        for (cell, place) in cells.iter_mut().zip(places) {
            *cell = place.and_then(|place| record.get(place)).unwrap_or("").trim();
        }
        Self { cells }
    }
}

/// What becomes of a row.
enum Row {
    Kept(Address),
    Outside,
    WithoutNumber,
    WithoutPosition,
}

/// Reads an address file of any of the three kinds; keeps what lies in `extent`, or everything.
///
/// # Errors
/// What makes the whole file unreadable, e.g. a header line of another kind; a bad row is in the answer instead.
pub fn read_addresses(source: impl Read, extent: Option<Extent>) -> Result<AddressFile, InputError> {
    let mut records = Records::open(source)?;
    let Some((line, first)) = records.next(&[])? else {
        return Err(InputError::new("empty_file", "the file is empty", "Give a BAN, BAL or BANO file"));
    };
    let first = first.clone();
    let mut reader = Reader::new(extent);
    let (format, header, places) = if is_bano(&first) {
        reader.take(line, &first, &BANO_PLACES);
        (AddressFormat::Bano, Vec::new(), BANO_PLACES.to_vec())
    } else {
        let header: Vec<String> = first.iter().map(str::to_owned).collect();
        let (places, _) = places(COLUMNS, &header, line).map_err(|mut error| {
            "Give a BAN file (id;numero;rep;nom_voie;…), a BAL file (cle_interop;voie_nom;numero;…) or a BANO file"
                .clone_into(&mut error.remedy);
            error
        })?;
        let bal = header.iter().any(|name| name.trim() == "voie_nom");
        (if bal { AddressFormat::Bal } else { AddressFormat::Ban }, header, places)
    };
    reader.width = first.len();
    while let Some((line, record)) = records.next(&header)? {
        if !record.iter().all(str::is_empty) {
            reader.take(line, record, &places);
        }
    }
    Ok(AddressFile { format, ..reader.file })
}

/// Eight cells, two of which are degrees where BANO has them.
fn is_bano(record: &StringRecord) -> bool {
    record.len() == 8
        && [6, 7].iter().all(|place| record.get(*place).is_some_and(|cell| cell.trim().parse::<f64>().is_ok()))
}

/// Sorts rows into the answer.
struct Reader {
    extent: Option<Extent>,
    width: usize,
    seen: HashSet<String>,
    file: AddressFile,
}

impl Reader {
    fn new(extent: Option<Extent>) -> Self {
        let file = AddressFile {
            format: AddressFormat::Ban,
            addresses: Vec::new(),
            outside: 0,
            without_number: 0,
            without_position: 0,
            repeated: 0,
            refused: 0,
            errors: Vec::new(),
        };
        Self { extent, width: 8, seen: HashSet::new(), file }
    }

    fn take(&mut self, line: u64, record: &StringRecord, places: &[Option<usize>]) {
        let row = if record.len() < self.width {
            let problem = format!("the row has {} cells and the first line {}", record.len(), self.width);
            Err(InputError::new("cell_count", problem, "Check the separators and quotes; the file may be cut short"))
        } else {
            address(&Cells::of(record, places), self.extent)
        };
        match row {
            Ok(Row::Kept(address)) if self.seen.insert(address.id.clone()) => self.file.addresses.push(address),
            Ok(Row::Kept(_)) => self.file.repeated += 1,
            Ok(Row::Outside) => self.file.outside += 1,
            Ok(Row::WithoutNumber) => self.file.without_number += 1,
            Ok(Row::WithoutPosition) => self.file.without_position += 1,
            Err(error) => {
                self.file.refused += 1;
                if self.file.errors.len() < REPORTED_MAX {
                    self.file.errors.push(error.at_line(line));
                }
            }
        }
    }
}

fn address(cells: &Cells<'_>, extent: Option<Extent>) -> Result<Row, InputError> {
    let [id, number, suffix, street, postcode, city, lon, lat, other_id] = cells.cells;
    if lon.is_empty() || lat.is_empty() {
        return Ok(Row::WithoutPosition);
    }
    let degrees = |field: &str, cell: &str| {
        let error =
            || InputError::new("not_a_number", "this is no number", "Write degrees").in_field(field).with_value(cell);
        degrees(cell).ok_or_else(error)
    };
    let position = checked_position(degrees("lon", lon)?, degrees("lat", lat)?, extent).map_err(|error| {
        let cell = if error.field.as_deref() == Some("lat") { lat } else { lon };
        error.with_value(cell)
    })?;
    // First of all what most rows of a département's file fail on.
    if extent.is_some_and(|extent| !extent.contains(position)) {
        return Ok(Row::Outside);
    }
    for (column, cell) in COLUMNS.iter().zip(cells.cells) {
        if cell.contains('\0') || cell.chars().count() > TEXT_MAX_CHARS {
            let problem = format!("the text is longer than {TEXT_MAX_CHARS} characters or holds a NUL character");
            let value = cell.replace('\0', "␀");
            return Err(InputError::new("bad_text", problem, "Mend it").in_field(column.name).with_value(&value));
        }
    }
    let Some((number, glued)) = house_number(number)? else { return Ok(Row::WithoutNumber) };
    if street.is_empty() {
        return Ok(Row::WithoutNumber);
    }
    let suffix = if suffix.is_empty() { glued } else { suffix.to_lowercase() };
    let id = [id, other_id]
        .into_iter()
        .find(|id| !id.is_empty())
        .map_or_else(|| [&number.to_string(), suffix.as_str(), street, postcode, city].join("_"), str::to_owned);
    let [street, postcode, city] = [street, postcode, city].map(str::to_owned);
    Ok(Row::Kept(Address { id, number, suffix, street, postcode, city, position }))
}

/// `12`, `12bis`, `12 B`: the number and what is glued to it; `None` without a number.
fn house_number(cell: &str) -> Result<Option<(u32, String)>, InputError> {
    let digits = cell.len() - cell.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, glued) = cell.split_at(digits);
    if cell.is_empty() {
        return Ok(None);
    }
    match number.parse::<u32>() {
        Ok(NO_NUMBER) => Ok(None),
        Ok(number) if number <= NUMBER_MAX && glued.chars().count() <= 12 => {
            Ok(Some((number, glued.trim_matches([' ', '-', '/', '.']).to_lowercase())))
        }
        _ => {
            let problem = format!("this is no house number from 0 to {NUMBER_MAX}");
            Err(InputError::new("not_a_house_number", problem, "Correct it, or take the row out")
                .in_field("numero")
                .with_value(cell))
        }
    }
}

const BAN_HEADER: &str = "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;\
    code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;\
    source_position;source_nom_voie;certification_commune;cad_parcelles";

/// Writes addresses as a BAN file, which [`read_addresses`] reads back unchanged.
///
/// # Errors
/// What the writer says.
pub fn write_ban(addresses: &[Address], mut out: impl Write) -> io::Result<()> {
    writeln!(out, "{BAN_HEADER}")?;
    let width = BAN_HEADER.split(';').count();
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(out);
    for address in addresses {
        let mut cells = vec![String::new(); width];
        cells[0].clone_from(&address.id);
        cells[2] = address.number.to_string();
        cells[3].clone_from(&address.suffix);
        cells[4].clone_from(&address.street);
        cells[5].clone_from(&address.postcode);
        cells[7].clone_from(&address.city);
        cells[12] = address.position.lon().to_string();
        cells[13] = address.position.lat().to_string();
        "entrée".clone_into(&mut cells[14]);
        writer.write_record(&cells).map_err(io::Error::from)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::position::LonLat;
    use proptest::prelude::*;

    fn read(text: &str) -> AddressFile {
        read_addresses(text.as_bytes(), None).expect("readable")
    }

    #[test]
    fn a_ban_row_is_read() {
        let text = format!(
            "{BAN_HEADER}\n01002_w4ld4h_00006;;6;BIS;Place du Pese Lait;01640;01002;L'Abergement-de-Varey;;;887643.67;6547960.53;\
             5.425179;46.005447;entrée;;;ABERGEMENT-DE-VAREY (L );PLACE DU PESE LAIT;commune;commune;1;01002000AE0005\n"
        );
        let file = read(&text);
        assert_eq!(file.format, AddressFormat::Ban);
        assert_eq!(file.addresses.len(), 1);
        let address = &file.addresses[0];
        assert_eq!(address.label(), "6 bis Place du Pese Lait, 01640 L'Abergement-de-Varey");
        assert_eq!((address.position.lon(), address.position.lat()), (5.425_179, 46.005_447));
    }

    #[test]
    fn a_bal_file_says_what_it_leaves_out() {
        let file = read(
            "\u{feff}cle_interop;uid_adresse;voie_nom;numero;suffixe;commune_nom;position;x;y;long;lat;source;date_der_maj\n\
             A_1;;Rue du Verdon;11;;Strasbourg;entrée;1049409.0;6838286.4;7.737072;48.55045;Ville;\n\
             A_1;;Rue du Verdon;11;;Strasbourg;parcelle;1049409.0;6838286.4;7.737073;48.55046;Ville;\n\
             A_2;;Le Moulin;99999;;Strasbourg;segment;1049409.0;6838286.4;7.737072;48.55045;Ville;\n\
             A_3;;Rue du Verdon;12;ter;Strasbourg;entrée;1049409.0;6838286.4;;;Ville;\n\
             A_4;;Rue du Verdon;12345;;Strasbourg;entrée;;;7.7;48.5;Ville;\n\
             ;u;Rue du Verdon;13;;Strasbourg;entrée;;;7.7;48.5;Ville;\n\
             A_5;;Rue du Ver",
        );
        assert_eq!(file.format, AddressFormat::Bal);
        assert_eq!(file.addresses.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["A_1", "u"]);
        assert_eq!((file.repeated, file.without_number, file.without_position, file.refused), (1, 1, 1, 2));
        assert_eq!(
            file.errors.iter().map(|e| (e.line, e.code)).collect::<Vec<_>>(),
            [(Some(6), "not_a_house_number"), (Some(8), "cell_count")]
        );
        assert_eq!(file.rows(), 7);
    }

    #[test]
    fn a_bano_file_needs_no_header() {
        let file = read(
            "1T-10,10,Place Allègre,19240,Allassac,C+O,45.257780,1.475811\n\
             1T-598BIS,598BIS,Place Allègre,19240,Allassac,C+O,45.2,1.4\n\
             1T-3,3 B,\"Rue, dite Longue\",19240,Allassac,C+O,45.2,1.4\n",
        );
        assert_eq!(file.format, AddressFormat::Bano);
        assert_eq!(
            file.addresses.iter().map(Address::label).collect::<Vec<_>>(),
            [
                "10 Place Allègre, 19240 Allassac",
                "598 bis Place Allègre, 19240 Allassac",
                "3 b Rue, dite Longue, 19240 Allassac"
            ]
        );
        assert_eq!((file.addresses[0].position.lon(), file.addresses[0].position.lat()), (1.475_811, 45.257_78));
    }

    #[test]
    fn only_the_extent_is_kept_and_swapped_axes_are_an_error() {
        let extent = Extent { west: 1.0, south: 45.0, east: 2.0, north: 46.0 };
        let text =
            "a,1,R,1,C,O,45.5,1.5\nb,2,R,1,C,O,48.5,2.5\nc,3,R,1,C,O,1.5,45.5\nd,4,R,1,C,O,NaN,1\ne,5,R,1,C,O,95,1\n";
        let file = read_addresses(text.as_bytes(), Some(extent)).expect("readable");
        assert_eq!((file.addresses.len(), file.outside, file.refused), (1, 1, 3));
        assert_eq!(
            file.errors.iter().map(|e| e.code).collect::<Vec<_>>(),
            ["swapped_axes", "not_finite", "out_of_range"]
        );
    }

    #[test]
    fn a_file_of_another_kind_is_refused_and_the_kinds_are_named() {
        let error = read_addresses(&b"reference;nom\nC-1;x\n"[..], None).expect_err("not an address file");
        assert_eq!(error.code, "missing_column");
        assert!(error.remedy.contains("BAN"));
        assert_eq!(read_addresses(&b""[..], None).expect_err("empty").code, "empty_file");
        assert_eq!(read_addresses(&b"a,1,R\xe9,1,C,O,45.5,1.5\n"[..], None).expect_err("Latin-1").code, "not_utf8");
        let endless = read_addresses(io::repeat(b'1').take(1 << 30), None).expect_err("endless");
        assert_eq!(endless.code, "record_too_long");
    }

    proptest! {
        #[test]
        fn a_ban_file_comes_back_as_it_was_written(
            rows in prop::collection::vec(
                (0..=9999u32, "(bis|ter|[a-z])?", "[A-Zé'=;\"-]{1,12}", "[0-9]{5}", "[A-Z]{0,6}", -180.0..=180.0f64, -90.0..=90.0f64),
                0..6
            )
        ) {
            let addresses: Vec<Address> = rows
                .into_iter()
                .enumerate()
                .map(|(i, (number, suffix, street, postcode, city, lon, lat))| Address {
                    id: format!("id-{i}"),
                    number,
                    suffix,
                    street,
                    postcode,
                    city,
                    position: LonLat::try_new(lon, lat).expect("in range"),
                })
                .collect();
            let mut bytes = Vec::new();
            write_ban(&addresses, &mut bytes).expect("a vector takes all");
            let file = read_addresses(&bytes[..], None).expect("readable");
            prop_assert_eq!(&file.errors, &[]);
            prop_assert_eq!(file.addresses, addresses);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_addresses(&bytes[..], None);
            let with_header = [BAN_HEADER.as_bytes(), b"\n", &bytes[..]].concat();
            let _ = read_addresses(&with_header[..], None);
            let with_first_row = [b"a,1,R,1,C,O,45.5,1.5\n", &bytes[..]].concat();
            let _ = read_addresses(&with_first_row[..], None);
        }
    }
}

//! Files in: cases, volunteers, relays and addresses.
//!
//! Good rows go in together, in one transaction, and bad ones are reported; with `all_or_nothing` one bad row keeps all
//! out. A row that gives an address and no position is placed through the address table. A row that cannot be placed goes
//! in all the same, with a warning: nobody is lost because a street is misspelt.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use crate::domain::audit::Author;
use crate::domain::case::Case;
use crate::domain::input::InputError;
use crate::domain::position::{Extent, LonLat};
use crate::domain::relay::Relay;
use crate::domain::volunteer::Volunteer;
use crate::format::addresses::{AddressFile, AddressFormat, read_addresses};
use crate::format::people::{Parsed, read_cases, read_relays, read_volunteers};
use crate::store::{Person, Store, StoreError, Upserted};

use super::addresses::AddressIndex;

/// The three tables that travel as CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// Reported persons and families.
    Cases,
    /// `BienVeilleurs`.
    Volunteers,
    /// Shops and professionals.
    Relays,
}

impl People {
    /// Name of the table, as in the database and the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Volunteers => "volunteers",
            Self::Relays => "relays",
        }
    }
}

/// How to import.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImportOptions {
    /// One bad row keeps all the others out.
    pub all_or_nothing: bool,
    /// The study's extent: for people it lets swapped axes be recognised, of addresses only those inside are kept.
    pub extent: Option<Extent>,
    /// Who imports: stands in the trail.
    pub by: Author,
}

/// What an import of people did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportReport {
    /// Rows that were new.
    pub created: usize,
    /// Rows that were known and differed.
    pub updated: usize,
    /// Rows that were known and equal.
    pub unchanged: usize,
    /// Bad rows.
    pub refused: usize,
    /// Good rows kept out because another row is bad and `all_or_nothing` was asked for.
    pub held_back: usize,
    /// Good rows without a position that got one by their address.
    pub located: usize,
    /// Good rows that have no position all the same.
    pub unlocated: usize,
    /// What is wrong with the bad rows, by line; at most about a thousand are kept.
    pub errors: Vec<InputError>,
    /// What was passed over without harm, by line.
    pub warnings: Vec<InputError>,
}

impl ImportReport {
    /// Rows that are in the database now.
    #[must_use]
    pub const fn accepted(&self) -> usize {
        self.created + self.updated + self.unchanged
    }
}

/// What an import of addresses did.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressReport {
    /// What kind of file it was.
    pub format: AddressFormat,
    /// Addresses in the table now; 0 when they were held back.
    pub kept: usize,
    /// Whether the table had other addresses before.
    pub changed: bool,
    /// Good rows kept out because another row is bad and `all_or_nothing` was asked for.
    pub held_back: usize,
    /// Rows outside the extent.
    pub outside: u64,
    /// Rows that name no house.
    pub without_number: u64,
    /// Rows without longitude and latitude.
    pub without_position: u64,
    /// Second positions of an address.
    pub repeated: u64,
    /// Bad rows.
    pub refused: u64,
    /// What is wrong with the bad rows, by line; at most a thousand are kept.
    pub errors: Vec<InputError>,
}

/// Why nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is being stopped.
    #[error("the import was interrupted and nothing was written. Start it again")]
    Interrupted,
}

/// Runs what takes long off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ImportError::Interrupted)
}

/// Imports one of the three tables.
///
/// # Errors
/// [`ImportError`] when the file as a whole cannot be read or the database refuses; nothing is written then.
pub async fn import(
    store: &Store,
    people: People,
    source: impl Read + Send + 'static,
    options: ImportOptions,
) -> Result<ImportReport, ImportError> {
    match people {
        People::Cases => import_cases(store, source, options).await,
        People::Volunteers => import_volunteers(store, source, options).await,
        People::Relays => import_relays(store, source, options).await,
    }
}

/// Imports cases. A case that names an unknown volunteer is a bad row.
///
/// # Errors
/// [`ImportError`] when the file as a whole cannot be read or the database refuses; nothing is written then.
pub async fn import_cases(
    store: &Store,
    source: impl Read + Send + 'static,
    options: ImportOptions,
) -> Result<ImportReport, ImportError> {
    let mut parsed = blocking(move || read_cases(source, options.extent)).await??;
    if parsed.rows.iter().any(|(_, case)| case.volunteer.is_some()) {
        let volunteers = store.volunteers().await?;
        refuse_unknown_volunteers(&mut parsed, &volunteers.iter().map(|(_, v)| v.reference.as_str()).collect());
    }
    refuse_erased(store, "cases", &mut parsed).await?;
    warn_of_oppositions(store, &mut parsed, options.by).await?;
    let known = if lacks_a_position(&parsed) { places(store.cases().await?) } else { HashMap::new() };
    let (rows, mut report) = prepare(store, parsed, &known, options).await?;
    report.add(store.upsert_cases(&rows, options.by).await?);
    Ok(report)
}

/// Imports volunteers.
///
/// # Errors
/// [`ImportError`] when the file as a whole cannot be read or the database refuses; nothing is written then.
pub async fn import_volunteers(
    store: &Store,
    source: impl Read + Send + 'static,
    options: ImportOptions,
) -> Result<ImportReport, ImportError> {
    let mut parsed = blocking(move || read_volunteers(source, options.extent)).await??;
    refuse_erased(store, "volunteers", &mut parsed).await?;
    let known = if lacks_a_position(&parsed) { places(store.volunteers().await?) } else { HashMap::new() };
    let (rows, mut report) = prepare(store, parsed, &known, options).await?;
    report.add(store.upsert_volunteers(&rows, options.by).await?);
    Ok(report)
}

/// Imports relays.
///
/// # Errors
/// [`ImportError`] when the file as a whole cannot be read or the database refuses; nothing is written then.
pub async fn import_relays(
    store: &Store,
    source: impl Read + Send + 'static,
    options: ImportOptions,
) -> Result<ImportReport, ImportError> {
    let mut parsed = blocking(move || read_relays(source, options.extent)).await??;
    refuse_erased(store, "relays", &mut parsed).await?;
    let known = if lacks_a_position(&parsed) { places(store.relays().await?) } else { HashMap::new() };
    let (rows, mut report) = prepare(store, parsed, &known, options).await?;
    report.add(store.upsert_relays(&rows, options.by).await?);
    Ok(report)
}

/// Imports addresses in the place of all others; `options.extent` says which to keep.
///
/// # Errors
/// [`ImportError`] when the file cannot be read, or holds no address in the extent: the old addresses stay then.
pub async fn import_addresses(
    store: &Store,
    source: impl Read + Send + 'static,
    options: ImportOptions,
) -> Result<AddressReport, ImportError> {
    let file = blocking(move || read_addresses(source, options.extent)).await??;
    if file.addresses.is_empty() {
        return Err(no_address(&file).into());
    }
    let mut report = AddressReport {
        format: file.format,
        kept: 0,
        changed: false,
        held_back: 0,
        outside: file.outside,
        without_number: file.without_number,
        without_position: file.without_position,
        repeated: file.repeated,
        refused: file.refused,
        errors: file.errors,
    };
    if options.all_or_nothing && report.refused > 0 {
        report.held_back = file.addresses.len();
        return Ok(report);
    }
    report.changed = store.addresses().await? != file.addresses;
    if report.changed {
        store.replace_addresses(&file.addresses).await?;
    }
    report.kept = file.addresses.len();
    Ok(report)
}

/// Why a file gave no address at all: its first error, or where its rows went.
fn no_address(file: &AddressFile) -> InputError {
    if let Some(error) = file.errors.first() {
        return error.clone();
    }
    let problem = format!(
        "the file has no address that can be kept: of {} rows, {} lie outside the study, {} name no house, {} have no \
         longitude and latitude",
        file.rows(),
        file.outside,
        file.without_number,
        file.without_position
    );
    InputError::new("no_address", problem, "Give the file of the commune or département of the quarters")
}

impl ImportReport {
    fn add(&mut self, upserted: Upserted) {
        self.created = upserted.created;
        self.updated = upserted.updated;
        self.unchanged = upserted.unchanged;
    }
}

/// What has a place.
trait Placed {
    fn reference(&self) -> &str;
    fn address(&self) -> &str;
    fn position(&self) -> Option<LonLat>;
    fn place(&mut self, position: LonLat);
}

macro_rules! placed {
    ($($kind:ty),+) => {$(
        impl Placed for $kind {
            fn reference(&self) -> &str {
                &self.reference
            }

            fn address(&self) -> &str {
                &self.address
            }

            fn position(&self) -> Option<LonLat> {
                self.position
            }

            fn place(&mut self, position: LonLat) {
                self.position = Some(position);
            }
        }
    )+};
}
placed!(Case, Volunteer, Relay);

/// Address and position of the rows that are in the database, by reference.
type Places = HashMap<String, (String, LonLat)>;

fn places<K, T: Placed>(rows: Vec<(K, T)>) -> Places {
    let place = |(_, row): (K, T)| Some((row.reference().to_owned(), (row.address().to_owned(), row.position()?)));
    rows.into_iter().filter_map(place).collect()
}

fn lacks_a_position<T: Placed>(parsed: &Parsed<T>) -> bool {
    parsed.rows.iter().any(|(_, row)| row.position().is_none())
}

/// Turns cases that name a volunteer who is not there into bad rows.
fn refuse_unknown_volunteers(parsed: &mut Parsed<Case>, volunteers: &HashSet<&str>) {
    let mut errors = Vec::new();
    parsed.rows.retain(|(line, case)| {
        let unknown = case.volunteer.as_deref().filter(|reference| !volunteers.contains(reference));
        if let Some(reference) = unknown {
            let remedy = "Import the volunteers first, or correct the reference";
            errors.push(
                InputError::new("unknown_reference", "no volunteer bears this reference", remedy)
                    .at_line(*line)
                    .in_field("benevole")
                    .with_value(reference),
            );
        }
        unknown.is_none()
    });
    parsed.refused += errors.len();
    parsed.errors.extend(errors);
}

/// Turns rows that bear the reference of somebody who was erased into bad rows: an old file brings nobody back unseen.
async fn refuse_erased<T: Placed>(store: &Store, table: &str, parsed: &mut Parsed<T>) -> Result<(), ImportError> {
    let references = parsed.rows.iter().map(|(_, row)| row.reference());
    let erased: HashSet<String> = store.erased_among(table, references).await?.into_iter().map(str::to_owned).collect();
    let mut errors = Vec::new();
    parsed.rows.retain(|(line, row)| {
        let gone = erased.contains(row.reference());
        if gone {
            let remedy = "Take the row out of the file, or give it a new reference if this is somebody else";
            errors.push(
                InputError::new("erased_reference", "the person who bore this reference was erased", remedy)
                    .at_line(*line)
                    .in_field("reference")
                    .with_value(row.reference()),
            );
        }
        !gone
    });
    parsed.refused += errors.len();
    parsed.errors.extend(errors);
    Ok(())
}

/// Warns of rows about somebody who refused: they go in, for a person decides.
async fn warn_of_oppositions(store: &Store, parsed: &mut Parsed<Case>, by: Author) -> Result<(), ImportError> {
    let today = by.today();
    if !store.has_oppositions(today).await? {
        return Ok(());
    }
    for (line, case) in &parsed.rows {
        let name = format!("{} {}", case.given_name, case.family_name);
        let person = Person { name: &name, address: &case.address, phone: &case.phone };
        if let Some(since) = store.opposition_since(person, today).await? {
            let problem = format!("a person of this name at this address, or with this phone, refused on {since}");
            let remedy = "Ask the person before anything else; if it is a refusal again, note it in the case";
            parsed.warnings.push(InputError::new("opposition_recorded", problem, remedy).at_line(*line));
        }
    }
    Ok(())
}

/// Places the good rows and starts the report; gives no row back when they must be held back.
async fn prepare<T: Placed>(
    store: &Store,
    parsed: Parsed<T>,
    known: &Places,
    options: ImportOptions,
) -> Result<(Vec<T>, ImportReport), ImportError> {
    let Parsed { mut rows, refused, mut errors, warnings } = parsed;
    errors.sort_by_key(|error| error.line);
    let mut report = ImportReport { refused, errors, warnings, ..ImportReport::default() };
    if options.all_or_nothing && refused > 0 {
        report.held_back = rows.len();
        return Ok((Vec::new(), report));
    }
    let mut index = None;
    for (line, row) in rows.iter_mut().filter(|(_, row)| row.position().is_none()) {
        // Somebody may have placed by hand what no table finds: the same address keeps its place.
        let kept =
            known.get(row.reference()).filter(|(address, _)| address == row.address()).map(|(_, position)| *position);
        let position = match kept {
            Some(position) => Some(position),
            None if row.address().is_empty() => None,
            None => {
                if index.is_none() {
                    let addresses = store.addresses().await?;
                    index = Some(blocking(move || AddressIndex::build(addresses)).await?);
                }
                index.as_ref().and_then(|index| index.exact(row.address())).map(|address| address.position)
            }
        };
        if let Some(position) = position {
            row.place(position);
            report.located += 1;
        } else {
            report.unlocated += 1;
            report.warnings.push(unlocated(*line, row.address()));
        }
    }
    Ok((rows.into_iter().map(|(_, row)| row).collect(), report))
}

fn unlocated(line: u64, address: &str) -> InputError {
    let error = if address.is_empty() {
        InputError::new(
            "no_place",
            "the row has neither a position nor an address, and went in without a place",
            "Add one when it is known",
        )
    } else {
        InputError::new(
            "address_not_found",
            "the address was not found, and the row went in without a place",
            "Write number, street and commune as in the address file, or give lon and lat; then import again",
        )
        .with_value(address)
    };
    error.at_line(line).in_field("adresse")
}

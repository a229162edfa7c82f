//! Erasing people, and looking afterwards whether they are gone.
//!
//! One transaction takes the row, its place on lists of what is to be purged and its numbers in `changes`, leaves a
//! tombstone and the line of the trail. Before, every ciphertext, blind index and reference of the row is noted in memory.
//! After, the database is rewritten without its free pages, and what was noted is sought byte by byte in its files
//! (`SQLite`), or in every sealed column of every table (`PostgreSQL`, whose files this program may not read).
//!
//! A ciphertext is sought in pieces of 16 bytes: one that was cut by a page's end or half overwritten is found too. A blind
//! index that somebody else still bears (one phone in a household) proves nothing and is left out. A reference is sought
//! as it lies in a record beside its neighbours, for its few letters alone may stand anywhere.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sqlx::{PgPool, SqlitePool};

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::oppositions::remember_opposition;
use super::rotation::TABLES;
use super::seal::keyed_hash;
use super::{Pool, Store, StoreError};
use crate::domain::audit::{Entry, Subject};
use crate::domain::case::CaseId;
use crate::domain::rights::ErasureReason;
use crate::domain::volunteer::VolunteerId;

/// What is sealed of a case.
pub const CASE_COLUMNS: [&str; 9] =
    ["family_name", "given_name", "phone", "address", "position", "causes", "signs", "languages", "notes"];
/// What is sealed of a volunteer.
pub const VOLUNTEER_COLUMNS: [&str; 7] =
    ["family_name", "given_name", "phone", "email", "address", "position", "languages"];
pub(super) const INDEXES: [&str; 3] = ["name_index", "phone_index", "address_index"];

const CASES_OF: &str = "select count(*) from cases where volunteer_id = $1";
const CARRIED_OUT: &str = "update rights_requests set carried_out_at = $1 where id = $2";
pub(super) const TOMBSTONE: &str = "select erased_on from tombstones where subject = $1";
const TOMBSTONES: &str = "select reason, count(*) from tombstones group by reason order by reason";

/// How long a piece of a ciphertext is that is sought.
const PIECE: usize = 16;
/// Version and number of the key stand before what is random in a ciphertext.
const SEAL_HEAD: usize = 5;

/// How somebody is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Why.
    pub reason: ErasureReason,
    /// Keep keyed hashes of the person until this day, so that a new report gives a warning.
    pub remember_until: Option<NaiveDate>,
    /// The request that this carries out.
    pub request: Option<i64>,
}

/// What came of an erasure.
#[derive(Debug)]
pub enum Erased {
    /// Done; what was noted before.
    Gone(Needles),
    /// Nobody was there.
    NotThere,
    /// The volunteer still has this many cases; nothing was erased.
    HasCases(i64),
}

/// What was noted of people before they were erased. Lives in memory only.
#[derive(Debug, Default)]
pub struct Needles {
    /// How many people.
    pub people: usize,
    sealed: Vec<Vec<u8>>,
    indexes: Vec<Vec<u8>>,
    references: Vec<Reference>,
}

/// A reference, and what stands beside it in a record.
#[derive(Debug)]
pub(super) struct Reference {
    pub table: &'static str,
    pub id: i64,
    pub text: String,
    pub follows: Vec<u8>,
}

/// A row before it is erased.
pub(super) struct Doomed {
    pub subject: Subject,
    pub reference: Reference,
    pub sealed: Vec<Option<Vec<u8>>>,
    pub indexes: Vec<Option<Vec<u8>>>,
}

/// A place in which was looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// A file, or `table.column`.
    pub place: String,
    /// Bytes of a file, or rows of a table.
    pub read: u64,
    /// Whether it is a file.
    pub file: bool,
    /// How many of the needles lie there.
    pub found: usize,
}

/// What the search after an erasure found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// Needles that were found again, each counted once.
    pub found: usize,
    /// Where was looked.
    pub places: Vec<Searched>,
    /// What `PostgreSQL` says of its write-ahead log: `max_wal_size`, `checkpoint_timeout`, `archive_mode`.
    pub wal: Option<[String; 3]>,
}

impl Needles {
    /// How many things are sought.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sealed.len() + self.indexes.len() + self.references.len()
    }

    pub(super) fn note(&mut self, row: Doomed) {
        self.people += 1;
        self.sealed.extend(row.sealed.into_iter().flatten());
        self.indexes.extend(row.indexes.into_iter().flatten());
        self.references.push(row.reference);
    }

    /// Bytes to seek in a file of `SQLite`, each with the number of its needle.
    fn patterns(&self) -> Vec<(usize, Vec<u8>)> {
        let mut patterns = Vec::new();
        for (needle, sealed) in self.sealed.iter().enumerate() {
            let random = sealed.get(SEAL_HEAD..).unwrap_or_default();
            patterns.extend(random.chunks_exact(PIECE).map(|piece| (needle, piece.to_vec())));
        }
        for (at, index) in self.indexes.iter().enumerate() {
            patterns.push((self.sealed.len() + at, index.clone()));
        }
        for (at, reference) in self.references.iter().enumerate() {
            let needle = self.sealed.len() + self.indexes.len() + at;
            patterns.push((needle, [reference.text.as_bytes(), &reference.follows].concat()));
            patterns.push((needle, index_record(&reference.text, reference.id)));
        }
        patterns
    }
}

/// The record of an entry (text, row id) in an index of `SQLite` (<https://sqlite.org/fileformat2.html#record_format>).
fn index_record(text: &str, id: i64) -> Vec<u8> {
    let (kind, width) = match id {
        0 => (8, 0),
        1 => (9, 0),
        -0x80..=0x7f => (1, 1),
        -0x8000..=0x7fff => (2, 2),
        -0x80_0000..=0x7f_ffff => (3, 3),
        -0x8000_0000..=0x7fff_ffff => (4, 4),
        -0x8000_0000_0000..=0x7fff_ffff_ffff => (5, 6),
        _ => (6, 8),
    };
    let text_kind = 13 + 2 * text.len();
    let mut record = if text_kind < 128 {
        vec![3, text_kind as u8, kind]
    } else {
        vec![4, 0x80 | (text_kind >> 7) as u8, (text_kind & 0x7f) as u8, kind]
    };
    record.extend_from_slice(text.as_bytes());
    record.extend_from_slice(&id.to_be_bytes()[8 - width..]);
    record
}

/// Many patterns sought at once: two bytes sort almost everything out, four find the few candidates.
struct Searcher {
    starts: Vec<bool>,
    patterns: HashMap<[u8; 4], Vec<(usize, Vec<u8>)>>,
    longest: usize,
}

impl Searcher {
    fn new(patterns: Vec<(usize, Vec<u8>)>) -> Self {
        let mut searcher = Self { starts: vec![false; 1 << 16], patterns: HashMap::new(), longest: 4 };
        for (needle, pattern) in patterns {
            let Some(head) = pattern.first_chunk::<4>().copied() else { continue };
            searcher.starts[usize::from(u16::from_le_bytes([head[0], head[1]]))] = true;
            searcher.longest = searcher.longest.max(pattern.len());
            searcher.patterns.entry(head).or_default().push((needle, pattern));
        }
        searcher
    }

    fn seek(&self, bytes: &[u8], found: &mut BTreeSet<usize>) {
        for at in 0..bytes.len().saturating_sub(3) {
            if !self.starts[usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))] {
                continue;
            }
            let head = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            for (needle, pattern) in self.patterns.get(&head).into_iter().flatten() {
                if bytes[at..].starts_with(pattern) {
                    found.insert(*needle);
                }
            }
        }
    }

    /// Reads a file from end to end; answers how many bytes it has. A file that is not there has none.
    fn seek_in_file(&self, path: &Path, found: &mut BTreeSet<usize>) -> io::Result<u64> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut buffer = vec![0; (1 << 20) + self.longest];
        let (mut kept, mut total) = (0, 0);
        loop {
            let count = file.read(&mut buffer[kept..])?;
            if count == 0 {
                return Ok(total);
            }
            total += count as u64;
            let filled = kept + count;
            self.seek(&buffer[..filled], found);
            // A pattern may begin in this part and end in the next.
            kept = filled.min(self.longest - 1);
            buffer.copy_within(filled - kept..filled, 0);
        }
    }
}

/// The table of a person's record, its key and its sealed columns; `None` for the holder of an account.
pub(super) fn table_of(subject: Subject) -> Option<(&'static str, i64, &'static [&'static str])> {
    match subject {
        Subject::Case(CaseId(id)) => Some(("cases", id, &CASE_COLUMNS)),
        Subject::Volunteer(VolunteerId(id)) => Some(("volunteers", id, &VOLUNTEER_COLUMNS)),
        Subject::Account(_) => None,
    }
}

/// Takes people out in the transaction at hand: their rows, what points at them, and what else names them. Answers the
/// needles, and the rows as they were.
macro_rules! erase_rows {
    ($tx:ident, $store:expr, $subjects:expr, $reason:expr, $today:expr) => {{
        let mut needles = $crate::store::erasure::Needles::default();
        let mut tables = std::collections::BTreeSet::new();
        let mut erased: Vec<$crate::domain::audit::Subject> = Vec::new();
        for subject in $subjects {
            let Some((table, id, _)) = $crate::store::erasure::table_of(*subject) else { continue };
            let Some(row) = $crate::store::erasure::doomed!($tx, *subject) else { continue };
            for sql in [
                "delete from retention_items where case_id = $1 and $2 = 'cases'",
                "delete from changes where row_id = $1 and table_name = $2",
            ] {
                sqlx::query(sql).bind(id).bind(table).execute(&mut *$tx).await?;
            }
            let mut delete = sqlx::QueryBuilder::new("delete from ");
            delete.push(table).push(" where id = ").push_bind(id);
            delete.build().execute(&mut *$tx).await?;
            sqlx::query(
                "insert into tombstones (subject, reason, erased_on) values ($1, $2, $3) on conflict (subject) do nothing",
            )
            .bind($store.tombstone(table, &row.reference.text).to_vec())
            .bind($reason.code())
            .bind($today)
            .execute(&mut *$tx)
            .await?;
            tables.insert(table);
            erased.push(*subject);
            needles.note(row);
        }
        for table in tables {
            // Running servers read the whole table again: the number of a row would outlive it.
            sqlx::query("insert into changes (table_name, row_id) values ($1, 0)").bind(table).execute(&mut *$tx).await?;
        }
        $crate::store::erasure::leave_out_shared!($tx, needles);
        (needles, erased)
    }};
}

/// Reads a row whole before it is erased.
macro_rules! doomed {
    ($tx:ident, $subject:expr) => {{
        use sqlx::Row as _;
        match $crate::store::erasure::table_of($subject) {
            None => None,
            Some((table, id, columns)) => {
                let mut select = sqlx::QueryBuilder::new("select reference, ");
                // What stands beside the reference in the record.
                select.push(if table == "cases" { "state, subject" } else { "'', ''" });
                for column in columns.iter().chain(&$crate::store::erasure::INDEXES) {
                    select.push(", ").push(*column);
                }
                select.push(" from ").push(table).push(" where id = ").push_bind(id);
                match select.build().fetch_optional(&mut *$tx).await? {
                    None => None,
                    Some(row) => {
                        let text: String = row.try_get(0)?;
                        let (state, kind): (String, String) = (row.try_get(1)?, row.try_get(2)?);
                        let mut sealed: Vec<Option<Vec<u8>>> = Vec::with_capacity(columns.len());
                        for at in 0..columns.len() {
                            sealed.push(row.try_get(3 + at)?);
                        }
                        let mut indexes: Vec<Option<Vec<u8>>> = Vec::with_capacity(3);
                        for at in 0..$crate::store::erasure::INDEXES.len() {
                            indexes.push(row.try_get(3 + columns.len() + at)?);
                        }
                        let follows = match &sealed[0] {
                            Some(first) if table == "volunteers" => first.iter().copied().take(32).collect(),
                            _ => format!("{state}{kind}").into_bytes(),
                        };
                        let reference = $crate::store::erasure::Reference { table, id, text, follows };
                        Some($crate::store::erasure::Doomed { subject: $subject, reference, sealed, indexes })
                    }
                }
            }
        }
    }};
}

/// Drops the blind indexes that living rows bear too.
macro_rules! leave_out_shared {
    ($tx:ident, $needles:ident) => {
        let mut own = Vec::new();
        for index in std::mem::take($needles.indexes_mut()) {
            let others: i64 = sqlx::query_scalar(
                "select (select count(*) from cases where name_index = $1 or phone_index = $1 or address_index = $1) \
                 + (select count(*) from volunteers where name_index = $1 or phone_index = $1 or address_index = $1)",
            )
            .bind(&index)
            .fetch_one(&mut *$tx)
            .await?;
            if others == 0 && !own.contains(&index) {
                own.push(index);
            }
        }
        *$needles.indexes_mut() = own;
    };
}
/// Whether a case that bore this reference was erased.
macro_rules! is_erased {
    ($tx:ident, $store:expr, $reference:expr) => {{
        let known: Option<chrono::NaiveDate> = sqlx::query_scalar($crate::store::erasure::TOMBSTONE)
            .bind($store.tombstone("cases", $reference).to_vec())
            .fetch_optional(&mut *$tx)
            .await?;
        known.is_some()
    }};
}
pub(super) use {doomed, erase_rows, is_erased, leave_out_shared};

impl Needles {
    pub(super) fn indexes_mut(&mut self) -> &mut Vec<Vec<u8>> {
        &mut self.indexes
    }
}

impl Store {
    /// What is left of somebody in `tombstones`: the reference under a key.
    pub(super) fn tombstone(&self, table: &str, reference: &str) -> [u8; 32] {
        keyed_hash(&self.secrets.pseudonym, &[b"tombstone", table.as_bytes(), reference.as_bytes()])
    }

    /// Which of these references of `cases` or `volunteers` were borne by somebody who was erased.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn erased_among<'a>(
        &self,
        table: &str,
        references: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeSet<&'a str>, StoreError> {
        const ALL: &str = "select subject from tombstones";
        let known: Vec<Vec<u8>> = on_pool!(self, pool => sqlx::query_scalar(ALL).fetch_all(pool).await?);
        let known: BTreeSet<Vec<u8>> = known.into_iter().collect();
        if known.is_empty() {
            return Ok(BTreeSet::new());
        }
        Ok(references.into_iter().filter(|r| known.contains(self.tombstone(table, r).as_slice())).collect())
    }

    /// How many people were erased, by reason.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn erasures(&self) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(TOMBSTONES).fetch_all(pool).await?))
    }

    /// Erases one person in one transaction with the line of the trail. A volunteer who still has cases stays.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; nothing is erased then.
    pub async fn erase(&self, subject: Subject, how: &Erasure, entry: Entry) -> Result<Erased, StoreError> {
        let (at, today) = (entry.author.at, entry.author.today());
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            if let Subject::Volunteer(VolunteerId(id)) = subject {
                let cases: i64 = sqlx::query_scalar(CASES_OF).bind(id).fetch_one(&mut *tx).await?;
                if cases > 0 {
                    return Ok(Erased::HasCases(cases));
                }
            }
            if let Some(until) = how.remember_until
                && let Some(row) = doomed!(tx, subject)
            {
                remember_opposition!(tx, self, row, today, until);
            }
            let (needles, erased) = erase_rows!(tx, self, &[subject], how.reason, today);
            if erased.is_empty() {
                return Ok(Erased::NotThere);
            }
            if let Some(request) = how.request {
                sqlx::query(CARRIED_OUT).bind(at).bind(request).execute(&mut *tx).await?;
            }
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(Erased::Gone(needles))
        })
    }

    /// Rewrites what deletions have left behind: afterwards no page holds what no row holds.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or there is no room for a second copy of it.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        match &self.pool {
            Pool::Sqlite(pool) => scrub_sqlite(pool).await,
            Pool::Postgres(pool) => scrub_postgres(pool).await,
        }
    }

    /// Seeks what was noted before an erasure everywhere in the database.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or its file cannot be read.
    pub async fn seek(&self, needles: &Needles) -> Result<Search, StoreError> {
        let mut search = match &self.pool {
            Pool::Sqlite(pool) => seek_in_sqlite(pool, needles).await?,
            Pool::Postgres(pool) => seek_in_postgres(pool, needles).await?,
        };
        for (table, sql) in [
            ("changes", "select count(*) from changes where row_id = $1 and table_name = $2"),
            ("retention_items", "select count(*) from retention_items where case_id = $1 and $2 = 'cases'"),
        ] {
            let mut found = 0;
            for reference in &needles.references {
                let rows: i64 = on_pool!(self, pool => {
                    sqlx::query_scalar(sql).bind(reference.id).bind(reference.table).fetch_one(pool).await?
                });
                found += usize::from(rows > 0);
            }
            search.found += found;
            search.places.push(Searched {
                place: table.to_owned(),
                read: rows_of(self, table).await?,
                file: false,
                found,
            });
        }
        Ok(search)
    }
}

async fn rows_of(store: &Store, table: &'static str) -> Result<u64, StoreError> {
    let rows: i64 = on_pool!(store, pool => {
        let mut query = sqlx::QueryBuilder::new("select count(*) from ");
        query.push(table).build_query_scalar().fetch_one(pool).await?
    });
    Ok(rows.unsigned_abs())
}

async fn scrub_sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    // One connection for all three: the pragmas hold for it. A reader who holds the log up is waited for; if it stays, the
    // search that follows reads the log too and tells the truth.
    let mut connection = pool.acquire().await?;
    for statement in ["pragma wal_checkpoint(truncate)", "vacuum", "pragma wal_checkpoint(truncate)"] {
        sqlx::query(statement).fetch_all(&mut *connection).await?;
    }
    Ok(())
}

/// `vacuum full` would copy along what a transaction that is still running may yet look at, an erased person too. A change of
/// type writes a new file from what is there now; the old one goes at the commit. All tables are rewritten that name a
/// person or hold what the key file's key has sealed.
async fn scrub_postgres(pool: &PgPool) -> Result<(), StoreError> {
    let people = TABLES.iter().map(|sealed| (sealed.table, sealed.columns[0], "bytea", "|| ''::bytea"));
    let others = [
        ("secrets", "sealed", "bytea", "|| ''::bytea"),
        ("key_checks", "sealed", "bytea", "|| ''::bytea"),
        ("changes", "row_id", "bigint", "+ 0"),
        ("retention_items", "case_id", "bigint", "+ 0"),
    ];
    for (table, column, kind, nothing) in people.chain(others) {
        let statement = format!("alter table {table} alter column {column} type {kind} using ({column} {nothing})");
        sqlx::QueryBuilder::<sqlx::Postgres>::new(statement).build().execute(pool).await?;
    }
    Ok(())
}

/// The files of a database: itself, the write-ahead log with its index, and a rollback journal.
fn files_of(path: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm", "-journal"]
        .iter()
        .map(|suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        })
        .collect()
}

async fn seek_in_sqlite(pool: &SqlitePool, needles: &Needles) -> Result<Search, StoreError> {
    let path = pool.connect_options().get_filename().to_owned();
    let searcher = Searcher::new(needles.patterns());
    let work = move || {
        let mut all = BTreeSet::new();
        let mut places = Vec::new();
        for file in files_of(&path) {
            let mut found = BTreeSet::new();
            let read = searcher.seek_in_file(&file, &mut found)?;
            let place = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            places.push(Searched { place, read, file: true, found: found.len() });
            all.append(&mut found);
        }
        Ok::<_, io::Error>(Search { found: all.len(), places, wal: None })
    };
    let searched = tokio::task::spawn_blocking(work).await.map_err(io::Error::other).and_then(|searched| searched);
    searched.map_err(|error| StoreError::CannotOpen { path: "(the database)".into(), reason: error.to_string() })
}

async fn seek_in_postgres(pool: &PgPool, needles: &Needles) -> Result<Search, StoreError> {
    const SEALED: &str = "select table_name::text, column_name::text from information_schema.columns \
        where table_schema = current_schema() and data_type = 'bytea' order by 1, 2";
    const SETTINGS: &str = "select current_setting('max_wal_size'), current_setting('checkpoint_timeout'), \
        current_setting('archive_mode')";
    let bytes: Vec<Vec<u8>> = needles.sealed.iter().chain(&needles.indexes).cloned().collect();
    let mut all: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut search = Search::default();
    for (table, column) in sqlx::query_as::<_, (String, String)>(SEALED).fetch_all(pool).await? {
        // Names from the database's own catalogue, quoted.
        let mut query =
            sqlx::QueryBuilder::new(format!("select distinct \"{column}\" from \"{table}\" where \"{column}\" = any("));
        query.push_bind(bytes.clone()).push(")");
        let found: Vec<Vec<u8>> = query.build_query_scalar().fetch_all(pool).await?;
        let mut count = sqlx::QueryBuilder::new(format!("select count(*) from \"{table}\""));
        let rows: i64 = count.build_query_scalar().fetch_one(pool).await?;
        let place = format!("{table}.{column}");
        search.places.push(Searched { place, read: rows.unsigned_abs(), file: false, found: found.len() });
        all.extend(found);
    }
    search.found = all.len();
    for table in ["cases", "volunteers"] {
        let references: Vec<String> =
            needles.references.iter().filter(|r| r.table == table).map(|r| r.text.clone()).collect();
        let mut query = sqlx::QueryBuilder::new("select count(*), count(*) filter (where reference = any(");
        query.push_bind(references).push(")) from ").push(table);
        let (rows, found): (i64, i64) = query.build_query_as().fetch_one(pool).await?;
        search.found += found as usize;
        let place = format!("{table}.reference");
        search.places.push(Searched { place, read: rows.unsigned_abs(), file: false, found: found as usize });
    }
    let (size, time, archive): (String, String, String) = sqlx::query_as(SETTINGS).fetch_one(pool).await?;
    search.wal = Some([size, time, archive]);
    Ok(search)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_index_entry_is_written_as_sqlite_writes_it() {
        assert_eq!(index_record("C-0042", 1), [&[3, 25, 9][..], b"C-0042"].concat());
        assert_eq!(index_record("C-0042", 300), [&[3, 25, 2][..], b"C-0042", &[1, 44]].concat());
        let long = "x".repeat(64);
        assert_eq!(index_record(&long, -1), [&[4, 0x81, 0x0d, 1][..], long.as_bytes(), &[0xff]].concat());
    }

    proptest! {
        #[test]
        fn the_search_finds_what_a_plain_search_finds(
            bytes in prop::collection::vec(0_u8..3, 0..300),
            patterns in prop::collection::vec(prop::collection::vec(0_u8..3, 4..9), 0..6),
        ) {
            let numbered: Vec<(usize, Vec<u8>)> = patterns.iter().cloned().enumerate().collect();
            let mut found = BTreeSet::new();
            Searcher::new(numbered).seek(&bytes, &mut found);
            let plain: BTreeSet<usize> = (patterns.iter().enumerate())
                .filter(|(_, pattern)| bytes.windows(pattern.len()).any(|window| window == pattern.as_slice()))
                .map(|(at, _)| at)
                .collect();
            prop_assert_eq!(found, plain);
        }
    }

    #[test]
    fn a_needle_over_the_border_of_two_parts_of_a_file_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let needle: Vec<u8> = (1..=16).collect();
        let searcher = Searcher::new(vec![(0, needle.clone())]);
        for before in (1 << 20) - 20..(1 << 20) + 40 {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(&needle);
            std::fs::write(&path, &bytes).expect("write");
            let mut found = BTreeSet::new();
            assert_eq!(searcher.seek_in_file(&path, &mut found).expect("read"), bytes.len() as u64);
            assert_eq!(found.len(), 1, "after {before} bytes");
        }
    }
}

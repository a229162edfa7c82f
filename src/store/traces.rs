//! What is noted of people before they are erased, and looking afterwards whether it is gone.
//!
//! Every ciphertext, blind index, reference and key of an erased row is kept, sealed, in the erasure's own transaction: a
//! proof that was cut short, or that found something, can be asked for again. The row goes with a proof that found nothing.
//! A ciphertext is kept without its nonce: sought it can be, opened it cannot, by nobody and with no key.
//!
//! The database is first rewritten without its free pages; then what was noted is sought byte by byte in its files
//! (`SQLite`), or in every sealed column of every table (`PostgreSQL`, whose files this program may not read), and the keys
//! in every column that can hold one.
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
use super::erasure::Doomed;
use super::rotation::TABLES as SEALED_TABLES;
use super::seal::SEAL_BODY;
use super::{Pool, Store, StoreError};
use crate::domain::audit::Entry;

const SELECT: &str = "select id, run_id, request_id, kept, since_on, sought from traces";
pub(super) const INSERT: &str =
    "insert into traces (id, run_id, request_id, kept, since_on, sought) values ($1, $2, $3, $4, $5, $6)";
const FORGET: &str = "delete from traces where id = $1";
const PROOF_OF_RUN: &str = "update retention_runs set proof = $1 where id = $2";
const PROOF_OF_REQUEST: &str = "update rights_requests set proof = $1 where id = $2";

/// Where the key of a record can stand besides the record itself: the record's table, the place, and how many rows there
/// hold it.
const HOLDERS: [(&str, &str, &str); 17] = [
    ("cases", "changes", "select count(*) from changes where row_id = $1 and table_name = 'cases'"),
    ("cases", "retention_items", "select count(*) from retention_items where case_id = $1"),
    (
        "cases",
        "rights_requests",
        "select count(*) from rights_requests where subject_id = $1 and subject_kind = 'case'",
    ),
    ("volunteers", "changes", "select count(*) from changes where row_id = $1 and table_name = 'volunteers'"),
    ("volunteers", "cases", "select count(*) from cases where volunteer_id = $1"),
    ("volunteers", "accounts", "select count(*) from accounts where volunteer_id = $1"),
    (
        "volunteers",
        "rights_requests",
        "select count(*) from rights_requests where subject_id = $1 and subject_kind = 'volunteer'",
    ),
    ("relays", "changes", "select count(*) from changes where row_id = $1 and table_name = 'relays'"),
    (
        "relays",
        "rights_requests",
        "select count(*) from rights_requests where subject_id = $1 and subject_kind = 'relay'",
    ),
    ("accounts", "accounts", "select count(*) from accounts where id = $1"),
    ("accounts", "account_roles", "select count(*) from account_roles where account_id = $1"),
    ("accounts", "sessions", "select count(*) from sessions where account_id = $1"),
    ("accounts", "devices", "select count(*) from devices where account_id = $1"),
    ("accounts", "notices", "select count(*) from notices where account_id = $1"),
    ("accounts", "rights_requests", "select count(*) from rights_requests where created_by = $1"),
    ("accounts", "retention_runs", "select count(*) from retention_runs where made_by = $1"),
    ("accounts", "retention_runs", "select count(*) from retention_runs where signed_by = $1"),
];

/// Tables whose records are erased.
const TABLES: [&str; 4] = ["cases", "volunteers", "relays", "accounts"];

/// How long a piece of a ciphertext is that is sought.
const PIECE: usize = 16;

/// Whose traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracesOf {
    /// Of everybody whose erasure has not been proved.
    Everybody,
    /// Of one erasure, by the key of its traces.
    Erasure(i64),
    /// Of a purge.
    Run(i64),
    /// Of what a request asked for.
    Request(i64),
}

/// What must still be sought after an erasure.
#[derive(Debug)]
pub struct Traces {
    /// Key.
    pub id: i64,
    /// The purge that it was.
    pub run: Option<i64>,
    /// The request that it carried out; with neither it was a refusal.
    pub request: Option<i64>,
    /// How many on the list of a purge stayed.
    pub kept: i64,
    /// The oldest day on which one of the erased was reported.
    pub since: Option<NaiveDate>,
    /// What is sought.
    pub needles: Needles,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    run_id: Option<i64>,
    request_id: Option<i64>,
    kept: i64,
    since_on: Option<NaiveDate>,
    sought: Vec<u8>,
}

/// What was noted of people before they were erased.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needles {
    /// How many people.
    pub people: usize,
    sealed: Vec<Vec<u8>>,
    indexes: Vec<Vec<u8>>,
    references: Vec<Reference>,
}

/// A record's key and reference, and what stands beside the reference in the record. An account has no reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub table: &'static str,
    pub id: i64,
    pub text: String,
    pub follows: Vec<u8>,
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
        self.note_more(row.reference, row.sealed, row.indexes);
    }

    /// Notes another record of somebody who is counted already, such as the account.
    pub(super) fn note_more(
        &mut self,
        reference: Reference,
        sealed: impl IntoIterator<Item = Option<Vec<u8>>>,
        indexes: impl IntoIterator<Item = Option<Vec<u8>>>,
    ) {
        let body = |field: Vec<u8>| field.get(SEAL_BODY..).unwrap_or_default().to_vec();
        self.sealed.extend(sealed.into_iter().flatten().map(body));
        self.indexes.extend(indexes.into_iter().flatten());
        self.references.push(reference);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.people += other.people;
        self.sealed.extend(other.sealed);
        self.indexes.extend(other.indexes);
        self.references.extend(other.references);
    }

    pub(super) fn indexes_mut(&mut self) -> &mut Vec<Vec<u8>> {
        &mut self.indexes
    }

    /// As bytes, to be sealed: parts of a kind, a length and a content each.
    pub(super) fn written(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut part = |kind: u8, content: &[u8]| {
            bytes.push(kind);
            bytes.extend_from_slice(&(content.len() as u32).to_le_bytes());
            bytes.extend_from_slice(content);
        };
        part(b'p', &(self.people as u64).to_le_bytes());
        self.sealed.iter().for_each(|sealed| part(b's', sealed));
        self.indexes.iter().for_each(|index| part(b'i', index));
        for reference in &self.references {
            part(b't', reference.table.as_bytes());
            part(b'k', &reference.id.to_le_bytes());
            part(b'r', reference.text.as_bytes());
            part(b'f', &reference.follows);
        }
        bytes
    }

    /// Reads what [`Self::written`] wrote; `None` for anything else.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut needles = Self::default();
        while let Some((kind, rest)) = bytes.split_first() {
            let (length, rest) = rest.split_first_chunk()?;
            let (content, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            bytes = rest;
            if *kind == b't' {
                let table = TABLES.iter().find(|table| table.as_bytes() == content)?;
                needles.references.push(Reference { table, id: 0, text: String::new(), follows: Vec::new() });
                continue;
            }
            match (kind, needles.references.last_mut()) {
                (b'p', _) => needles.people = usize::try_from(u64::from_le_bytes(content.try_into().ok()?)).ok()?,
                (b's', _) => needles.sealed.push(content.to_vec()),
                (b'i', _) => needles.indexes.push(content.to_vec()),
                (b'k', Some(last)) => last.id = i64::from_le_bytes(content.try_into().ok()?),
                (b'r', Some(last)) => last.text = String::from_utf8(content.to_vec()).ok()?,
                (b'f', Some(last)) => last.follows = content.to_vec(),
                _ => return None,
            }
        }
        Some(needles)
    }

    /// Bytes to seek in a file of `SQLite`, each with the number of its needle.
    fn patterns(&self) -> Vec<(usize, Vec<u8>)> {
        let mut patterns = Vec::new();
        for (needle, sealed) in self.sealed.iter().enumerate() {
            patterns.extend(sealed.chunks_exact(PIECE).map(|piece| (needle, piece.to_vec())));
        }
        for (at, index) in self.indexes.iter().enumerate() {
            patterns.push((self.sealed.len() + at, index.clone()));
        }
        for (at, reference) in self.references.iter().enumerate().filter(|(_, reference)| !reference.text.is_empty()) {
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

/// Keeps what must be sought, in the transaction that erases, and answers its key.
macro_rules! keep_traces {
    ($tx:ident, $store:expr, $needles:expr, $run:expr, $request:expr, $kept:expr, $since:expr) => {{
        let id = $crate::store::upsert::next_ids!($tx, "traces", 1);
        sqlx::query($crate::store::traces::INSERT)
            .bind(id)
            .bind($run)
            .bind($request)
            .bind($kept)
            .bind($since)
            .bind($store.sealed_row("traces", id).seal_bytes("sought", &$needles.written())?)
            .execute(&mut *$tx)
            .await?;
        id
    }};
}
pub(super) use keep_traces;

impl Store {
    /// What must still be sought, the oldest first; nothing once it was sought and not found.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn traces(&self, of: TracesOf) -> Result<Vec<Traces>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(SELECT);
            match of {
                TracesOf::Everybody => &mut query,
                TracesOf::Erasure(id) => query.push(" where id = ").push_bind(id),
                TracesOf::Run(id) => query.push(" where run_id = ").push_bind(id),
                TracesOf::Request(id) => query.push(" where request_id = ").push_bind(id),
            };
            query.push(" order by id").build_query_as().fetch_all(pool).await?
        });
        let open = |row: Row| {
            let written = self.sealed_row("traces", row.id).open_bytes("sought", &row.sought)?;
            Ok(Traces {
                id: row.id,
                run: row.run_id,
                request: row.request_id,
                kept: row.kept,
                since: row.since_on,
                needles: Needles::read(&written).ok_or_else(|| StoreError::corrupt("traces.sought".to_owned()))?,
            })
        };
        rows.into_iter().map(open).collect()
    }

    /// Keeps the proof with the purge or request that it is of, and forgets what was sought when nothing was found.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn keep_proof(&self, traces: &Traces, proof: &str, clean: bool, entry: Entry) -> Result<(), StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            for (sql, of) in [(PROOF_OF_RUN, traces.run), (PROOF_OF_REQUEST, traces.request)] {
                sqlx::query(sql).bind(proof).bind(of).execute(&mut *tx).await?;
            }
            if clean {
                sqlx::query(FORGET).bind(traces.id).execute(&mut *tx).await?;
            }
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
        });
        Ok(())
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
        for (table, place, sql) in HOLDERS {
            let keys: Vec<i64> = needles.references.iter().filter(|r| r.table == table).map(|r| r.id).collect();
            if keys.is_empty() {
                continue;
            }
            let mut found = 0;
            for key in keys {
                let rows: i64 = on_pool!(self, pool => sqlx::query_scalar(sql).bind(key).fetch_one(pool).await?);
                found += usize::from(rows > 0);
            }
            search.found += found;
            search.places.push(Searched {
                place: place.to_owned(),
                read: rows_of(self, place).await?,
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
    // One connection for all: the pragmas hold for it. A reader who holds the log up is waited for, not for long: the
    // search that follows reads the log too and tells the truth, and whoever asked looks again.
    let mut connection = pool.acquire().await?;
    for statement in [
        "pragma busy_timeout = 1000",
        "pragma wal_checkpoint(truncate)",
        "pragma busy_timeout = 10000",
        "vacuum",
        "pragma busy_timeout = 1000",
        "pragma wal_checkpoint(truncate)",
        "pragma busy_timeout = 10000",
    ] {
        sqlx::query(statement).fetch_all(&mut *connection).await?;
    }
    Ok(())
}

/// `vacuum full` would copy along what a transaction that is still running may yet look at, an erased person too. A change of
/// type writes a new file from what is there now; the old one goes at the commit. All tables are rewritten that name a
/// person or hold what the key file's key has sealed.
async fn scrub_postgres(pool: &PgPool) -> Result<(), StoreError> {
    let sealed = SEALED_TABLES.iter().map(|sealed| (sealed.table, sealed.columns[0], "bytea", "|| ''::bytea"));
    let others = [
        ("secrets", "sealed", "bytea", "|| ''::bytea"),
        ("key_checks", "sealed", "bytea", "|| ''::bytea"),
        ("account_roles", "role", "text", "|| ''"),
        ("sessions", "device_id", "bigint", "+ 0"),
        ("changes", "row_id", "bigint", "+ 0"),
        ("retention_items", "case_id", "bigint", "+ 0"),
    ];
    for (table, column, kind, nothing) in sealed.chain(others) {
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
    let mut all: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut search = Search::default();
    for (table, column) in sqlx::query_as::<_, (String, String)>(SEALED).fetch_all(pool).await? {
        // Names from the database's own catalogue, quoted.
        let mut found: Vec<Vec<u8>> = Vec::new();
        let body = format!("substring(\"{column}\" from {})", SEAL_BODY + 1);
        for (part, sought) in [(body, &needles.sealed), (format!("\"{column}\""), &needles.indexes)] {
            let mut query =
                sqlx::QueryBuilder::new(format!("select distinct {part} from \"{table}\" where {part} = any("));
            query.push_bind(sought.clone()).push(")");
            let more: Vec<Vec<u8>> = query.build_query_scalar().fetch_all(pool).await?;
            found.extend(more);
        }
        let mut count = sqlx::QueryBuilder::new(format!("select count(*) from \"{table}\""));
        let rows: i64 = count.build_query_scalar().fetch_one(pool).await?;
        let place = format!("{table}.{column}");
        search.places.push(Searched { place, read: rows.unsigned_abs(), file: false, found: found.len() });
        all.extend(found);
    }
    search.found = all.len();
    for table in ["cases", "volunteers", "relays"] {
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
    fn what_was_noted_is_read_back_as_it_was_written() {
        let reference = |table, id, text: &str| Reference { table, id, text: text.into(), follows: b"closed".to_vec() };
        let needles = Needles {
            people: 2,
            sealed: vec![vec![1; 40], Vec::new()],
            indexes: vec![vec![7; 16]],
            references: vec![reference("cases", 42, "C-0042"), reference("accounts", -1, "")],
        };
        let written = needles.written();
        assert_eq!(Needles::read(&written), Some(needles));
        assert_eq!(Needles::read(&written[..written.len() - 1]), None);
        assert_eq!(Needles::read(b"x\0\0\0\0"), None);
    }

    #[test]
    fn what_is_kept_of_a_field_can_be_sought_and_never_opened_again() {
        let mut needles = Needles::default();
        let field: Vec<u8> = (0..=255).take(SEAL_BODY + 48).map(|byte: u8| byte.wrapping_mul(7)).collect();
        let reference = Reference { table: "cases", id: 1, text: "C-1".into(), follows: Vec::new() };
        needles.note_more(reference, [Some(field.clone()), None], []);
        assert_eq!(needles.sealed, [field[SEAL_BODY..].to_vec()]);
        let mut found = BTreeSet::new();
        Searcher::new(needles.patterns()).seek(&field, &mut found);
        assert_eq!(found, BTreeSet::from([0]));
        let nonce = &field[SEAL_BODY - 24..SEAL_BODY];
        assert!(!needles.written().windows(24).any(|window| window == nonce));
    }

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

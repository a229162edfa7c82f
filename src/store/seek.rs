//! Looking in every byte whether the erased are gone.
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

use sqlx::{PgPool, SqlitePool};

use super::rotation::TABLES;
use super::seal::SEAL_BODY;
use super::traces::Needles;
use super::{Pool, Store, StoreError};

/// Where the key of a record can stand besides the record itself: the record's table, the place, and how many rows there
/// hold it.
const HOLDERS: [(&str, &str, &str); 37] = [
    ("cases", "changes", "select count(*) from changes where row_id = $1 and table_name = 'cases'"),
    ("cases", "retention_items", "select count(*) from retention_items where case_id = $1"),
    (
        "cases",
        "rights_requests",
        "select count(*) from rights_requests where subject_id = $1 and subject_kind = 'case'",
    ),
    ("cases", "relay_reports", "select count(*) from relay_reports where id = $1"),
    ("cases", "reports", "select count(*) from reports where case_id = $1"),
    ("cases", "households", "select count(*) from households where id = $1"),
    ("cases", "idempotency_keys", "select count(*) from idempotency_keys where case_id = $1"),
    ("reports", "reports", "select count(*) from reports where id = $1"),
    ("households", "households", "select count(*) from households where id = $1"),
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
    ("cases", "case_moves", "select count(*) from case_moves where case_id = $1"),
    ("cases", "visits", "select count(*) from visits where case_id = $1"),
    ("cases", "referrals", "select count(*) from referrals where case_id = $1"),
    ("cases", "conflicts", "select count(*) from conflicts where case_id = $1"),
    ("volunteers", "cases", "select count(*) from cases where backup_id = $1"),
    ("volunteers", "case_moves", "select count(*) from case_moves where volunteer_id = $1"),
    ("volunteers", "visits", "select count(*) from visits where volunteer_id = $1"),
    ("volunteers", "absences", "select count(*) from absences where volunteer_id = $1"),
    ("volunteers", "conflicts", "select count(*) from conflicts where volunteer_id = $1"),
    ("accounts", "case_moves", "select count(*) from case_moves where account_id = $1"),
    ("accounts", "visits", "select count(*) from visits where account_id = $1"),
    ("relays", "sticker_codes", "select count(*) from sticker_codes where id = $1"),
    ("relays", "relay_reports", "select count(*) from relay_reports where relay_id = $1"),
    ("accounts", "accounts", "select count(*) from accounts where id = $1"),
    ("accounts", "account_roles", "select count(*) from account_roles where account_id = $1"),
    ("accounts", "sessions", "select count(*) from sessions where account_id = $1"),
    ("accounts", "devices", "select count(*) from devices where account_id = $1"),
    ("accounts", "notices", "select count(*) from notices where account_id = $1"),
    ("accounts", "reports", "select count(*) from reports where account_id = $1"),
    ("accounts", "rights_requests", "select count(*) from rights_requests where created_by = $1"),
    ("accounts", "retention_runs", "select count(*) from retention_runs where made_by = $1"),
    ("accounts", "retention_runs", "select count(*) from retention_runs where signed_by = $1"),
];

/// How long a piece of a ciphertext is that is sought.
const PIECE: usize = 16;

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
    /// Bytes to seek in a file of `SQLite`, each with the number of its needle.
    pub(super) fn patterns(&self) -> Vec<(usize, Vec<u8>)> {
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
pub(super) struct Searcher {
    starts: Vec<bool>,
    patterns: HashMap<[u8; 4], Vec<(usize, Vec<u8>)>>,
    longest: usize,
}

impl Searcher {
    pub(super) fn new(patterns: Vec<(usize, Vec<u8>)>) -> Self {
        let mut searcher = Self { starts: vec![false; 1 << 16], patterns: HashMap::new(), longest: 4 };
        for (needle, pattern) in patterns {
            let Some(head) = pattern.first_chunk::<4>().copied() else { continue };
            searcher.starts[usize::from(u16::from_le_bytes([head[0], head[1]]))] = true;
            searcher.longest = searcher.longest.max(pattern.len());
            searcher.patterns.entry(head).or_default().push((needle, pattern));
        }
        searcher
    }

    pub(super) fn seek(&self, bytes: &[u8], found: &mut BTreeSet<usize>) {
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

impl Store {
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
    let sealed = TABLES.iter().map(|sealed| (sealed.table, sealed.columns[0], "bytea", "|| ''::bytea"));
    let others = [
        ("secrets", "sealed", "bytea", "|| ''::bytea"),
        ("key_checks", "sealed", "bytea", "|| ''::bytea"),
        ("account_roles", "role", "text", "|| ''"),
        ("sessions", "device_id", "bigint", "+ 0"),
        ("changes", "row_id", "bigint", "+ 0"),
        ("retention_items", "case_id", "bigint", "+ 0"),
        ("idempotency_keys", "digest", "bytea", "|| ''::bytea"),
        ("retention_runs", "cases", "bigint", "+ 0"),
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

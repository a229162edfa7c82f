//! What is noted of people before they are erased, and kept until it was sought and not found.
//!
//! Every ciphertext, blind index, reference and key of an erased row is kept, sealed, in the erasure's own transaction: a
//! proof that was cut short, or that found something, can be asked for again. The row goes with a proof that found nothing.
//! A ciphertext is kept without its nonce: sought it can be, opened it cannot, by nobody and with no key.
//!
//! `seek.rs` looks for it.

use chrono::NaiveDate;

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::erasure::Doomed;
use super::seal::SEAL_BODY;
use super::{Store, StoreError};
use crate::domain::audit::Entry;

const SELECT: &str = "select id, run_id, request_id, kept, since_on, sought from traces";
pub(super) const INSERT: &str =
    "insert into traces (id, run_id, request_id, kept, since_on, sought) values ($1, $2, $3, $4, $5, $6)";
const FORGET: &str = "delete from traces where id = $1";
const PROOF_OF_RUN: &str = "update retention_runs set proof = $1 where id = $2";
const PROOF_OF_REQUEST: &str = "update rights_requests set proof = $1 where id = $2";

/// Tables whose records are erased.
const TABLES: [&str; 6] = ["cases", "volunteers", "relays", "accounts", "reports", "households"];

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
    pub(super) sealed: Vec<Vec<u8>>,
    pub(super) indexes: Vec<Vec<u8>>,
    pub(super) references: Vec<Reference>,
}

/// A record's key and reference, and what stands beside the reference in the record. An account has no reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub table: &'static str,
    pub id: i64,
    pub text: String,
    pub follows: Vec<u8>,
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
        self.note_beside(sealed.into_iter().map(|sealed| (sealed, None)));
        self.indexes.extend(indexes.into_iter().flatten());
        self.references.push(reference);
    }

    /// Notes what stands beside a record under its key: a sealed field and a keyed hash each.
    pub(super) fn note_beside(&mut self, rows: impl IntoIterator<Item = (Option<Vec<u8>>, Option<Vec<u8>>)>) {
        let body = |field: Vec<u8>| field.get(SEAL_BODY..).unwrap_or_default().to_vec();
        for (sealed, index) in rows {
            self.sealed.extend(sealed.map(body));
            self.indexes.extend(index);
        }
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
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::seek::Searcher;
    use super::*;

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
}

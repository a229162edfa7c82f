//! Erasing people.
//!
//! One transaction takes the row, what was reported of it, its place on lists of what is to be purged and its numbers in
//! `changes` and in requests, leaves a tombstone, the lines of the trail, and what must be sought afterwards (`traces.rs`).
//! A volunteer's account goes with it; the cases that nobody visits any more let go of the volunteer.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::accounts::{END_SESSIONS, FORGET_DEVICES};
use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::oppositions::remember_opposition;
use super::seal::keyed_hash;
use super::traces::{Needles, Reference, keep_traces};
use super::{Store, StoreError};
use crate::domain::access::Role;
use crate::domain::audit::{Act, Entry, Resource, Subject};
use crate::domain::case::{CaseId, CaseState};
use crate::domain::relay::RelayId;
use crate::domain::rights::ErasureReason;
use crate::domain::volunteer::VolunteerId;

/// What is sealed of a case.
pub const CASE_COLUMNS: [&str; 10] =
    ["family_name", "given_name", "phone", "address", "position", "causes", "signs", "languages", "needs", "notes"];
/// What is sealed of a volunteer.
pub const VOLUNTEER_COLUMNS: [&str; 8] =
    ["family_name", "given_name", "phone", "email", "address", "position", "languages", "needs"];
/// What is sealed of a relay.
pub const RELAY_COLUMNS: [&str; 3] = ["name", "address", "position"];

const CASES_OF: &str = "select id, state from cases where volunteer_id = $1 order by id";
const BACKED_UP: &str = "select id from cases where backup_id = $1 order by id";
const LET_GO: [&str; 2] = [
    "update cases set volunteer_id = null, version = version + 1 where volunteer_id = $1",
    "update cases set backup_id = null, version = version + 1 where backup_id = $1",
];
const ACCOUNTS_OF: &str = "select id, login, name, password, totp, login_index from accounts where volunteer_id = $1";
const OTHER_ROLES: &str = "select count(*) from account_roles where account_id = $1 and role <> $2";
const FORGET_ROLE: &str = "delete from account_roles where account_id = $1 and role = $2";
const FORGET_ACCOUNT: &str = "delete from accounts where id = $1";
const DEVICES_OF: &str = "select pin, token_hash from devices where account_id = $1";
const SESSIONS_OF: &str = "select token_hash from sessions where account_id = $1";
const CARRIED_OUT: &str = "update rights_requests set carried_out_at = $1 where id = $2";
pub(super) const TOMBSTONE: &str = "select erased_on from tombstones where subject = $1";
const TOMBSTONES: &str = "select reason, count(*) from tombstones group by reason order by reason";

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
    /// Done; the key of what must be sought now.
    Gone(i64),
    /// Nobody was there.
    NotThere,
    /// The volunteer still visits this many people, or is to; nothing was erased.
    HasCases(usize),
}

/// A row before it is erased.
pub(super) struct Doomed {
    pub subject: Subject,
    pub reference: Reference,
    pub sealed: Vec<Option<Vec<u8>>>,
    pub indexes: Vec<Option<Vec<u8>>>,
}

/// The table of a person's record, its key and its sealed columns; `None` for the holder of an account.
pub(super) fn table_of(subject: Subject) -> Option<(&'static str, i64, &'static [&'static str])> {
    match subject {
        Subject::Case(CaseId(id)) => Some(("cases", id, &CASE_COLUMNS)),
        Subject::Volunteer(VolunteerId(id)) => Some(("volunteers", id, &VOLUNTEER_COLUMNS)),
        Subject::Relay(RelayId(id)) => Some(("relays", id, &RELAY_COLUMNS)),
        Subject::Account(_) => None,
    }
}

/// The blind indexes of a table.
pub(super) fn indexes_of(table: &str) -> &'static [&'static str] {
    if table == "relays" { &["name_index", "address_index"] } else { &["name_index", "phone_index", "address_index"] }
}

/// What stands beside a record under its key, sealed and as a keyed hash.
pub(super) fn beside(table: &str) -> Option<&'static str> {
    match table {
        "cases" => Some(
            "select reporter, receipt from relay_reports where id = $1 \
             union all select note, null from case_moves where case_id = $1 \
             union all select before, null from case_moves where case_id = $1 \
             union all select mood, null from visits where case_id = $1 \
             union all select note, null from visits where case_id = $1 \
             union all select institution, null from referrals where case_id = $1",
        ),
        "relays" => Some("select code, digest from sticker_codes where id = $1"),
        _ => None,
    }
}

/// Takes people out in the transaction at hand: their rows, what points at them, and what else names them. Answers the
/// needles, and whom they are of.
macro_rules! erase_rows {
    ($tx:ident, $store:expr, $subjects:expr, $reason:expr, $today:expr) => {{
        let mut needles = $crate::store::traces::Needles::default();
        let mut tables = std::collections::BTreeSet::new();
        let mut erased: Vec<$crate::domain::audit::Subject> = Vec::new();
        for subject in $subjects {
            let Some((table, id, _)) = $crate::store::erasure::table_of(*subject) else { continue };
            let Some(row) = $crate::store::erasure::doomed!($tx, *subject) else { continue };
            // What goes along with the row by its foreign key is sought afterwards, too.
            if let Some(beside) = $crate::store::erasure::beside(table) {
                let rows: Vec<(Option<Vec<u8>>, Option<Vec<u8>>)> =
                    sqlx::query_as(beside).bind(id).fetch_all(&mut *$tx).await?;
                needles.note_beside(rows);
            }
            for sql in [
                "delete from retention_items where case_id = $1 and $2 = 'cases'",
                "delete from changes where row_id = $1 and table_name = $2",
            ] {
                sqlx::query(sql).bind(id).bind(table).execute(&mut *$tx).await?;
            }
            sqlx::query(
                "update rights_requests set subject_id = null, subject_pseudonym = $1 \
                 where subject_id = $2 and subject_kind = $3",
            )
            .bind($store.pseudonym(*subject))
            .bind(id)
            .bind(subject.kind())
            .execute(&mut *$tx)
            .await?;
            let beside = if table == "cases" {
                $crate::store::erasure::told_of!($tx, id)
            } else {
                $crate::store::traces::Needles::default()
            };
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
            needles.add(beside);
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
                let index_columns = $crate::store::erasure::indexes_of(table);
                let mut select = sqlx::QueryBuilder::new("select reference, ");
                // What stands beside the reference in the record.
                select.push(if table == "cases" { "state, subject" } else { "'', ''" });
                for column in columns.iter().chain(index_columns) {
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
                        let mut indexes: Vec<Option<Vec<u8>>> = Vec::with_capacity(index_columns.len());
                        for at in 0..index_columns.len() {
                            indexes.push(row.try_get(3 + columns.len() + at)?);
                        }
                        let follows = match &sealed[0] {
                            // Not the whole nonce: nothing of what is kept must open again.
                            Some(first) if table != "cases" => first.iter().copied().take(16).collect(),
                            _ => format!("{state}{kind}").into_bytes(),
                        };
                        let reference = $crate::store::traces::Reference { table, id, text, follows };
                        Some($crate::store::erasure::Doomed { subject: $subject, reference, sealed, indexes })
                    }
                }
            }
        }
    }};
}

/// What is sealed in the reports and the household of a case, which go with it.
macro_rules! told_of {
    ($tx:ident, $case:expr) => {{
        use sqlx::Row as _;
        let mut needles = $crate::store::traces::Needles::default();
        for (table, key, columns) in [
            ("reports", "case_id", &$crate::store::reports::REPORT_COLUMNS[..]),
            ("households", "id", &$crate::store::reports::HOUSEHOLD_COLUMNS[..]),
        ] {
            let mut select = sqlx::QueryBuilder::new("select id");
            for column in columns {
                select.push(", ").push(*column);
            }
            select.push(" from ").push(table).push(" where ").push(key).push(" = ").push_bind($case);
            for row in select.build().fetch_all(&mut *$tx).await? {
                let id: i64 = row.try_get(0)?;
                let mut sealed: Vec<Option<Vec<u8>>> = Vec::with_capacity(columns.len());
                for at in 0..columns.len() {
                    sealed.push(row.try_get(1 + at)?);
                }
                let reference =
                    $crate::store::traces::Reference { table, id, text: String::new(), follows: Vec::new() };
                needles.note_more(reference, sealed, []);
            }
        }
        needles
    }};
}

/// Drops the blind indexes that living rows bear too.
macro_rules! leave_out_shared {
    ($tx:ident, $needles:ident) => {
        let mut own = Vec::new();
        for index in std::mem::take($needles.indexes_mut()) {
            let others: i64 = sqlx::query_scalar(
                "select (select count(*) from cases where name_index = $1 or phone_index = $1 or address_index = $1) \
                 + (select count(*) from volunteers where name_index = $1 or phone_index = $1 or address_index = $1) \
                 + (select count(*) from relays where name_index = $1 or address_index = $1)",
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

/// Takes the accounts of a volunteer who is about to be erased out, and answers what was noted of them; one that has other
/// roles keeps these.
macro_rules! erase_accounts {
    ($tx:ident, $volunteer:expr, $by:expr, $entries:ident) => {{
        use sqlx::Row as _;
        let mut needles = Needles::default();
        for row in sqlx::query(ACCOUNTS_OF).bind($volunteer).fetch_all(&mut *$tx).await? {
            let id: i64 = row.try_get(0)?;
            let code = Role::Bienveilleur.code();
            let others: i64 = sqlx::query_scalar(OTHER_ROLES).bind(id).bind(code).fetch_one(&mut *$tx).await?;
            let mut sealed: Vec<Option<Vec<u8>>> = Vec::new();
            for at in 1..5 {
                sealed.push(row.try_get(at)?);
            }
            let mut indexes: Vec<Option<Vec<u8>>> = vec![row.try_get(5)?];
            for device in sqlx::query(DEVICES_OF).bind(id).fetch_all(&mut *$tx).await? {
                sealed.push(device.try_get(0)?);
                indexes.push(device.try_get(1)?);
            }
            let sessions: Vec<Vec<u8>> = sqlx::query_scalar(SESSIONS_OF).bind(id).fetch_all(&mut *$tx).await?;
            indexes.extend(sessions.into_iter().map(Some));
            for sql in [END_SESSIONS, FORGET_DEVICES] {
                sqlx::query(sql).bind(id).execute(&mut *$tx).await?;
            }
            sqlx::query(FORGET_ROLE).bind(id).bind(code).execute(&mut *$tx).await?;
            if others == 0 {
                sqlx::query(FORGET_ACCOUNT).bind(id).execute(&mut *$tx).await?;
                let reference = Reference { table: "accounts", id, text: String::new(), follows: Vec::new() };
                needles.note_more(reference, sealed, indexes);
            }
            let act = if others == 0 { Act::Erase } else { Act::Update };
            $entries.push($by.entry(act, Resource::Accounts).about(Subject::Account(id)).because("volunteer erased"));
        }
        needles
    }};
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
pub(super) use {doomed, erase_rows, is_erased, leave_out_shared, told_of};

impl Store {
    /// What is left of somebody in `tombstones`: the reference under a key.
    pub(super) fn tombstone(&self, table: &str, reference: &str) -> [u8; 32] {
        keyed_hash(&self.secrets.pseudonym, &[b"tombstone", table.as_bytes(), reference.as_bytes()])
    }

    /// Which of these references of `cases`, `volunteers` or `relays` were borne by somebody who was erased.
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

    /// Erases one person in one transaction with the lines of the trail. A volunteer who still visits somebody, or is to,
    /// stays; else the account goes too, unless it has other roles. `since` is the day of the report.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; nothing is erased then.
    pub async fn erase(
        &self,
        subject: Subject,
        how: &Erasure,
        since: Option<NaiveDate>,
        entry: Entry,
    ) -> Result<Erased, StoreError> {
        let (by, today) = (entry.author, entry.author.today());
        let mut entries = vec![entry];
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let mut more = Needles::default();
            if let Subject::Volunteer(VolunteerId(id)) = subject {
                let cases: Vec<(i64, String)> = sqlx::query_as(CASES_OF).bind(id).fetch_all(&mut *tx).await?;
                let places = |(_, state): &&(i64, String)| state.parse().is_ok_and(CaseState::takes_a_place);
                match cases.iter().filter(places).count() {
                    0 => {}
                    taken => return Ok(Erased::HasCases(taken)),
                }
                // Closed cases bear a volunteer's key for the record: it goes.
                let mut cases: Vec<i64> = cases.into_iter().map(|(case, _)| case).collect();
                cases.extend(sqlx::query_scalar::<_, i64>(BACKED_UP).bind(id).fetch_all(&mut *tx).await?);
                for sql in LET_GO {
                    sqlx::query(sql).bind(id).execute(&mut *tx).await?;
                }
                note_changes!(tx, "cases", cases);
                let let_go = |case: &i64| by.entry(Act::Update, Resource::Cases).about(Subject::Case(CaseId(*case)));
                entries.extend(cases.iter().map(|case| let_go(case).because("volunteer erased")));
                more = erase_accounts!(tx, id, by, entries);
            }
            if let Some(until) = how.remember_until
                && let Some(row) = doomed!(tx, subject)
            {
                remember_opposition!(tx, self, row, today, until);
            }
            let (mut needles, erased) = erase_rows!(tx, self, &[subject], how.reason, today);
            if erased.is_empty() {
                return Ok(Erased::NotThere);
            }
            if let Some(request) = how.request {
                sqlx::query(CARRIED_OUT).bind(by.at).bind(request).execute(&mut *tx).await?;
            }
            needles.add(more);
            let traces = keep_traces!(tx, self, needles, None::<i64>, how.request, 0_i64, since);
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(Erased::Gone(traces))
        })
    }
}

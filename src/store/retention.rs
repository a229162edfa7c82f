//! Purges: prepared, signed off by a second person, carried out, proved.

use chrono::{DateTime, NaiveDate, Utc};

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::erasure::erase_rows;
use super::lists;
use super::traces::keep_traces;
use super::upsert::{CHUNK, next_ids};
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::retention::{CaseDays, Due};
use crate::domain::rights::ErasureReason;

const DAYS: &str = "select id, reference, state, reported_on, informed_on, last_contact_on from cases";
const RUNS: &str = "select id, made_at, made_by, cutoff_on, cases, signed_at, signed_by, purged_at, proof, \
    (select count(*) from traces where run_id = retention_runs.id) as unproved from retention_runs";
const INSERT: &str = "insert into retention_runs (id, made_at, made_by, cutoff_on, cases) values ($1, $2, $3, $4, $5)";
const SIGN: &str = "update retention_runs set signed_at = $1, signed_by = $2 where id = $3 and signed_at is null";
const PURGED: &str = "update retention_runs set purged_at = $1 where id = $2";
const ITEMS: &str = "select i.case_id, c.reference, i.last_on from retention_items i \
    left join cases c on c.id = i.case_id where i.run_id = $1 order by i.last_on, i.case_id";
const FORGET_ITEMS: &str = "delete from retention_items where run_id = $1";

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RetentionRun {
    /// Key.
    pub id: i64,
    /// When it was prepared.
    pub made_at: DateTime<Utc>,
    /// By which account; `None` from the command line.
    pub made_by: Option<i64>,
    /// Cases whose last contact is on this day or before it.
    pub cutoff_on: NaiveDate,
    /// How many cases were listed.
    pub cases: i64,
    /// When it was signed off.
    pub signed_at: Option<DateTime<Utc>>,
    /// By which account.
    pub signed_by: Option<i64>,
    /// When it was carried out.
    pub purged_at: Option<DateTime<Utc>>,
    /// The proof, as `format::proof` writes it.
    pub proof: Option<String>,
    /// Above 0 while there is no proof that found nothing.
    pub unproved: i64,
}

/// A case on a run's list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RetentionItem {
    /// Key of the case.
    pub case_id: i64,
    /// Its reference; `None` when it went by another way meanwhile.
    pub reference: Option<String>,
    /// Day of the last contact.
    pub last_on: NaiveDate,
}

/// What came of signing off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedOff {
    /// Done.
    Done,
    /// No such run.
    NotThere,
    /// Somebody did already.
    Already,
    /// The one who prepared it may not.
    SamePerson,
}

/// What came of a purge.
#[derive(Debug)]
pub enum Purged {
    /// Done; cases of the list that had a contact meanwhile stay.
    Done {
        /// The key of what must be sought of the others.
        traces: i64,
    },
    /// No such run.
    NotThere,
    /// Nobody has signed it off.
    NotSigned,
    /// It was carried out already.
    Already,
}

#[derive(sqlx::FromRow)]
struct DaysRow {
    id: i64,
    reference: String,
    state: String,
    reported_on: NaiveDate,
    informed_on: Option<NaiveDate>,
    last_contact_on: Option<NaiveDate>,
}

impl DaysRow {
    fn days(&self) -> Result<CaseDays, StoreError> {
        Ok(CaseDays {
            state: lists::code(&self.state, "cases.state")?,
            reported_on: self.reported_on,
            informed_on: self.informed_on,
            last_contact_on: self.last_contact_on,
        })
    }
}

impl Store {
    /// Lists who would go at this cut-off, and answers the run's key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn prepare_purge(&self, cutoff: NaiveDate, account: Option<i64>, by: Author) -> Result<i64, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let rows: Vec<DaysRow> = sqlx::query_as(DAYS).fetch_all(&mut *tx).await?;
            let mut items: Vec<(i64, NaiveDate)> = Vec::new();
            for row in rows {
                let days = row.days()?;
                if days.due(cutoff) == Due::Goes {
                    items.push((row.id, days.last_on()));
                }
            }
            let id = next_ids!(tx, "retention_runs", 1);
            let insert = sqlx::query(INSERT).bind(id).bind(by.at).bind(account).bind(cutoff);
            insert.bind(items.len() as i64).execute(&mut *tx).await?;
            for chunk in items.chunks(CHUNK) {
                let mut query = sqlx::QueryBuilder::new("insert into retention_items (run_id, case_id, last_on) ");
                query.push_values(chunk, |mut row, (case, last_on)| {
                    row.push_bind(id).push_bind(*case).push_bind(*last_on);
                });
                query.build().execute(&mut *tx).await?;
            }
            let entry = by.entry(Act::Create, Resource::Retention).over(items.len());
            append_audit!(tx, self, &[entry.because(format!("run {id}"))]);
            tx.commit().await?;
            Ok(id)
        })
    }

    /// Cases whose time has come although somebody still visits, by reference.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn still_followed(&self, cutoff: NaiveDate) -> Result<Vec<String>, StoreError> {
        let rows: Vec<DaysRow> = on_pool!(self, pool => sqlx::query_as(DAYS).fetch_all(pool).await?);
        let mut found = Vec::new();
        for row in rows {
            if row.days()?.due(cutoff) == Due::StillFollowed {
                found.push(row.reference);
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Every run, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn retention_runs(&self) -> Result<Vec<RetentionRun>, StoreError> {
        Ok(on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(RUNS);
            query.push(" order by id desc").build_query_as().fetch_all(pool).await?
        }))
    }

    /// One run.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn retention_run(&self, id: i64) -> Result<Option<RetentionRun>, StoreError> {
        Ok(on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(RUNS);
            query.push(" where id = ").push_bind(id).build_query_as().fetch_optional(pool).await?
        }))
    }

    /// The list of a run, the oldest contact first; empty once it was carried out.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn retention_items(&self, run: i64) -> Result<Vec<RetentionItem>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(ITEMS).bind(run).fetch_all(pool).await?))
    }

    /// Signs a run off; a second person must.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn sign_off(&self, id: i64, account: i64, by: Author) -> Result<SignedOff, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let mut query = sqlx::QueryBuilder::new(RUNS);
            query.push(" where id = ").push_bind(id);
            let run: Option<RetentionRun> = query.build_query_as().fetch_optional(&mut *tx).await?;
            let Some(run) = run else { return Ok(SignedOff::NotThere) };
            if run.signed_at.is_some() {
                return Ok(SignedOff::Already);
            }
            if run.made_by == Some(account) {
                return Ok(SignedOff::SamePerson);
            }
            sqlx::query(SIGN).bind(by.at).bind(account).bind(id).execute(&mut *tx).await?;
            let entry = by.entry(Act::SignOff, Resource::Retention).over(run.cases as usize);
            append_audit!(tx, self, &[entry.because(format!("run {id}"))]);
            tx.commit().await?;
            Ok(SignedOff::Done)
        })
    }

    /// Erases who is on the list of a run that was signed off, in one transaction. Whoever had a contact since stays. What
    /// must be sought afterwards is kept with it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; nothing is erased then.
    pub async fn purge(&self, id: i64, by: Author) -> Result<Purged, StoreError> {
        let today = by.today();
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let mut query = sqlx::QueryBuilder::new(RUNS);
            query.push(" where id = ").push_bind(id);
            let run: Option<RetentionRun> = query.build_query_as().fetch_optional(&mut *tx).await?;
            let Some(run) = run else { return Ok(Purged::NotThere) };
            if run.purged_at.is_some() {
                return Ok(Purged::Already);
            }
            if run.signed_at.is_none() {
                return Ok(Purged::NotSigned);
            }
            let listed: Vec<RetentionItem> = sqlx::query_as(ITEMS).bind(id).fetch_all(&mut *tx).await?;
            let (mut going, mut since): (Vec<Subject>, Option<NaiveDate>) = (Vec::new(), None);
            for item in &listed {
                let mut query = sqlx::QueryBuilder::new(DAYS);
                query.push(" where id = ").push_bind(item.case_id);
                let row: Option<DaysRow> = query.build_query_as().fetch_optional(&mut *tx).await?;
                let Some(row) = row else { continue };
                if row.days()?.due(run.cutoff_on) == Due::Goes {
                    going.push(Subject::Case(CaseId(item.case_id)));
                    since = Some(since.map_or(row.reported_on, |day| day.min(row.reported_on)));
                }
            }
            let (needles, erased) = erase_rows!(tx, self, &going, ErasureReason::Retention, today);
            sqlx::query(FORGET_ITEMS).bind(id).execute(&mut *tx).await?;
            sqlx::query(PURGED).bind(by.at).bind(id).execute(&mut *tx).await?;
            let mut entries: Vec<Entry> =
                erased.iter().map(|subject| by.entry(Act::Erase, Resource::Cases).about(*subject)).collect();
            entries.push(by.entry(Act::Purge, Resource::Retention).over(erased.len()).because(format!("run {id}")));
            let kept = (listed.len() - erased.len()) as i64;
            let traces = keep_traces!(tx, self, needles, id, None::<i64>, kept, since);
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(Purged::Done { traces })
        })
    }

    /// How many cases, volunteers and accounts there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn people(&self) -> Result<[i64; 3], StoreError> {
        const COUNT: &str = "select (select count(*) from cases), (select count(*) from volunteers), \
            (select count(*) from accounts)";
        let (cases, volunteers, accounts): (i64, i64, i64) =
            on_pool!(self, pool => sqlx::query_as(COUNT).fetch_one(pool).await?);
        Ok([cases, volunteers, accounts])
    }
}

//! Visits, and institutions that were asked to help.

use chrono::NaiveDate;

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::visit::{ReferralOutcome, Visit};
use crate::domain::volunteer::VolunteerId;

const VISITS: &str = "select id, volunteer_id, visited_on, kind, mood, note from visits where case_id = $1 \
    order by visited_on, id";
const REFERRALS: &str = "select id, referred_on, institution, outcome, outcome_on from referrals where case_id = $1 \
    order by referred_on, id";
const REFER: &str = "insert into referrals (id, case_id, referred_on, institution) select $1, id, $2, $3 from cases \
    where id = $4 and reported_on <= $2";
const ANSWER: &str = "update referrals set outcome = $1, outcome_on = $2 where id = $3 and case_id = $4 \
    and outcome is null and referred_on <= $2";

/// A visit as it is kept: its key, who visited, and what was said of it.
pub type KeptVisit = (i64, Option<VolunteerId>, Visit);

/// An institution that was asked to help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// Key.
    pub id: i64,
    /// The day.
    pub on: NaiveDate,
    /// Which.
    pub institution: String,
    /// What came of it, and on which day.
    pub outcome: Option<(ReferralOutcome, NaiveDate)>,
}

impl Store {
    /// The visits of a case, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn visits(&self, case: CaseId) -> Result<Vec<KeptVisit>, StoreError> {
        type Row = (i64, Option<i64>, NaiveDate, String, Vec<u8>, Vec<u8>);
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(VISITS).bind(case.0).fetch_all(pool).await?);
        let opened = |(id, volunteer, on, kind, mood, note): Row| {
            let row = self.sealed_row("visits", id);
            let visit = Visit {
                on,
                kind: lists::code(&kind, "visits.kind")?,
                impressions: lists::codes(&row.open("mood", &mood)?, "visits.mood")?,
                note: row.open("note", &note)?,
            };
            Ok((id, volunteer.map(VolunteerId), visit))
        };
        rows.into_iter().map(opened).collect()
    }

    /// The institutions that were asked to help with a case, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn referrals(&self, case: CaseId) -> Result<Vec<Referral>, StoreError> {
        type Row = (i64, NaiveDate, Vec<u8>, Option<String>, Option<NaiveDate>);
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(REFERRALS).bind(case.0).fetch_all(pool).await?);
        let opened = |(id, on, institution, outcome, outcome_on): Row| {
            let outcome: Option<ReferralOutcome> =
                outcome.as_deref().map(|code| lists::code(code, "referrals.outcome")).transpose()?;
            let institution = self.sealed_row("referrals", id).open("institution", &institution)?;
            Ok(Referral { id, on, institution, outcome: outcome.zip(outcome_on) })
        };
        rows.into_iter().map(opened).collect()
    }

    /// Notes that an institution was asked, and answers the key; `None` without such a case, or before its report.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn refer(
        &self,
        case: CaseId,
        institution: &str,
        on: NaiveDate,
        by: Author,
    ) -> Result<Option<i64>, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let id = next_ids!(tx, "referrals", 1);
            let sealed = self.sealed_row("referrals", id).seal("institution", institution)?;
            let insert = sqlx::query(REFER).bind(id).bind(on).bind(sealed).bind(case.0);
            if insert.execute(&mut *tx).await?.rows_affected() == 0 {
                return Ok(None);
            }
            let entry = by.entry(Act::Update, Resource::Cases).about(Subject::Case(case));
            append_audit!(tx, self, &[entry.because("referral")]);
            tx.commit().await?;
            Ok(Some(id))
        })
    }

    /// Notes what an institution said; whether it was still awaited.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn close_referral(
        &self,
        case: CaseId,
        id: i64,
        outcome: ReferralOutcome,
        on: NaiveDate,
        by: Author,
    ) -> Result<bool, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let answer = sqlx::query(ANSWER).bind(outcome.code()).bind(on).bind(id).bind(case.0);
            let done = answer.execute(&mut *tx).await?.rows_affected() > 0;
            if done {
                let entry = by.entry(Act::Update, Resource::Cases).about(Subject::Case(case));
                append_audit!(tx, self, &[entry.because("outcome of a referral")]);
                tx.commit().await?;
            }
            Ok(done)
        })
    }
}

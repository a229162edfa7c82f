//! Days on which volunteers are away, and who is not to meet whom.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::visit::Absence;
use crate::domain::volunteer::VolunteerId;

const ALL: &str = "select id, volunteer_id, from_on, to_on from absences order by from_on, id";
const INSERT: &str = "insert into absences (id, volunteer_id, from_on, to_on) values ($1, $2, $3, $4)";
const REMOVE: &str = "delete from absences where id = $1 and volunteer_id = $2";
const THERE: &str = "select count(*) from volunteers where id = $1";
const CONFLICTS: &str = "select case_id, volunteer_id from conflicts";
const DECLARE: &str = "insert into conflicts (case_id, volunteer_id) select c.id, v.id from cases c, volunteers v \
    where c.id = $1 and v.id = $2 on conflict do nothing";
const WITHDRAW: &str = "delete from conflicts where case_id = $1 and volunteer_id = $2";

impl Store {
    /// Days away by volunteer, with their keys, in the order of days.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn absences(&self) -> Result<BTreeMap<VolunteerId, Vec<(i64, Absence)>>, StoreError> {
        let rows: Vec<(i64, i64, NaiveDate, NaiveDate)> =
            on_pool!(self, pool => sqlx::query_as(ALL).fetch_all(pool).await?);
        let mut of: BTreeMap<VolunteerId, Vec<(i64, Absence)>> = BTreeMap::new();
        for (id, volunteer, from_on, to_on) in rows {
            of.entry(VolunteerId(volunteer)).or_default().push((id, Absence { from_on, to_on }));
        }
        Ok(of)
    }

    /// Notes days away and answers their key; `None` without such a volunteer.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_absence(&self, of: VolunteerId, days: Absence, by: Author) -> Result<Option<i64>, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let there: i64 = sqlx::query_scalar(THERE).bind(of.0).fetch_one(&mut *tx).await?;
            if there == 0 {
                return Ok(None);
            }
            let id = next_ids!(tx, "absences", 1);
            sqlx::query(INSERT).bind(id).bind(of.0).bind(days.from_on).bind(days.to_on).execute(&mut *tx).await?;
            note_changes!(tx, "volunteers", [of.0]);
            let entry = by.entry(Act::Update, Resource::Volunteers).about(Subject::Volunteer(of));
            append_audit!(tx, self, &[entry.because("away")]);
            tx.commit().await?;
            Ok(Some(id))
        })
    }

    /// Takes days away back; whether they were there.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn remove_absence(&self, of: VolunteerId, id: i64, by: Author) -> Result<bool, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let gone = sqlx::query(REMOVE).bind(id).bind(of.0).execute(&mut *tx).await?.rows_affected() > 0;
            if gone {
                note_changes!(tx, "volunteers", [of.0]);
                let entry = by.entry(Act::Update, Resource::Volunteers).about(Subject::Volunteer(of));
                append_audit!(tx, self, &[entry.because("not away")]);
                tx.commit().await?;
            }
            Ok(gone)
        })
    }

    /// Who is not to meet whom.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn conflicts(&self) -> Result<BTreeSet<(CaseId, VolunteerId)>, StoreError> {
        let rows: Vec<(i64, i64)> = on_pool!(self, pool => sqlx::query_as(CONFLICTS).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|(case, volunteer)| (CaseId(case), VolunteerId(volunteer))).collect())
    }

    /// Declares that a volunteer and a case are not to meet, or takes it back; whether anything changed.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_conflict(
        &self,
        case: CaseId,
        volunteer: VolunteerId,
        holds: bool,
        by: Author,
    ) -> Result<bool, StoreError> {
        let (sql, why) = if holds { (DECLARE, "not to meet") } else { (WITHDRAW, "may meet") };
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(sql).bind(case.0).bind(volunteer.0).execute(&mut *tx).await?.rows_affected() > 0;
            if done {
                note_changes!(tx, "cases", [case.0]);
                let entry = by.entry(Act::Update, Resource::Cases).about(Subject::Case(case));
                append_audit!(tx, self, &[entry.because(why)]);
                tx.commit().await?;
            }
            Ok(done)
        })
    }
}

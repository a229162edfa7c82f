//! Requests of the persons concerned, the search for their records, and who must still be told of a report.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::seal::Index;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::rights::{RequestKind, RequestOutcome};
use crate::domain::volunteer::VolunteerId;

const COLUMNS: &str = "select id, kind, subject_kind, subject_id, received_on, carried_out_at, closed_on, outcome, note \
    from rights_requests";
const INSERT: &str = "insert into rights_requests (id, kind, subject_kind, subject_id, received_on, note, created_by) \
    values ($1, $2, $3, $4, $5, $6, $7)";
const CLOSE: &str =
    "update rights_requests set closed_on = $1, outcome = $2, note = $3 where id = $4 and closed_on is null";
const INFORM: &str = "update cases set informed_on = $1 where id = $2";
const TO_INFORM: &str = "select id, reference, reported_on from cases where informed_on is null \
    and state not in ('closed', 'archived', 'purged') order by reported_on, id";
const ACCOUNT_NAMES: &str = "select id, name from accounts order by id";
const ACCOUNT_ROLES: &str = "select account_id, role from account_roles order by account_id, role";

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightsRequest {
    /// Key.
    pub id: i64,
    /// What is asked for.
    pub kind: RequestKind,
    /// Whose record; `None` when nobody's was found.
    pub subject: Option<Subject>,
    /// The day it came in; the month begins.
    pub received_on: NaiveDate,
    /// When the erasure was carried out.
    pub carried_out_at: Option<DateTime<Utc>>,
    /// When it was answered, and how.
    pub closed: Option<(NaiveDate, RequestOutcome)>,
    /// Words of the officer.
    pub note: String,
}

/// A request as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// Whose record.
    pub subject: Option<Subject>,
    /// The day it came in.
    pub received_on: NaiveDate,
    /// Words of the officer.
    pub note: String,
    /// The account that notes it down.
    pub created_by: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    subject_kind: Option<String>,
    subject_id: Option<i64>,
    received_on: NaiveDate,
    carried_out_at: Option<DateTime<Utc>>,
    closed_on: Option<NaiveDate>,
    outcome: Option<String>,
    note: Vec<u8>,
}

/// A record that a search by blind index found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSubject {
    /// Whose.
    pub subject: Subject,
    /// Its reference.
    pub reference: String,
    /// Since when it is there; unknown for volunteers.
    pub since_on: Option<NaiveDate>,
}

/// A case whose person has not been told yet.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ToInform {
    /// Key.
    #[sqlx(rename = "id")]
    pub case_id: i64,
    /// Its reference.
    pub reference: String,
    /// Day of the report.
    pub reported_on: NaiveDate,
}

/// `case` or `volunteer` with the key, as the columns hold it.
fn columns_of(subject: Option<Subject>) -> Option<(&'static str, i64)> {
    match subject? {
        Subject::Case(CaseId(id)) => Some(("case", id)),
        Subject::Volunteer(VolunteerId(id)) => Some(("volunteer", id)),
        Subject::Account(_) => None,
    }
}

impl Store {
    fn opened_request(&self, row: Row) -> Result<RightsRequest, StoreError> {
        let outcome: Option<RequestOutcome> =
            row.outcome.map(|outcome| lists::code(&outcome, "rights_requests.outcome")).transpose()?;
        Ok(RightsRequest {
            id: row.id,
            kind: lists::code(&row.kind, "rights_requests.kind")?,
            subject: match (row.subject_kind.as_deref(), row.subject_id) {
                (Some("case"), Some(id)) => Some(Subject::Case(CaseId(id))),
                (Some("volunteer"), Some(id)) => Some(Subject::Volunteer(VolunteerId(id))),
                _ => None,
            },
            received_on: row.received_on,
            carried_out_at: row.carried_out_at,
            closed: row.closed_on.zip(outcome),
            note: self.sealed_row("rights_requests", row.id).open("note", &row.note)?,
        })
    }

    /// Notes a request down and answers its key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn create_request(&self, new: &NewRequest, entry: Entry) -> Result<i64, StoreError> {
        let (kind, key) = columns_of(new.subject).unzip();
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let id = next_ids!(tx, "rights_requests", 1);
            let note = self.sealed_row("rights_requests", id).seal("note", &new.note)?;
            sqlx::query(INSERT)
                .bind(id)
                .bind(new.kind.code())
                .bind(kind)
                .bind(key)
                .bind(new.received_on)
                .bind(note)
                .bind(new.created_by)
                .execute(&mut *tx)
                .await?;
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(id)
        })
    }

    /// Every request: the open ones first, then by the day they came in, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn requests(&self) -> Result<Vec<RightsRequest>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(COLUMNS);
            query.push(" order by case when closed_on is null then 0 else 1 end, received_on desc, id desc");
            query.build_query_as().fetch_all(pool).await?
        });
        rows.into_iter().map(|row| self.opened_request(row)).collect()
    }

    /// One request.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn request(&self, id: i64) -> Result<Option<RightsRequest>, StoreError> {
        let row: Option<Row> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(COLUMNS);
            query.push(" where id = ").push_bind(id);
            query.build_query_as().fetch_optional(pool).await?
        });
        row.map(|row| self.opened_request(row)).transpose()
    }

    /// Closes a request; `false` when it was closed already.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn close_request(
        &self,
        id: i64,
        outcome: RequestOutcome,
        note: &str,
        entry: Entry,
    ) -> Result<bool, StoreError> {
        let today = entry.author.today();
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let note = self.sealed_row("rights_requests", id).seal("note", note)?;
            let close = sqlx::query(CLOSE).bind(today).bind(outcome.code()).bind(note).bind(id);
            let closed = close.execute(&mut *tx).await?.rows_affected() > 0;
            if closed {
                append_audit!(tx, self, &[entry]);
                tx.commit().await?;
            }
            Ok(closed)
        })
    }

    /// Records that bear all of the given values exactly, found through their blind indexes; nothing is opened.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn subjects(&self, name: &str, phone: &str, address: &str) -> Result<Vec<FoundSubject>, StoreError> {
        let wanted: Vec<(&str, Vec<Vec<u8>>)> = [
            ("name_index", Index::Name, name),
            ("phone_index", Index::Phone, phone),
            ("address_index", Index::Address, address),
        ]
        .into_iter()
        .map(|(column, kind, value)| (column, self.vault.indexes(kind, value)))
        .filter(|(_, indexes)| !indexes.is_empty())
        .collect();
        let mut found = Vec::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        on_pool!(self, pool => {
            for (table, day) in [("cases", "reported_on"), ("volunteers", "null")] {
                let mut query = sqlx::QueryBuilder::new("select id, reference");
                query.push(if day == "null" { "" } else { ", reported_on" }).push(" from ").push(table);
                query.push(" where 1 = 1");
                for (column, indexes) in &wanted {
                    query.push(" and ").push(*column).push(" in (");
                    let mut list = query.separated(", ");
                    for index in indexes {
                        list.push_bind(index.clone());
                    }
                    query.push(")");
                }
                query.push(" order by id");
                for row in query.build().fetch_all(pool).await? {
                    use sqlx::Row as _;
                    let id: i64 = row.try_get(0)?;
                    found.push(if table == "cases" {
                        let subject = Subject::Case(CaseId(id));
                        FoundSubject { subject, reference: row.try_get(1)?, since_on: Some(row.try_get(2)?) }
                    } else {
                        let subject = Subject::Volunteer(VolunteerId(id));
                        FoundSubject { subject, reference: row.try_get(1)?, since_on: None }
                    });
                }
            }
        });
        Ok(found)
    }

    /// The reference of a record; `None` when it is gone.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn reference_of(&self, subject: Subject) -> Result<Option<String>, StoreError> {
        let (sql, id) = match subject {
            Subject::Case(CaseId(id)) => ("select reference from cases where id = $1", id),
            Subject::Volunteer(VolunteerId(id)) => ("select reference from volunteers where id = $1", id),
            Subject::Account(_) => return Ok(None),
        };
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql).bind(id).fetch_optional(pool).await?))
    }

    /// The record that bears a reference: a case, else a volunteer.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn subject_named(&self, reference: &str) -> Result<Option<Subject>, StoreError> {
        const CASE: &str = "select id from cases where reference = $1";
        const VOLUNTEER: &str = "select id from volunteers where reference = $1";
        on_pool!(self, pool => {
            let case: Option<i64> = sqlx::query_scalar(CASE).bind(reference).fetch_optional(pool).await?;
            if let Some(id) = case {
                return Ok(Some(Subject::Case(CaseId(id))));
            }
            let volunteer: Option<i64> = sqlx::query_scalar(VOLUNTEER).bind(reference).fetch_optional(pool).await?;
            Ok(volunteer.map(|id| Subject::Volunteer(VolunteerId(id))))
        })
    }

    /// Cases whose person has not been told of the report, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn cases_to_inform(&self) -> Result<Vec<ToInform>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(TO_INFORM).fetch_all(pool).await?))
    }

    /// Notes the day on which the person was told; `false` without such a case.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_informed(&self, case: CaseId, on: NaiveDate, by: Author) -> Result<bool, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(INFORM).bind(on).bind(case.0).execute(&mut *tx).await?.rows_affected() > 0;
            if done {
                note_changes!(tx, "cases", [case.0]);
                let entry = by.entry(Act::Update, Resource::Cases).about(Subject::Case(case));
                append_audit!(tx, self, &[entry.because("informed")]);
                tx.commit().await?;
            }
            Ok(done)
        })
    }

    /// Names of the accounts that exist, by key; one that does not open is left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn account_names(&self) -> Result<BTreeMap<i64, String>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = on_pool!(self, pool => sqlx::query_as(ACCOUNT_NAMES).fetch_all(pool).await?);
        let open =
            |(id, sealed): (i64, Vec<u8>)| Some((id, self.sealed_row("accounts", id).open("name", &sealed).ok()?));
        Ok(rows.into_iter().filter_map(open).collect())
    }

    /// Codes of the roles that the accounts have now, by key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn account_role_codes(&self) -> Result<BTreeMap<i64, Vec<String>>, StoreError> {
        let rows: Vec<(i64, String)> = on_pool!(self, pool => sqlx::query_as(ACCOUNT_ROLES).fetch_all(pool).await?);
        let mut roles: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (account, role) in rows {
            roles.entry(account).or_default().push(role);
        }
        Ok(roles)
    }
}

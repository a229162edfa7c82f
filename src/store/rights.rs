//! Requests of the persons concerned, the search for their records, and who must still be told of a report.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::erasure::indexes_of;
use super::lists;
use super::seal::Index;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::rights::{RequestKind, RequestOutcome};

const COLUMNS: &str = "select id, kind, subject_kind, subject_id, subject_pseudonym, received_on, carried_out_at, closed_on, \
    outcome, note, proof, (select count(*) from traces where request_id = rights_requests.id) as unproved \
    from rights_requests";
const INSERT: &str = "insert into rights_requests (id, kind, subject_kind, subject_id, received_on, note, created_by) \
    values ($1, $2, $3, $4, $5, $6, $7)";
const CLOSE: &str =
    "update rights_requests set closed_on = $1, outcome = $2, note = $3 where id = $4 and closed_on is null";
/// What was erased and not proved is still to be sought: its request stays.
const FORGET: &str = "delete from rights_requests where closed_on < $1 \
    and not exists (select 1 from traces where request_id = rights_requests.id)";
const INFORM: &str = "update cases set informed_on = $1, version = version + 1 where id = $2";
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
    /// Whose record; `None` when nobody's was found, or it is gone.
    pub subject: Option<Subject>,
    /// Of an erased record what it was, e.g. `case`, and its pseudonym in the trail.
    pub erased: Option<(String, String)>,
    /// The day it came in; the month begins.
    pub received_on: NaiveDate,
    /// When the erasure or rectification was carried out.
    pub carried_out_at: Option<DateTime<Utc>>,
    /// When it was answered, and how.
    pub closed: Option<(NaiveDate, RequestOutcome)>,
    /// Words of the officer.
    pub note: String,
    /// What was looked for after the erasure, as `format::proof` writes it.
    pub proof: Option<String>,
    /// Whether there is no proof yet that found nothing.
    pub unproved: bool,
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
    subject_pseudonym: Option<String>,
    received_on: NaiveDate,
    carried_out_at: Option<DateTime<Utc>>,
    closed_on: Option<NaiveDate>,
    outcome: Option<String>,
    note: Vec<u8>,
    proof: Option<String>,
    unproved: i64,
}

/// A record that a search by blind index found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSubject {
    /// Whose.
    pub subject: Subject,
    /// Its reference.
    pub reference: String,
    /// Since when it is there; unknown for volunteers and relays.
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

impl Store {
    fn opened_request(&self, row: Row) -> Result<RightsRequest, StoreError> {
        let outcome: Option<RequestOutcome> =
            row.outcome.map(|outcome| lists::code(&outcome, "rights_requests.outcome")).transpose()?;
        Ok(RightsRequest {
            id: row.id,
            kind: lists::code(&row.kind, "rights_requests.kind")?,
            subject: row.subject_kind.as_deref().zip(row.subject_id).and_then(|(kind, id)| Subject::named(kind, id)),
            erased: row.subject_kind.zip(row.subject_pseudonym),
            received_on: row.received_on,
            carried_out_at: row.carried_out_at,
            closed: row.closed_on.zip(outcome),
            note: self.sealed_row("rights_requests", row.id).open("note", &row.note)?,
            proof: row.proof,
            unproved: row.unproved > 0,
        })
    }

    /// Notes a request down and answers its key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn create_request(&self, new: &NewRequest, entry: Entry) -> Result<i64, StoreError> {
        let (kind, key) = new.subject.map(|subject| (subject.kind(), subject.key())).unzip();
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

    /// Lets requests go that were answered before a day, with the line of the trail, and answers how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_requests(&self, before: NaiveDate, by: Author) -> Result<u64, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let gone = sqlx::query(FORGET).bind(before).execute(&mut *tx).await?.rows_affected();
            if gone > 0 {
                append_audit!(tx, self, &[by.entry(Act::Purge, Resource::Rights).over(gone as usize)]);
                tx.commit().await?;
            }
            Ok(gone)
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
            for (table, kind) in [("cases", "case"), ("volunteers", "volunteer"), ("relays", "relay")] {
                if wanted.iter().any(|(column, _)| !indexes_of(table).contains(column)) {
                    continue;
                }
                let mut query = sqlx::QueryBuilder::new("select id, reference");
                query.push(if kind == "case" { ", reported_on" } else { "" }).push(" from ").push(table);
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
                    let since_on = if kind == "case" { Some(row.try_get(2)?) } else { None };
                    let reference = row.try_get(1)?;
                    let subject = Subject::named(kind, row.try_get(0)?);
                    found.extend(subject.map(|subject| FoundSubject { subject, reference, since_on }));
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
        let sql = match subject {
            Subject::Case(_) => "select reference from cases where id = $1",
            Subject::Volunteer(_) => "select reference from volunteers where id = $1",
            Subject::Relay(_) => "select reference from relays where id = $1",
            Subject::Account(_) => return Ok(None),
        };
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql).bind(subject.key()).fetch_optional(pool).await?))
    }

    /// The record that bears a reference: a case, else a volunteer, else a relay.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn subject_named(&self, reference: &str) -> Result<Option<Subject>, StoreError> {
        const BEARERS: [(&str, &str); 3] = [
            ("case", "select id from cases where reference = $1"),
            ("volunteer", "select id from volunteers where reference = $1"),
            ("relay", "select id from relays where reference = $1"),
        ];
        on_pool!(self, pool => {
            for (kind, sql) in BEARERS {
                let id: Option<i64> = sqlx::query_scalar(sql).bind(reference).fetch_optional(pool).await?;
                if let Some(id) = id {
                    return Ok(Subject::named(kind, id));
                }
            }
            Ok(None)
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

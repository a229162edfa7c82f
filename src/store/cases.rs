//! Cases. In the table a case points at a volunteer's key; in the domain it bears the volunteer's reference.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::{Case, CaseDetails, CaseId, NOTES_MAX_CHARS};
use crate::domain::case_life::Closing;

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::erasure::is_erased;
use super::lists;
use super::relay_reports::{NewRelayReport, note_relay_report};
use super::reports::{Taken, Told, correct_reports, known_form, write_report};
use super::seal::{Index, keyed_hash};
use super::upsert::{Referenced, check_storable, check_texts, compare, insert, known, next_ids};
use super::{Store, StoreError, Upserted};

const SELECT: &str = "select c.id, c.reference, c.state, c.subject, c.family_name, c.given_name, c.phone, c.address, \
    c.position, c.causes, c.duration, c.signs, c.languages, c.needs, c.channel, c.reported_on, c.notes, c.informed_on, \
    c.last_contact_on, c.agreed_on, c.next_contact_on, c.review_on, c.danger_cleared_on, c.closing, c.proposed_at, \
    v.reference as volunteer, b.reference as backup from cases c left join volunteers v on v.id = c.volunteer_id \
    left join volunteers b on b.id = c.backup_id";
const INSERT: &str = "insert into cases (id, reference, state, subject, family_name, given_name, phone, address, position, \
    causes, duration, signs, languages, needs, channel, reported_on, notes, informed_on, last_contact_on, agreed_on, \
    next_contact_on, review_on, danger_cleared_on, closing, proposed_at, volunteer_id, backup_id, \
    name_index, phone_index, address_index) ";
const ON_CONFLICT: &str = " on conflict (id) do update set reference = excluded.reference, state = excluded.state, \
    subject = excluded.subject, family_name = excluded.family_name, given_name = excluded.given_name, \
    phone = excluded.phone, address = excluded.address, position = excluded.position, causes = excluded.causes, \
    duration = excluded.duration, signs = excluded.signs, languages = excluded.languages, needs = excluded.needs, \
    channel = excluded.channel, \
    reported_on = excluded.reported_on, notes = excluded.notes, informed_on = excluded.informed_on, \
    last_contact_on = excluded.last_contact_on, agreed_on = excluded.agreed_on, \
    next_contact_on = excluded.next_contact_on, review_on = excluded.review_on, \
    danger_cleared_on = excluded.danger_cleared_on, closing = excluded.closing, proposed_at = excluded.proposed_at, \
    volunteer_id = excluded.volunteer_id, backup_id = excluded.backup_id, version = cases.version + 1, \
    name_index = excluded.name_index, phone_index = excluded.phone_index, address_index = excluded.address_index \
    returning id";
const RECTIFY: &str = "update cases set family_name = $1, given_name = $2, phone = $3, address = $4, position = $5, \
    languages = $6, notes = $7, name_index = $8, phone_index = $9, address_index = $10, version = version + 1 where id = $11";
const ANSWER: &str = "update rights_requests set carried_out_at = $1 where id = $2 and kind = 'rectification' \
    and subject_kind = 'case' and subject_id = $3 and closed_on is null and carried_out_at is null";
const VOLUNTEER_KEYS: &str = "select reference, id from volunteers";
const REFERENCES: &str = "select reference from cases";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    reference: String,
    state: String,
    subject: String,
    family_name: Vec<u8>,
    given_name: Vec<u8>,
    phone: Vec<u8>,
    address: Vec<u8>,
    position: Option<Vec<u8>>,
    causes: Vec<u8>,
    duration: String,
    signs: Vec<u8>,
    languages: Vec<u8>,
    needs: Option<Vec<u8>>,
    channel: String,
    reported_on: NaiveDate,
    notes: Vec<u8>,
    informed_on: Option<NaiveDate>,
    last_contact_on: Option<NaiveDate>,
    agreed_on: Option<NaiveDate>,
    next_contact_on: Option<NaiveDate>,
    review_on: Option<NaiveDate>,
    danger_cleared_on: Option<NaiveDate>,
    closing: Option<String>,
    proposed_at: Option<DateTime<Utc>>,
    volunteer: Option<String>,
    backup: Option<String>,
}

/// What came of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rectified {
    /// Done.
    Done,
    /// No such case.
    NotThere,
    /// Somebody has changed the details meanwhile; nothing was written.
    Changed,
    /// The request asks for something else, or was answered already; nothing was written.
    OtherRequest,
}

/// A case whose fields are sealed for its key.
struct Sealed {
    id: i64,
    reference: String,
    state: &'static str,
    subject: &'static str,
    texts: [Vec<u8>; 8],
    needs: Option<Vec<u8>>,
    position: Option<Vec<u8>>,
    duration: &'static str,
    channel: &'static str,
    reported_on: NaiveDate,
    /// Informed, last contact, agreed, next contact, review, danger cleared.
    days: [Option<NaiveDate>; 6],
    closing: Option<&'static str>,
    proposed_at: Option<DateTime<Utc>>,
    /// Volunteer and backup.
    volunteers: [Option<i64>; 2],
    indexes: [Option<Vec<u8>>; 3],
}

impl Store {
    fn opened_case(&self, row: Row) -> Result<(CaseId, Case), StoreError> {
        let sealed = self.sealed_row("cases", row.id);
        let case = Case {
            position: sealed.open_position(row.position.as_deref())?,
            reference: row.reference,
            state: lists::code(&row.state, "cases.state")?,
            subject: lists::code(&row.subject, "cases.subject")?,
            family_name: sealed.open("family_name", &row.family_name)?,
            given_name: sealed.open("given_name", &row.given_name)?,
            phone: sealed.open("phone", &row.phone)?,
            address: sealed.open("address", &row.address)?,
            causes: lists::codes(&sealed.open("causes", &row.causes)?, "cases.causes")?,
            duration: lists::code(&row.duration, "cases.duration")?,
            signs: lists::codes(&sealed.open("signs", &row.signs)?, "cases.signs")?,
            languages: lists::split(&sealed.open("languages", &row.languages)?).map(str::to_owned).collect(),
            needs: sealed.open_codes("needs", row.needs.as_deref())?,
            channel: lists::code(&row.channel, "cases.channel")?,
            reported_on: row.reported_on,
            notes: sealed.open("notes", &row.notes)?,
            volunteer: row.volunteer,
            backup: row.backup,
            proposed_at: row.proposed_at,
            informed_on: row.informed_on,
            last_contact_on: row.last_contact_on,
            agreed_on: row.agreed_on,
            next_contact_on: row.next_contact_on,
            review_on: row.review_on,
            danger_cleared_on: row.danger_cleared_on,
            closing: row.closing.as_deref().map(|code| lists::code(code, "cases.closing")).transpose()?,
        };
        Ok((CaseId(row.id), case))
    }

    fn sealed_case(&self, id: i64, case: &Case, volunteers: [Option<i64>; 2]) -> Result<Sealed, StoreError> {
        // The table sees only what is sealed and cannot check this.
        if case.notes.chars().count() > NOTES_MAX_CHARS {
            let reason = format!("the notes have more than {NOTES_MAX_CHARS} characters");
            return Err(StoreError::Invalid { row: case.reference.clone(), reason });
        }
        let row = self.sealed_row("cases", id);
        Ok(Sealed {
            id,
            reference: case.reference.clone(),
            state: case.state.code(),
            subject: case.subject.code(),
            texts: [
                row.seal("family_name", &case.family_name)?,
                row.seal("given_name", &case.given_name)?,
                row.seal("phone", &case.phone)?,
                row.seal("address", &case.address)?,
                row.seal("causes", &lists::join(case.causes.iter().map(|cause| cause.code())))?,
                row.seal("signs", &lists::join(case.signs.iter().map(|sign| sign.code())))?,
                row.seal("languages", &lists::join(case.languages.iter().map(String::as_str)))?,
                row.seal("notes", &case.notes)?,
            ],
            needs: row.seal_codes("needs", case.needs.iter().map(|need| need.code()))?,
            position: row.seal_position(case.position)?,
            duration: case.duration.code(),
            channel: case.channel.code(),
            reported_on: case.reported_on,
            days: [
                case.informed_on,
                case.last_contact_on,
                case.agreed_on,
                case.next_contact_on,
                case.review_on,
                case.danger_cleared_on,
            ],
            closing: case.closing.map(Closing::code),
            proposed_at: case.proposed_at,
            volunteers,
            indexes: [
                self.index(Index::Name, &format!("{} {}", case.given_name, case.family_name)),
                self.index(Index::Phone, &case.phone),
                self.index(Index::Address, &case.address),
            ],
        })
    }
}

impl Referenced for Case {
    fn reference(&self) -> &str {
        &self.reference
    }

    fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = self.languages.iter().map(String::as_str).collect();
        texts.extend([
            &*self.reference,
            &*self.family_name,
            &*self.given_name,
            &*self.phone,
            &*self.address,
            &*self.notes,
        ]);
        texts
    }
}

/// The keys of the volunteer and the backup that a case names.
fn volunteer_keys(case: &Case, volunteers: &HashMap<String, i64>) -> Result<[Option<i64>; 2], StoreError> {
    let key = |reference: &Option<String>| {
        let Some(reference) = reference else { return Ok(None) };
        let unknown = || StoreError::UnknownReference { row: case.reference.clone(), reference: reference.clone() };
        volunteers.get(reference).copied().map(Some).ok_or_else(unknown)
    };
    Ok([key(&case.volunteer)?, key(&case.backup)?])
}

/// `C-0061` after `C-0060`; references of another form are passed over.
fn next_reference<'a>(references: impl IntoIterator<Item = &'a str>) -> String {
    let number = |reference: &str| reference.strip_prefix("C-")?.parse::<u32>().ok();
    let last = references.into_iter().filter_map(number).max().unwrap_or(0);
    format!("C-{:04}", u64::from(last) + 1)
}

/// Writes cases that are sealed.
macro_rules! insert_cases {
    ($tx:ident, $end:expr, $cases:expr) => {
        insert!($tx, INSERT, $end, $cases, |bind, row| {
            let [family_name, given_name, phone, address, causes, signs, languages, notes] = row.texts.clone();
            let [name_index, phone_index, address_index] = row.indexes.clone();
            let [informed_on, last_contact_on, agreed_on, next_contact_on, review_on, danger_cleared_on] = row.days;
            let [volunteer, backup] = row.volunteers;
            bind.push_bind(row.id)
                .push_bind(row.reference.clone())
                .push_bind(row.state)
                .push_bind(row.subject)
                .push_bind(family_name)
                .push_bind(given_name)
                .push_bind(phone)
                .push_bind(address)
                .push_bind(row.position.clone())
                .push_bind(causes)
                .push_bind(row.duration)
                .push_bind(signs)
                .push_bind(languages)
                .push_bind(row.needs.clone())
                .push_bind(row.channel)
                .push_bind(row.reported_on)
                .push_bind(notes)
                .push_bind(informed_on)
                .push_bind(last_contact_on)
                .push_bind(agreed_on)
                .push_bind(next_contact_on)
                .push_bind(review_on)
                .push_bind(danger_cleared_on)
                .push_bind(row.closing)
                .push_bind(row.proposed_at)
                .push_bind(volunteer)
                .push_bind(backup)
                .push_bind(name_index)
                .push_bind(phone_index)
                .push_bind(address_index);
        })
    };
}

impl Store {
    /// Every case, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn cases(&self) -> Result<Vec<(CaseId, Case)>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(SELECT);
            query.push(" order by c.id");
            query.build_query_as().fetch_all(pool).await?
        });
        rows.into_iter().map(|row| self.opened_case(row)).collect()
    }

    /// One case.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn case(&self, id: CaseId) -> Result<Option<Case>, StoreError> {
        let row: Option<Row> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(SELECT);
            query.push(" where c.id = ").push_bind(id.0);
            query.build_query_as().fetch_optional(pool).await?
        });
        Ok(row.map(|row| self.opened_case(row)).transpose()?.map(|(_, case)| case))
    }

    /// Creates the cases whose reference is new, updates those that differ; all or, on an error, none.
    ///
    /// # Errors
    /// [`StoreError::UnknownReference`] when a case names a volunteer who is not there; [`StoreError::Conflict`] when a
    /// reference stands twice in `cases`; [`StoreError::Invalid`] for a value that no column takes.
    pub async fn upsert_cases(&self, cases: &[Case], by: Author) -> Result<Upserted, StoreError> {
        check_storable(cases)?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let volunteers: Vec<(String, i64)> = sqlx::query_as(VOLUNTEER_KEYS).fetch_all(&mut *tx).await?;
            let volunteers: HashMap<String, i64> = volunteers.into_iter().collect();
            let known = known!(tx, SELECT, "c.reference", |row| self.opened_case(row), cases);
            let (to_write, count) = compare(cases, &known);
            if to_write.is_empty() {
                return Ok(count);
            }
            let mut next = next_ids!(tx, "cases", count.created);
            let mut sealed = Vec::with_capacity(to_write.len());
            let mut entries: Vec<Entry> = Vec::with_capacity(to_write.len());
            for (case, id) in to_write {
                let act = if id.is_some() { Act::Update } else { Act::Create };
                let id = id.unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                entries.push(by.entry(act, Resource::Cases).about(Subject::Case(CaseId(id))));
                sealed.push(self.sealed_case(id, case, volunteer_keys(case, &volunteers)?)?);
            }
            let keys = insert_cases!(tx, ON_CONFLICT, sealed);
            note_changes!(tx, "cases", keys);
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(count)
        })
    }

    /// Creates one case. An empty reference is replaced by the next free one, found in the same transaction, so that two
    /// reports taken at the same time never meet. `passed_over` says, for the trail, which opposition the report is taken
    /// in spite of.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the reference is taken; [`StoreError::UnknownReference`] when the case names a
    /// volunteer who is not there.
    pub async fn insert_case(&self, case: &Case, passed_over: Option<&str>, by: Author) -> Result<CaseId, StoreError> {
        match self.take(case, None, None, passed_over, by).await? {
            Taken::Now(id) | Taken::Before(id) => Ok(id),
            Taken::OtherForm | Taken::NoCase => unreachable!("only a form that was sent twice is not taken"),
        }
    }

    /// The same for a case that a relay reported, with what is kept of the report.
    ///
    /// # Errors
    /// As [`Store::insert_case`].
    pub async fn insert_case_of(
        &self,
        case: &Case,
        report: NewRelayReport<'_>,
        by: Author,
    ) -> Result<CaseId, StoreError> {
        match self.take(case, None, Some(report), None, by).await? {
            Taken::Now(id) | Taken::Before(id) => Ok(id),
            Taken::OtherForm | Taken::NoCase => unreachable!("only a form that was sent twice is not taken"),
        }
    }

    /// The same with the report that it begins with, in the same transaction. A form that was sent before is not written
    /// again.
    ///
    /// # Errors
    /// As [`Store::insert_case`].
    pub async fn take_case(
        &self,
        case: &Case,
        told: Told<'_>,
        passed_over: Option<&str>,
        by: Author,
    ) -> Result<Taken, StoreError> {
        self.take(case, Some(told), None, passed_over, by).await
    }

    async fn take(
        &self,
        case: &Case,
        told: Option<Told<'_>>,
        report: Option<NewRelayReport<'_>>,
        passed_over: Option<&str>,
        by: Author,
    ) -> Result<Taken, StoreError> {
        check_texts(case)?;
        let mut case = case.clone();
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let form = known_form!(tx, self, told.and_then(|told| told.form), by);
            let taken: Vec<String> = sqlx::query_scalar(REFERENCES).fetch_all(&mut *tx).await?;
            if case.reference.is_empty() {
                case.reference = next_reference(taken.iter().map(String::as_str));
                // Never that of somebody who was erased: an old file would write the one over the other.
                while is_erased!(tx, self, &case.reference) {
                    case.reference = next_reference([case.reference.as_str()]);
                }
            } else if taken.contains(&case.reference) {
                return Err(StoreError::Conflict { what: format!("a case with reference {}", case.reference) });
            }
            let volunteers: Vec<(String, i64)> = sqlx::query_as(VOLUNTEER_KEYS).fetch_all(&mut *tx).await?;
            let volunteers: HashMap<String, i64> = volunteers.into_iter().collect();
            let keys = volunteer_keys(&case, &volunteers)?;
            let id = next_ids!(tx, "cases", 1);
            let keys = insert_cases!(tx, " returning id", [self.sealed_case(id, &case, keys)?]);
            if let Some(told) = told {
                write_report!(tx, self, id, told.report, told.household, form, by);
            }
            note_changes!(tx, "cases", keys);
            note_relay_report!(tx, self, id, report);
            let about = |resource| by.entry(Act::Create, resource).about(Subject::Case(CaseId(id)));
            let passed_over = passed_over.map(|why| about(Resource::Rights).because(why));
            let relay = report.map(|report| report.entry(by));
            let entries: Vec<Entry> =
                std::iter::once(about(Resource::Cases)).chain(passed_over).chain(relay).collect();
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(Taken::Now(CaseId(id)))
        })
    }

    /// Stands for the details of a case: another one when they were changed. Keyed, so that it tells nothing of them.
    #[must_use]
    pub fn details_version(&self, case: &Case) -> String {
        let position =
            case.position.map(|p| [p.lon().to_le_bytes(), p.lat().to_le_bytes()].concat()).unwrap_or_default();
        let languages = lists::join(case.languages.iter().map(String::as_str));
        let parts: [&[u8]; 8] = [
            b"details",
            case.family_name.as_bytes(),
            case.given_name.as_bytes(),
            case.phone.as_bytes(),
            case.address.as_bytes(),
            &position,
            languages.as_bytes(),
            case.notes.as_bytes(),
        ];
        data_encoding::HEXLOWER.encode(&keyed_hash(&self.secrets.pseudonym, &parts)[..12])
    }

    /// Corrects the details of a case that are still those of this version; a request for it is carried out with it.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a value that no column takes.
    pub async fn rectify_case(
        &self,
        id: CaseId,
        details: &CaseDetails,
        version: &str,
        request: Option<i64>,
        by: Author,
    ) -> Result<Rectified, StoreError> {
        let about = Subject::Case(id);
        let why = request.map_or_else(|| "details".to_owned(), |request| format!("details, request {request}"));
        let mut entries = vec![by.entry(Act::Update, Resource::Cases).about(about).because(why)];
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let mut query = sqlx::QueryBuilder::new(SELECT);
            query.push(" where c.id = ").push_bind(id.0);
            let row: Option<Row> = query.build_query_as().fetch_optional(&mut *tx).await?;
            let Some(row) = row else { return Ok(Rectified::NotThere) };
            let (_, case) = self.opened_case(row)?;
            if self.details_version(&case) != version {
                return Ok(Rectified::Changed);
            }
            if let Some(request) = request {
                let answer = sqlx::query(ANSWER).bind(by.at).bind(request).bind(id.0);
                if answer.execute(&mut *tx).await?.rows_affected() == 0 {
                    return Ok(Rectified::OtherRequest);
                }
                let entry = by.entry(Act::Update, Resource::Rights).about(about);
                entries.push(entry.because(format!("request {request} carried out")));
            }
            correct_reports!(tx, self, id.0, case.notes, &details.notes);
            let case = case.corrected(details.clone());
            check_texts(&case)?;
            let Sealed { texts, position, indexes, .. } = self.sealed_case(id.0, &case, [None; 2])?;
            let [family_name, given_name, phone, address, _, _, languages, notes] = texts;
            let [name_index, phone_index, address_index] = indexes;
            sqlx::query(RECTIFY)
                .bind(family_name)
                .bind(given_name)
                .bind(phone)
                .bind(address)
                .bind(position)
                .bind(languages)
                .bind(notes)
                .bind(name_index)
                .bind(phone_index)
                .bind(address_index)
                .bind(id.0)
                .execute(&mut *tx)
                .await?;
            note_changes!(tx, "cases", [id.0]);
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(Rectified::Done)
        })
    }

    /// The reference that [`Store::insert_case`] would give now, e.g. `C-0061`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn next_case_reference(&self) -> Result<String, StoreError> {
        let taken: Vec<String> = on_pool!(self, pool => sqlx::query_scalar(REFERENCES).fetch_all(pool).await?);
        Ok(next_reference(taken.iter().map(String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use super::next_reference;

    #[test]
    fn the_next_reference_follows_the_highest_and_passes_other_forms_over() {
        assert_eq!(next_reference([]), "C-0001");
        assert_eq!(next_reference(["C-0060", "C-0007", "X-99", "C-new", "C-"]), "C-0061");
        assert_eq!(next_reference(["C-9999"]), "C-10000");
        assert_eq!(next_reference(["C-4294967295"]), "C-4294967296");
    }
}

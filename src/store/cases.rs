//! Cases. In the table a case points at a volunteer's key; in the domain it bears the volunteer's reference.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::case::{Case, CaseId};
use crate::domain::position::LonLat;

use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::{Referenced, check_storable, check_texts, compare, insert, known};
use super::{Store, StoreError, Upserted};

const SELECT: &str = "select c.id, c.reference, c.state, c.subject, c.family_name, c.given_name, c.phone, c.address, \
    c.lon, c.lat, c.causes, c.duration, c.signs, c.languages, c.channel, c.reported_on, c.notes, v.reference as volunteer \
    from cases c left join volunteers v on v.id = c.volunteer_id";
const INSERT: &str = "insert into cases (reference, state, subject, family_name, given_name, phone, address, lon, lat, \
    causes, duration, signs, languages, channel, reported_on, notes, volunteer_id) ";
const ON_CONFLICT: &str = " on conflict (reference) do update set state = excluded.state, subject = excluded.subject, \
    family_name = excluded.family_name, given_name = excluded.given_name, phone = excluded.phone, \
    address = excluded.address, lon = excluded.lon, lat = excluded.lat, causes = excluded.causes, \
    duration = excluded.duration, signs = excluded.signs, languages = excluded.languages, channel = excluded.channel, \
    reported_on = excluded.reported_on, notes = excluded.notes, volunteer_id = excluded.volunteer_id returning id";
const VOLUNTEER_KEYS: &str = "select reference, id from volunteers";
const REFERENCES: &str = "select reference from cases";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    reference: String,
    state: String,
    subject: String,
    family_name: String,
    given_name: String,
    phone: String,
    address: String,
    lon: Option<f64>,
    lat: Option<f64>,
    causes: String,
    duration: String,
    signs: String,
    languages: String,
    channel: String,
    reported_on: NaiveDate,
    notes: String,
    volunteer: Option<String>,
}

fn value(row: Row) -> Result<(CaseId, Case), StoreError> {
    let case = Case {
        position: lists::position(row.lon, row.lat, "cases")?,
        reference: row.reference,
        state: lists::code(&row.state, "cases.state")?,
        subject: lists::code(&row.subject, "cases.subject")?,
        family_name: row.family_name,
        given_name: row.given_name,
        phone: row.phone,
        address: row.address,
        causes: lists::codes(&row.causes, "cases.causes")?,
        duration: lists::code(&row.duration, "cases.duration")?,
        signs: lists::codes(&row.signs, "cases.signs")?,
        languages: lists::split(&row.languages).map(str::to_owned).collect(),
        channel: lists::code(&row.channel, "cases.channel")?,
        reported_on: row.reported_on,
        notes: row.notes,
        volunteer: row.volunteer,
    };
    Ok((CaseId(row.id), case))
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

/// The volunteer's key for a case that names one.
fn volunteer_key(case: &Case, volunteers: &HashMap<String, i64>) -> Result<Option<i64>, StoreError> {
    let Some(reference) = &case.volunteer else { return Ok(None) };
    let key = volunteers.get(reference).copied();
    key.map(Some)
        .ok_or_else(|| StoreError::UnknownReference { row: case.reference.clone(), reference: reference.clone() })
}

/// `C-0061` after `C-0060`; references of another form are passed over.
fn next_reference<'a>(references: impl IntoIterator<Item = &'a str>) -> String {
    let number = |reference: &str| reference.strip_prefix("C-")?.parse::<u32>().ok();
    let last = references.into_iter().filter_map(number).max().unwrap_or(0);
    format!("C-{:04}", u64::from(last) + 1)
}

/// Writes cases whose volunteers' keys are known.
macro_rules! insert_cases {
    ($tx:ident, $end:expr, $cases:expr) => {
        insert!($tx, INSERT, $end, $cases, |bind, row| {
            let (case, volunteer): &(&Case, Option<i64>) = row;
            bind.push_bind(case.reference.clone())
                .push_bind(case.state.code())
                .push_bind(case.subject.code())
                .push_bind(case.family_name.clone())
                .push_bind(case.given_name.clone())
                .push_bind(case.phone.clone())
                .push_bind(case.address.clone())
                .push_bind(case.position.map(LonLat::lon))
                .push_bind(case.position.map(LonLat::lat))
                .push_bind(lists::join(case.causes.iter().map(|cause| cause.code())))
                .push_bind(case.duration.code())
                .push_bind(lists::join(case.signs.iter().map(|sign| sign.code())))
                .push_bind(lists::join(case.languages.iter().map(String::as_str)))
                .push_bind(case.channel.code())
                .push_bind(case.reported_on)
                .push_bind(case.notes.clone())
                .push_bind(*volunteer);
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
        rows.into_iter().map(value).collect()
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
        Ok(row.map(value).transpose()?.map(|(_, case)| case))
    }

    /// Creates the cases whose reference is new, updates those that differ; all or, on an error, none.
    ///
    /// # Errors
    /// [`StoreError::UnknownReference`] when a case names a volunteer who is not there; [`StoreError::Conflict`] when a
    /// reference stands twice in `cases`; [`StoreError::Invalid`] for a value that no column takes.
    pub async fn upsert_cases(&self, cases: &[Case]) -> Result<Upserted, StoreError> {
        check_storable(cases)?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let volunteers: Vec<(String, i64)> = sqlx::query_as(VOLUNTEER_KEYS).fetch_all(&mut *tx).await?;
            let volunteers: HashMap<String, i64> = volunteers.into_iter().collect();
            let known = known!(tx, SELECT, "c.reference", value, cases);
            let (to_write, count) = compare(cases, &known);
            let to_write = to_write
                .into_iter()
                .map(|case| Ok((case, volunteer_key(case, &volunteers)?)))
                .collect::<Result<Vec<_>, StoreError>>()?;
            let keys = insert_cases!(tx, ON_CONFLICT, to_write);
            note_changes!(tx, "cases", keys);
            tx.commit().await?;
            Ok(count)
        })
    }

    /// Creates one case. An empty reference is replaced by the next free one, found in the same transaction, so that two
    /// reports taken at the same time never meet.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the reference is taken; [`StoreError::UnknownReference`] when the case names a
    /// volunteer who is not there.
    pub async fn insert_case(&self, case: &Case) -> Result<CaseId, StoreError> {
        check_texts(case)?;
        let mut case = case.clone();
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let taken: Vec<String> = sqlx::query_scalar(REFERENCES).fetch_all(&mut *tx).await?;
            if case.reference.is_empty() {
                case.reference = next_reference(taken.iter().map(String::as_str));
            } else if taken.contains(&case.reference) {
                return Err(StoreError::Conflict { what: format!("a case with reference {}", case.reference) });
            }
            let volunteers: Vec<(String, i64)> = sqlx::query_as(VOLUNTEER_KEYS).fetch_all(&mut *tx).await?;
            let volunteers: HashMap<String, i64> = volunteers.into_iter().collect();
            let volunteer = volunteer_key(&case, &volunteers)?;
            let keys = insert_cases!(tx, " returning id", [(&case, volunteer)]);
            note_changes!(tx, "cases", keys);
            tx.commit().await?;
            keys.first().map(|key| CaseId(*key)).ok_or_else(|| StoreError::corrupt("cases: no key was given"))
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

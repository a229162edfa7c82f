//! Volunteers.

use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::volunteer::{Volunteer, VolunteerId};

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::seal::Index;
use super::upsert::{Referenced, check_storable, compare, insert, known, next_ids};
use super::{Store, StoreError, Upserted};

const SELECT: &str = "select id, reference, family_name, given_name, phone, email, address, position, active, capacity, \
    max_walk_min, profile, languages, needs, cleared from volunteers";
const SELECT_ALL: &str = "select id, reference, family_name, given_name, phone, email, address, position, active, \
    capacity, max_walk_min, profile, languages, needs, cleared from volunteers order by id";
const INSERT: &str = "insert into volunteers (id, reference, family_name, given_name, phone, email, address, position, \
    active, capacity, max_walk_min, profile, languages, needs, cleared, name_index, phone_index, address_index) ";
const ON_CONFLICT: &str = " on conflict (id) do update set reference = excluded.reference, \
    family_name = excluded.family_name, given_name = excluded.given_name, phone = excluded.phone, email = excluded.email, \
    address = excluded.address, position = excluded.position, active = excluded.active, capacity = excluded.capacity, \
    max_walk_min = excluded.max_walk_min, profile = excluded.profile, languages = excluded.languages, \
    needs = excluded.needs, cleared = excluded.cleared, \
    name_index = excluded.name_index, phone_index = excluded.phone_index, address_index = excluded.address_index \
    returning id";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    reference: String,
    family_name: Vec<u8>,
    given_name: Vec<u8>,
    phone: Vec<u8>,
    email: Vec<u8>,
    address: Vec<u8>,
    position: Option<Vec<u8>>,
    active: bool,
    capacity: i64,
    max_walk_min: i64,
    profile: String,
    languages: Vec<u8>,
    needs: Option<Vec<u8>>,
    cleared: bool,
}

/// A volunteer whose fields are sealed for the row's key.
struct Sealed<'a> {
    id: i64,
    volunteer: &'a Volunteer,
    texts: [Vec<u8>; 6],
    needs: Option<Vec<u8>>,
    position: Option<Vec<u8>>,
    indexes: [Option<Vec<u8>>; 3],
}

impl Referenced for Volunteer {
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
            &*self.email,
            &*self.address,
        ]);
        texts
    }
}

impl Store {
    fn opened_volunteer(&self, row: Row) -> Result<(VolunteerId, Volunteer), StoreError> {
        let sealed = self.sealed_row("volunteers", row.id);
        let volunteer = Volunteer {
            position: sealed.open_position(row.position.as_deref())?,
            reference: row.reference,
            family_name: sealed.open("family_name", &row.family_name)?,
            given_name: sealed.open("given_name", &row.given_name)?,
            phone: sealed.open("phone", &row.phone)?,
            email: sealed.open("email", &row.email)?,
            address: sealed.open("address", &row.address)?,
            active: row.active,
            capacity: lists::number(row.capacity, "volunteers.capacity")?,
            max_walk_min: lists::number(row.max_walk_min, "volunteers.max_walk_min")?,
            profile: lists::code(&row.profile, "volunteers.profile")?,
            languages: lists::split(&sealed.open("languages", &row.languages)?).map(str::to_owned).collect(),
            needs: sealed.open_codes("needs", row.needs.as_deref())?,
            cleared: row.cleared,
        };
        Ok((VolunteerId(row.id), volunteer))
    }

    fn sealed_volunteer<'a>(&self, id: i64, volunteer: &'a Volunteer) -> Result<Sealed<'a>, StoreError> {
        let row = self.sealed_row("volunteers", id);
        Ok(Sealed {
            id,
            volunteer,
            texts: [
                row.seal("family_name", &volunteer.family_name)?,
                row.seal("given_name", &volunteer.given_name)?,
                row.seal("phone", &volunteer.phone)?,
                row.seal("email", &volunteer.email)?,
                row.seal("address", &volunteer.address)?,
                row.seal("languages", &lists::join(volunteer.languages.iter().map(String::as_str)))?,
            ],
            needs: row.seal_codes("needs", volunteer.needs.iter().map(|need| need.code()))?,
            position: row.seal_position(volunteer.position)?,
            indexes: [
                self.index(Index::Name, &format!("{} {}", volunteer.given_name, volunteer.family_name)),
                self.index(Index::Phone, &volunteer.phone),
                self.index(Index::Address, &volunteer.address),
            ],
        })
    }

    /// Every volunteer, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn volunteers(&self) -> Result<Vec<(VolunteerId, Volunteer)>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT_ALL).fetch_all(pool).await?);
        rows.into_iter().map(|row| self.opened_volunteer(row)).collect()
    }

    /// Creates the volunteers whose reference is new, updates those that differ; all or, on an error, none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a reference stands twice in `volunteers`; [`StoreError::Invalid`] for a value out
    /// of its column's range.
    pub async fn upsert_volunteers(&self, volunteers: &[Volunteer], by: Author) -> Result<Upserted, StoreError> {
        check_storable(volunteers)?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let known = known!(tx, SELECT, "reference", |row| self.opened_volunteer(row), volunteers);
            let (to_write, count) = compare(volunteers, &known);
            if to_write.is_empty() {
                return Ok(count);
            }
            let mut next = next_ids!(tx, "volunteers", count.created);
            let mut sealed = Vec::with_capacity(to_write.len());
            let mut entries: Vec<Entry> = Vec::with_capacity(to_write.len());
            for (volunteer, id) in to_write {
                let act = if id.is_some() { Act::Update } else { Act::Create };
                let id = id.unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                entries.push(by.entry(act, Resource::Volunteers).about(Subject::Volunteer(VolunteerId(id))));
                sealed.push(self.sealed_volunteer(id, volunteer)?);
            }
            let keys = insert!(tx, INSERT, ON_CONFLICT, sealed, |bind, row| {
                let [family_name, given_name, phone, email, address, languages] = row.texts.clone();
                let [name_index, phone_index, address_index] = row.indexes.clone();
                bind.push_bind(row.id)
                    .push_bind(row.volunteer.reference.clone())
                    .push_bind(family_name)
                    .push_bind(given_name)
                    .push_bind(phone)
                    .push_bind(email)
                    .push_bind(address)
                    .push_bind(row.position.clone())
                    .push_bind(row.volunteer.active)
                    .push_bind(i64::from(row.volunteer.capacity))
                    .push_bind(i64::from(row.volunteer.max_walk_min))
                    .push_bind(row.volunteer.profile.code())
                    .push_bind(languages)
                    .push_bind(row.needs.clone())
                    .push_bind(row.volunteer.cleared)
                    .push_bind(name_index)
                    .push_bind(phone_index)
                    .push_bind(address_index);
            });
            note_changes!(tx, "volunteers", keys);
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(count)
        })
    }
}

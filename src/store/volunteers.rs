//! Volunteers.

use crate::domain::position::LonLat;
use crate::domain::volunteer::{Volunteer, VolunteerId};

use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::{Referenced, check_storable, compare, insert, known};
use super::{Store, StoreError, Upserted};

const SELECT: &str = "select id, reference, family_name, given_name, phone, email, address, lon, lat, active, capacity, \
    max_walk_min, profile, languages from volunteers";
const SELECT_ALL: &str = "select id, reference, family_name, given_name, phone, email, address, lon, lat, active, \
    capacity, max_walk_min, profile, languages from volunteers order by id";
const INSERT: &str = "insert into volunteers (reference, family_name, given_name, phone, email, address, lon, lat, active, \
    capacity, max_walk_min, profile, languages) ";
const ON_CONFLICT: &str = " on conflict (reference) do update set family_name = excluded.family_name, \
    given_name = excluded.given_name, phone = excluded.phone, email = excluded.email, address = excluded.address, \
    lon = excluded.lon, lat = excluded.lat, active = excluded.active, capacity = excluded.capacity, \
    max_walk_min = excluded.max_walk_min, profile = excluded.profile, languages = excluded.languages returning id";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    reference: String,
    family_name: String,
    given_name: String,
    phone: String,
    email: String,
    address: String,
    lon: Option<f64>,
    lat: Option<f64>,
    active: bool,
    capacity: i64,
    max_walk_min: i64,
    profile: String,
    languages: String,
}

fn value(row: Row) -> Result<(VolunteerId, Volunteer), StoreError> {
    let volunteer = Volunteer {
        position: lists::position(row.lon, row.lat, "volunteers")?,
        reference: row.reference,
        family_name: row.family_name,
        given_name: row.given_name,
        phone: row.phone,
        email: row.email,
        address: row.address,
        active: row.active,
        capacity: lists::number(row.capacity, "volunteers.capacity")?,
        max_walk_min: lists::number(row.max_walk_min, "volunteers.max_walk_min")?,
        profile: lists::code(&row.profile, "volunteers.profile")?,
        languages: lists::split(&row.languages).map(str::to_owned).collect(),
    };
    Ok((VolunteerId(row.id), volunteer))
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
    /// Every volunteer, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn volunteers(&self) -> Result<Vec<(VolunteerId, Volunteer)>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT_ALL).fetch_all(pool).await?);
        rows.into_iter().map(value).collect()
    }

    /// Creates the volunteers whose reference is new, updates those that differ; all or, on an error, none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a reference stands twice in `volunteers`; [`StoreError::Invalid`] for a value out
    /// of its column's range.
    pub async fn upsert_volunteers(&self, volunteers: &[Volunteer]) -> Result<Upserted, StoreError> {
        check_storable(volunteers)?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let known = known!(tx, SELECT, "reference", value, volunteers);
            let (to_write, count) = compare(volunteers, &known);
            let keys = insert!(tx, INSERT, ON_CONFLICT, to_write, |bind, row| {
                bind.push_bind(row.reference.clone())
                    .push_bind(row.family_name.clone())
                    .push_bind(row.given_name.clone())
                    .push_bind(row.phone.clone())
                    .push_bind(row.email.clone())
                    .push_bind(row.address.clone())
                    .push_bind(row.position.map(LonLat::lon))
                    .push_bind(row.position.map(LonLat::lat))
                    .push_bind(row.active)
                    .push_bind(i64::from(row.capacity))
                    .push_bind(i64::from(row.max_walk_min))
                    .push_bind(row.profile.code())
                    .push_bind(lists::join(row.languages.iter().map(String::as_str)));
            });
            note_changes!(tx, "volunteers", keys);
            tx.commit().await?;
            Ok(count)
        })
    }
}

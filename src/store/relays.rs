//! Relays and their stickers.

use chrono::NaiveDate;

use crate::domain::position::LonLat;
use crate::domain::relay::{Relay, RelayId};

use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::{Referenced, check_storable, compare, insert, known};
use super::{Store, StoreError, Upserted};

const SELECT: &str = "select id, reference, name, kind, address, lon, lat, premises, sticker, sticker_on from relays";
const SELECT_ALL: &str =
    "select id, reference, name, kind, address, lon, lat, premises, sticker, sticker_on from relays order by id";
const INSERT: &str = "insert into relays (reference, name, kind, address, lon, lat, premises, sticker, sticker_on) ";
const ON_CONFLICT: &str = " on conflict (reference) do update set name = excluded.name, kind = excluded.kind, \
    address = excluded.address, lon = excluded.lon, lat = excluded.lat, premises = excluded.premises, \
    sticker = excluded.sticker, sticker_on = excluded.sticker_on returning id";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    reference: String,
    name: String,
    kind: String,
    address: String,
    lon: Option<f64>,
    lat: Option<f64>,
    premises: bool,
    sticker: String,
    sticker_on: Option<NaiveDate>,
}

fn value(row: Row) -> Result<(RelayId, Relay), StoreError> {
    let relay = Relay {
        position: lists::position(row.lon, row.lat, "relays")?,
        reference: row.reference,
        name: row.name,
        kind: lists::code(&row.kind, "relays.kind")?,
        address: row.address,
        premises: row.premises,
        sticker: lists::code(&row.sticker, "relays.sticker")?,
        sticker_on: row.sticker_on,
    };
    Ok((RelayId(row.id), relay))
}

impl Referenced for Relay {
    fn reference(&self) -> &str {
        &self.reference
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.reference, &self.name, &self.address]
    }
}

impl Store {
    /// Every relay, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn relays(&self) -> Result<Vec<(RelayId, Relay)>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT_ALL).fetch_all(pool).await?);
        rows.into_iter().map(value).collect()
    }

    /// Creates the relays whose reference is new, updates those that differ; all or, on an error, none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a reference stands twice in `relays`; [`StoreError::Invalid`] for a value that no
    /// column takes.
    pub async fn upsert_relays(&self, relays: &[Relay]) -> Result<Upserted, StoreError> {
        check_storable(relays)?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let known = known!(tx, SELECT, "reference", value, relays);
            let (to_write, count) = compare(relays, &known);
            let keys = insert!(tx, INSERT, ON_CONFLICT, to_write, |bind, row| {
                bind.push_bind(row.reference.clone())
                    .push_bind(row.name.clone())
                    .push_bind(row.kind.code())
                    .push_bind(row.address.clone())
                    .push_bind(row.position.map(LonLat::lon))
                    .push_bind(row.position.map(LonLat::lat))
                    .push_bind(row.premises)
                    .push_bind(row.sticker.code())
                    .push_bind(row.sticker_on);
            });
            note_changes!(tx, "relays", keys);
            tx.commit().await?;
            Ok(count)
        })
    }
}

//! Relays and their stickers.

use chrono::NaiveDate;

use crate::domain::audit::{Act, Author, Resource};
use crate::domain::relay::{Relay, RelayId};

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::seal::Index;
use super::upsert::{Referenced, check_storable, compare, insert, known, next_ids};
use super::{Store, StoreError, Upserted};

const SELECT: &str = "select id, reference, name, kind, address, position, premises, sticker, sticker_on from relays";
const SELECT_ALL: &str =
    "select id, reference, name, kind, address, position, premises, sticker, sticker_on from relays order by id";
const INSERT: &str = "insert into relays (id, reference, name, kind, address, position, premises, sticker, sticker_on, name_index, address_index) ";
const ON_CONFLICT: &str = " on conflict (id) do update set reference = excluded.reference, name = excluded.name, \
    kind = excluded.kind, address = excluded.address, position = excluded.position, premises = excluded.premises, \
    sticker = excluded.sticker, sticker_on = excluded.sticker_on, \
    name_index = excluded.name_index, address_index = excluded.address_index returning id";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    reference: String,
    name: Vec<u8>,
    kind: String,
    address: Vec<u8>,
    position: Option<Vec<u8>>,
    premises: bool,
    sticker: String,
    sticker_on: Option<NaiveDate>,
}

/// A relay whose fields are sealed for its key.
struct Sealed<'a> {
    id: i64,
    relay: &'a Relay,
    name: Vec<u8>,
    address: Vec<u8>,
    position: Option<Vec<u8>>,
    indexes: [Option<Vec<u8>>; 2],
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
    fn opened_relay(&self, row: Row) -> Result<(RelayId, Relay), StoreError> {
        let sealed = self.sealed_row("relays", row.id);
        let relay = Relay {
            position: sealed.open_position(row.position.as_deref())?,
            reference: row.reference,
            name: sealed.open("name", &row.name)?,
            kind: lists::code(&row.kind, "relays.kind")?,
            address: sealed.open("address", &row.address)?,
            premises: row.premises,
            sticker: lists::code(&row.sticker, "relays.sticker")?,
            sticker_on: row.sticker_on,
        };
        Ok((RelayId(row.id), relay))
    }

    /// Every relay, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn relays(&self) -> Result<Vec<(RelayId, Relay)>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT_ALL).fetch_all(pool).await?);
        rows.into_iter().map(|row| self.opened_relay(row)).collect()
    }

    /// Creates the relays whose reference is new, updates those that differ; all or, on an error, none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a reference stands twice in `relays`; [`StoreError::Invalid`] for a value that no
    /// column takes.
    pub async fn upsert_relays(&self, relays: &[Relay], by: Author) -> Result<Upserted, StoreError> {
        check_storable(relays)?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let known = known!(tx, SELECT, "reference", |row| self.opened_relay(row), relays);
            let (to_write, count) = compare(relays, &known);
            if to_write.is_empty() {
                return Ok(count);
            }
            let mut next = next_ids!(tx, "relays", count.created);
            let mut sealed = Vec::with_capacity(to_write.len());
            for (relay, id) in to_write {
                let id = id.unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                let row = self.sealed_row("relays", id);
                sealed.push(Sealed {
                    id,
                    relay,
                    name: row.seal("name", &relay.name)?,
                    address: row.seal("address", &relay.address)?,
                    position: row.seal_position(relay.position)?,
                    indexes: [self.index(Index::Name, &relay.name), self.index(Index::Address, &relay.address)],
                });
            }
            let keys = insert!(tx, INSERT, ON_CONFLICT, sealed, |bind, row| {
                let [name_index, address_index] = row.indexes.clone();
                bind.push_bind(row.id)
                    .push_bind(row.relay.reference.clone())
                    .push_bind(row.name.clone())
                    .push_bind(row.relay.kind.code())
                    .push_bind(row.address.clone())
                    .push_bind(row.position.clone())
                    .push_bind(row.relay.premises)
                    .push_bind(row.relay.sticker.code())
                    .push_bind(row.relay.sticker_on)
                    .push_bind(name_index)
                    .push_bind(address_index);
            });
            note_changes!(tx, "relays", keys);
            append_audit!(tx, self, &[by.entry(Act::Import, Resource::Relays).over(sealed.len())]);
            tx.commit().await?;
            Ok(count)
        })
    }
}

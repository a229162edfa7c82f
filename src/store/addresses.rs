//! Postal addresses: open data, replaced whole.

use crate::domain::address::Address;

use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::insert;
use super::{Store, StoreError};

const SELECT: &str = "select address_id, number, suffix, street, postcode, city, lon, lat from addresses order by id";
const INSERT: &str = "insert into addresses (address_id, number, suffix, street, postcode, city, lon, lat) ";

#[derive(sqlx::FromRow)]
struct Row {
    address_id: String,
    number: i64,
    suffix: String,
    street: String,
    postcode: String,
    city: String,
    lon: f64,
    lat: f64,
}

fn value(row: Row) -> Result<Address, StoreError> {
    let position = lists::position(Some(row.lon), Some(row.lat), "addresses")?;
    Ok(Address {
        id: row.address_id,
        number: lists::number(row.number, "addresses.number")?,
        suffix: row.suffix,
        street: row.street,
        postcode: row.postcode,
        city: row.city,
        position: position.ok_or_else(|| StoreError::corrupt("addresses: no position"))?,
    })
}

impl Store {
    /// Every address, in the order in which it was imported.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn addresses(&self) -> Result<Vec<Address>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT).fetch_all(pool).await?);
        rows.into_iter().map(value).collect()
    }

    /// Puts these addresses in the place of all others, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an identifier stands twice in `addresses`; nothing is replaced then.
    pub async fn replace_addresses(&self, addresses: &[Address]) -> Result<(), StoreError> {
        if addresses
            .iter()
            .any(|a| [&a.id, &a.suffix, &a.street, &a.postcode, &a.city].iter().any(|t| t.contains('\0')))
        {
            let reason = "a text holds a NUL character".to_owned();
            return Err(StoreError::Invalid { row: "addresses".to_owned(), reason });
        }
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            sqlx::query("delete from addresses").execute(&mut *tx).await?;
            insert!(tx, INSERT, " returning id", addresses, |bind, row| {
                bind.push_bind(row.id.clone())
                    .push_bind(i64::from(row.number))
                    .push_bind(row.suffix.clone())
                    .push_bind(row.street.clone())
                    .push_bind(row.postcode.clone())
                    .push_bind(row.city.clone())
                    .push_bind(row.position.lon())
                    .push_bind(row.position.lat());
            });
            note_changes!(tx, "addresses", [0]);
            tx.commit().await?;
        });
        Ok(())
    }
}

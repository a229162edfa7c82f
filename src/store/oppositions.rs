//! Who refused: keyed hashes that recognise the same person in a new report, and tell nobody's name.
//!
//! One hash is of the name with the address, one of the phone. They expire; an expired one is deleted at the next write.

use chrono::NaiveDate;

use super::seal::{Index, keyed_hash};
use super::{Store, StoreError};

const SELECT: &str = "select min(recorded_on) from oppositions where expires_on >= $1 and digest in ($2, $3)";
pub(super) const FORGET: &str = "delete from oppositions where expires_on < $1";
pub(super) const REMEMBER: &str = "insert into oppositions (digest, recorded_on, expires_on) values ($1, $2, $3) \
    on conflict (digest) do update set recorded_on = excluded.recorded_on, expires_on = excluded.expires_on";

/// By what somebody may be recognised, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person<'a> {
    /// Given and family name, in any order.
    pub name: &'a str,
    /// The address.
    pub address: &'a str,
    /// The phone.
    pub phone: &'a str,
}

impl Store {
    /// The hash of name and address, and that of the phone; `None` where there is too little to recognise anybody by.
    pub(super) fn opposition_digests(&self, person: Person<'_>) -> [Option<Vec<u8>>; 2] {
        let hash = |parts: &[&[u8]]| keyed_hash(&self.secrets.opposition, parts).to_vec();
        let (name, address) = (Index::Name.normal(person.name), Index::Address.normal(person.address));
        let phone = Index::Phone.normal(person.phone);
        [
            (!name.is_empty() && !address.is_empty())
                .then(|| hash(&[b"name and address", name.as_bytes(), address.as_bytes()])),
            (!phone.is_empty()).then(|| hash(&[b"phone", phone.as_bytes()])),
        ]
    }

    /// The day on which somebody with this name at this address, or with this phone, refused; `None` when nobody did or
    /// the record has expired.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn opposition_since(
        &self,
        person: Person<'_>,
        today: NaiveDate,
    ) -> Result<Option<NaiveDate>, StoreError> {
        let [first, second] = self.opposition_digests(person).map(Option::unwrap_or_default);
        Ok(on_pool!(self, pool => {
            sqlx::query_scalar(SELECT).bind(today).bind(first).bind(second).fetch_one(pool).await?
        }))
    }

    /// Whether any opposition is in force: most days there is none, and nothing need be asked for each row of a file.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn has_oppositions(&self, today: NaiveDate) -> Result<bool, StoreError> {
        const COUNT: &str = "select count(*) from oppositions where expires_on >= $1";
        let count: i64 = on_pool!(self, pool => sqlx::query_scalar(COUNT).bind(today).fetch_one(pool).await?);
        Ok(count > 0)
    }

    /// Deletes the records that have expired.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_expired_oppositions(&self, today: NaiveDate) -> Result<u64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query(FORGET).bind(today).execute(pool).await?.rows_affected()))
    }
}

/// Keeps the hashes of somebody who is about to be erased, in the same transaction.
macro_rules! remember_opposition {
    ($tx:ident, $store:expr, $row:ident, $today:expr, $until:expr) => {
        if let Some((table, id, columns)) = $crate::store::erasure::table_of($row.subject) {
            let sealed = $store.sealed_row(table, id);
            let text = |column: &str| {
                let at = columns.iter().position(|known| *known == column);
                match at.and_then(|at| $row.sealed[at].as_deref()) {
                    Some(bytes) => sealed.open(column, bytes),
                    None => Ok(String::new()),
                }
            };
            // A relay has one name.
            let name = format!("{} {} {}", text("given_name")?, text("family_name")?, text("name")?);
            let person =
                $crate::store::oppositions::Person { name: &name, address: &text("address")?, phone: &text("phone")? };
            sqlx::query($crate::store::oppositions::FORGET).bind($today).execute(&mut *$tx).await?;
            for digest in $store.opposition_digests(person).into_iter().flatten() {
                sqlx::query($crate::store::oppositions::REMEMBER)
                    .bind(digest)
                    .bind($today)
                    .bind($until)
                    .execute(&mut *$tx)
                    .await?;
            }
        }
    };
}
pub(super) use remember_opposition;

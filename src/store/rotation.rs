//! Sealing everything anew under another key, a few hundred rows to a transaction.
//!
//! Each sealed field says which key sealed it, so an interrupted rotation needs no memory of its own: what still bears an
//! old number is sealed again. Blind indexes are computed anew with the field they stand for.

use zeroize::Zeroizing;

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::reports::{HOUSEHOLD_COLUMNS, REPORT_COLUMNS};
use super::seal::{Index, key_number};
use super::{Store, StoreError};
use crate::domain::audit::Entry;

/// Rows in one transaction.
const BATCH: i64 = 200;

/// A table with sealed columns, and the blind indexes made of them.
pub(super) struct SealedTable {
    pub table: &'static str,
    pub columns: &'static [&'static str],
    indexes: &'static [(&'static str, Index, &'static [&'static str])],
}

/// Every table with fields that are sealed with the key file's key, but for `secrets` and `key_checks`, which have no key
/// of their own.
pub(super) const TABLES: &[SealedTable] = &[
    SealedTable {
        table: "cases",
        columns: &[
            "family_name",
            "given_name",
            "phone",
            "address",
            "position",
            "causes",
            "signs",
            "languages",
            "needs",
            "notes",
        ],
        indexes: &PERSON_INDEXES,
    },
    SealedTable {
        table: "volunteers",
        columns: &["family_name", "given_name", "phone", "email", "address", "position", "languages", "needs"],
        indexes: &PERSON_INDEXES,
    },
    SealedTable {
        table: "relays",
        columns: &["name", "address", "position"],
        indexes: &[("name_index", Index::Name, &["name"]), ("address_index", Index::Address, &["address"])],
    },
    SealedTable {
        table: "accounts",
        columns: &["login", "name", "password", "totp"],
        indexes: &[("login_index", Index::Login, &["login"])],
    },
    SealedTable { table: "case_moves", columns: &["note", "before"], indexes: &[] },
    SealedTable { table: "visits", columns: &["mood", "note"], indexes: &[] },
    SealedTable { table: "referrals", columns: &["institution"], indexes: &[] },
    SealedTable { table: "sticker_codes", columns: &["code"], indexes: &[] },
    SealedTable { table: "relay_reports", columns: &["reporter"], indexes: &[] },
    SealedTable { table: "reports", columns: &REPORT_COLUMNS, indexes: &[] },
    SealedTable { table: "households", columns: &HOUSEHOLD_COLUMNS, indexes: &[] },
    SealedTable { table: "devices", columns: &["pin"], indexes: &[] },
    SealedTable { table: "notices", columns: &["detail"], indexes: &[] },
    SealedTable { table: "rights_requests", columns: &["note"], indexes: &[] },
    SealedTable { table: "traces", columns: &["sought"], indexes: &[] },
];

const PERSON_INDEXES: [(&str, Index, &[&str]); 3] = [
    ("name_index", Index::Name, &["given_name", "family_name"]),
    ("phone_index", Index::Phone, &["phone"]),
    ("address_index", Index::Address, &["address"]),
];

impl Store {
    /// Whether a rotation was begun and has not ended.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn rotation_is_under_way(&self) -> Result<bool, StoreError> {
        const COUNT: &str = "select count(*) from key_checks";
        let known: i64 = on_pool!(self, pool => sqlx::query_scalar(COUNT).fetch_one(pool).await?);
        Ok(known > 1)
    }

    /// Notes the new key as one that seals from now on. Running servers read their key file again.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn begin_rotation(&self, entry: Entry) -> Result<(), StoreError> {
        super::secrets::open_or_draw(&self.pool, &self.vault).await?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            note_changes!(tx, "meta", [0]);
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
        });
        Ok(())
    }

    /// Seals with the current key what bears an older one, and forgets the older ones. Answers how many rows were sealed.
    /// What the older ones sealed still lies in free space until [`Store::scrub`].
    ///
    /// # Errors
    /// [`StoreError`]; what was sealed so far stays, and the next call goes on from there.
    pub async fn reseal(&self) -> Result<u64, StoreError> {
        const FORGET: &str = "delete from key_checks where key_id <> $1";
        let mut count = self.reseal_tables().await?;
        self.reseal_secrets().await?;
        let current = i64::from(self.vault.ring().current());
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            sqlx::query(FORGET).bind(current).execute(&mut *tx).await?;
            note_changes!(tx, "meta", [0]);
            tx.commit().await?;
        });
        // From here on nobody seals with an old key any more (`append_audit!`); a server beside us may have until now.
        count += self.reseal_tables().await?;
        Ok(count)
    }

    /// Reads the key file again when a rotation beside us has added a key. One small query.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or the key file cannot be read.
    pub async fn follow_rotation(&self) -> Result<(), StoreError> {
        const NEWEST: &str = "select coalesce(max(key_id), 0) from key_checks";
        self.follow(on_pool!(self, pool => sqlx::query_scalar(NEWEST).fetch_one(pool).await?)).await
    }

    /// The same for who has read the number of the newest key.
    pub(super) async fn follow(&self, newest: i64) -> Result<(), StoreError> {
        if newest == i64::from(self.vault.ring().current()) { Ok(()) } else { self.reload_keys().await }
    }

    async fn reseal_tables(&self) -> Result<u64, StoreError> {
        let mut count = 0;
        for table in TABLES {
            count += self.reseal_table(table).await?;
        }
        Ok(count)
    }

    async fn reseal_table(&self, table: &SealedTable) -> Result<u64, StoreError> {
        let current = self.vault.ring().current();
        let mut count = 0;
        let mut after = 0_i64;
        loop {
            // Rows and columns of a closed list of our own: nothing here comes from outside.
            let mut last = None;
            on_pool!(self, pool => {
                use sqlx::Row as _;
                let mut tx = pool.begin_write().await?;
                let mut select = sqlx::QueryBuilder::new("select id");
                for column in table.columns {
                    select.push(", ").push(column);
                }
                select.push(" from ").push(table.table).push(" where id > ").push_bind(after);
                select.push(" order by id limit ").push_bind(BATCH);
                for row in select.build().fetch_all(&mut *tx).await? {
                    let id: i64 = row.try_get(0)?;
                    last = Some(id);
                    let mut sealed: Vec<Option<Vec<u8>>> = Vec::with_capacity(table.columns.len());
                    for at in 0..table.columns.len() {
                        sealed.push(row.try_get(at + 1)?);
                    }
                    if let Some((columns, indexes)) = self.resealed(table, id, &sealed, current)? {
                        let mut update = sqlx::QueryBuilder::new("update ");
                        update.push(table.table).push(" set ");
                        let mut list = update.separated(", ");
                        for (column, value) in table.columns.iter().zip(columns) {
                            list.push(column).push_unseparated(" = ").push_bind_unseparated(value);
                        }
                        for ((column, ..), value) in table.indexes.iter().zip(indexes) {
                            list.push(column).push_unseparated(" = ").push_bind_unseparated(value);
                        }
                        update.push(" where id = ").push_bind(id);
                        update.build().execute(&mut *tx).await?;
                        count += 1;
                    }
                }
                tx.commit().await?;
            });
            match last {
                Some(id) => after = id,
                None => return Ok(count),
            }
        }
    }

    /// The fields of a row under the current key, and its indexes; `None` when they are under it already.
    #[expect(clippy::type_complexity, reason = "columns and indexes, used once just above")]
    fn resealed(
        &self,
        table: &SealedTable,
        id: i64,
        sealed: &[Option<Vec<u8>>],
        current: u32,
    ) -> Result<Option<(Vec<Option<Vec<u8>>>, Vec<Option<Vec<u8>>>)>, StoreError> {
        if sealed.iter().flatten().all(|field| key_number(field) == Some(current)) {
            return Ok(None);
        }
        let mut plain: Vec<Option<Zeroizing<Vec<u8>>>> = Vec::with_capacity(sealed.len());
        for (column, field) in table.columns.iter().zip(sealed) {
            let opened = field.as_deref().map(|field| self.vault.open_bytes(table.table, id, column, field));
            plain.push(opened.transpose()?);
        }
        let seal = |(column, plain): (&&str, &Option<Zeroizing<Vec<u8>>>)| {
            plain.as_ref().map(|plain| self.vault.seal(table.table, id, column, plain)).transpose()
        };
        let columns = table.columns.iter().zip(&plain).map(seal).collect::<Result<Vec<_>, _>>()?;
        let text = |wanted: &&str| {
            let at = table.columns.iter().position(|column| column == wanted)?;
            Some(String::from_utf8_lossy(plain[at].as_ref()?).into_owned())
        };
        let indexes = table
            .indexes
            .iter()
            .map(|(_, kind, of)| {
                let value: Vec<String> = of.iter().filter_map(text).collect();
                self.index(*kind, &value.join(" "))
            })
            .collect();
        Ok(Some((columns, indexes)))
    }

    async fn reseal_secrets(&self) -> Result<(), StoreError> {
        const SELECT: &str = "select name, sealed from secrets order by name";
        const UPDATE: &str = "update secrets set sealed = $1 where name = $2";
        let current = self.vault.ring().current();
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(SELECT).fetch_all(&mut *tx).await?;
            for (name, sealed) in rows.into_iter().filter(|(_, sealed)| key_number(sealed) != Some(current)) {
                let plain = self.vault.open_bytes("secrets", 0, &name, &sealed)?;
                let sealed = self.vault.seal("secrets", 0, &name, &plain)?;
                sqlx::query(UPDATE).bind(sealed).bind(name).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::audit::{Act, Author, Resource};
    use crate::domain::rights::RequestKind;
    use crate::store::{KeyRing, KeySource, NewRequest, Pool};

    #[tokio::test]
    async fn what_was_sealed_before_the_keys_were_read_again_is_never_committed() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("test.sqlite").display());
        let path = folder.path().join("keys");
        KeyRing::generate().and_then(|ring| ring.write_new(&path)).expect("a key file");
        let open = async || Store::open(&url, KeySource::File(path.clone()), "test").await.expect("open");
        let (late, rotating) = (open().await, open().await);
        let by = Author::command_line(DateTime::from_timestamp(1_795_000_000, 0).expect("a moment"));
        let entry = by.entry(Act::Create, Resource::Rights);
        let mut ring = KeySource::File(path.clone()).read().expect("the ring");
        ring.add().and_then(|_| ring.write(&path)).expect("a second key");
        rotating.reload_keys().await.expect("read");
        rotating.begin_rotation(by.entry(Act::Rotate, Resource::Keys)).await.expect("begun");
        rotating.reseal().await.expect("sealed anew");
        ring.remove(1);
        ring.write(&path).expect("the second key alone");
        let new = NewRequest {
            kind: RequestKind::Access,
            subject: None,
            received_on: by.today(),
            note: "par lettre".into(),
            created_by: None,
        };
        rotating.create_request(&new, entry.clone()).await.expect("a row under the second key");

        let Pool::Sqlite(pool) = &late.pool else { panic!("a file") };
        let mut tx = pool.begin_write().await.expect("begun");
        let sealed = late.sealed_row("notices", 1).seal("detail", "x").expect("sealed");
        assert_eq!(key_number(&sealed), Some(1), "it knows of no other key");
        // Meanwhile another request opens what the second key has sealed, and a third one follows the rotation.
        assert_eq!(late.requests().await.expect("opened")[0].note, "par lettre");
        let follower = late.clone();
        let following = tokio::spawn(async move { follower.follow_rotation().await });
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let committed = async {
            append_audit!(tx, late, std::slice::from_ref(&entry));
            tx.commit().await
        };
        assert_eq!(committed.await, Err(StoreError::Rotated));
        following.await.expect("no panic").expect("followed");
        assert_eq!(late.vault.ring().numbers().collect::<Vec<_>>(), [2]);
    }
}

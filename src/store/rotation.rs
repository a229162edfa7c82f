//! Sealing everything anew under another key, a few hundred rows to a transaction.
//!
//! Each sealed field says which key sealed it, so an interrupted rotation needs no memory of its own: what still bears an
//! old number is sealed again. Blind indexes are computed anew with the field they stand for.

use zeroize::Zeroizing;

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::seal::{Index, key_number};
use super::{Store, StoreError};
use crate::domain::audit::Entry;

/// Rows in one transaction.
const BATCH: i64 = 200;

/// A table with sealed columns, and the blind indexes made of them.
struct SealedTable {
    table: &'static str,
    columns: &'static [&'static str],
    indexes: &'static [(&'static str, Index, &'static [&'static str])],
}

const TABLES: &[SealedTable] = &[
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
            "notes",
        ],
        indexes: &PERSON_INDEXES,
    },
    SealedTable {
        table: "volunteers",
        columns: &["family_name", "given_name", "phone", "email", "address", "position", "languages"],
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
        let newest: i64 = on_pool!(self, pool => sqlx::query_scalar(NEWEST).fetch_one(pool).await?);
        if newest != i64::from(self.vault.ring().current()) {
            self.vault.reload()?;
        }
        Ok(())
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

//! The secrets of one database, and the proof that the keys at hand are the ones that sealed it.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::audit::{UPSERT_HEAD, append_audit, roll};
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::seal::{Secret, Secrets, Vault};
use super::{Pool, Store, StoreError};
use crate::domain::audit::{Act, Author, Resource};

/// What each key seals to prove itself.
const CHECK: &str = "the key that sealed this database";
const AUDIT: &str = "audit";
const NAMES: [&str; 4] = ["mask", "pseudonym", "opposition", AUDIT];

/// As `on_pool!`, before there is a store.
macro_rules! on_bare_pool {
    ($pool_kind:expr, $pool:ident => $body:expr) => {
        match $pool_kind {
            Pool::Sqlite($pool) => $body,
            Pool::Postgres($pool) => $body,
        }
    };
}

/// Compares the keys at hand with those that sealed this database. Reads only.
pub(super) async fn check_keys(pool: &Pool, vault: &Vault) -> Result<(), StoreError> {
    const SELECT: &str = "select key_id, sealed from key_checks order by key_id";
    let checks: Vec<(i64, Vec<u8>)> = on_bare_pool!(pool, pool => sqlx::query_as(SELECT).fetch_all(pool).await?);
    for (number, sealed) in checks {
        let number = u32::try_from(number).map_err(|_| StoreError::corrupt("key_checks.key_id"))?;
        if vault.ring().cipher(number).is_none() {
            return Err(StoreError::MissingKey { number });
        }
        vault
            .open_text("key_checks", i64::from(number), "sealed", &sealed)
            .ok()
            .filter(|text| text == CHECK)
            .ok_or(StoreError::WrongKey { number })?;
    }
    Ok(())
}

/// Opens the secrets; draws and seals them when the database is new, with the roll of the trail, which is there from then
/// on. Notes the key that seals from now on.
pub(super) async fn open_or_draw(pool: &Pool, vault: &Vault) -> Result<Secrets, StoreError> {
    const SELECT: &str = "select name, sealed from secrets";
    const KNOWN: &str = "select count(*) from key_checks where key_id = $1";
    const INSERT: &str = "insert into secrets (name, sealed) values ($1, $2)";
    const NOTE: &str = "insert into key_checks (key_id, sealed) values ($1, $2) on conflict (key_id) do nothing";
    const RECORDS: &str = "select (select count(*) from counters) + (select count(*) from accounts) \
        + (select count(*) from cases) + (select count(*) from volunteers) + (select count(*) from audit)";
    let current = i64::from(vault.ring().current());
    let mut sealed: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    on_bare_pool!(pool, pool => {
        let known: i64 = sqlx::query_scalar(KNOWN).bind(current).fetch_one(pool).await?;
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(SELECT).fetch_all(pool).await?;
        sealed.extend(rows);
        if known == 0 || sealed.is_empty() {
            // Another program may be at the same: whoever comes second takes what the first has drawn.
            let mut tx = pool.begin_write().await?;
            let check = vault.seal_text("key_checks", current, "sealed", CHECK)?;
            sqlx::query(NOTE).bind(current).bind(check).execute(&mut *tx).await?;
            let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(SELECT).fetch_all(&mut *tx).await?;
            sealed.extend(rows);
            if sealed.is_empty() {
                // Drawn anew over records, they would let a trail begin anew that somebody has taken away.
                if sqlx::query_scalar::<_, i64>(RECORDS).fetch_one(&mut *tx).await? > 0 {
                    return Err(StoreError::corrupt("secrets: they are gone"));
                }
                for name in NAMES {
                    let secret = draw()?;
                    let bytes = vault.seal("secrets", 0, name, &*secret)?;
                    sqlx::query(INSERT).bind(name).bind(&bytes).execute(&mut *tx).await?;
                    sealed.insert(name.to_owned(), bytes);
                    if name == AUDIT {
                        let roll = roll(&secret, &[]);
                        sqlx::query(UPSERT_HEAD)
                            .bind(roll.chain_id)
                            .bind(roll.seq)
                            .bind(roll.segment)
                            .bind(roll.mac)
                            .bind(roll.signature)
                            .execute(&mut *tx)
                            .await?;
                    }
                }
            }
            tx.commit().await?;
        }
    });
    let open = |name: &str| open_secret(vault, name, sealed.get(name));
    let [_, pseudonym, opposition, audit] = NAMES;
    Ok(Secrets { pseudonym: open(pseudonym)?, opposition: open(opposition)?, audit: open(audit)? })
}

fn open_secret(vault: &Vault, name: &str, sealed: Option<&Vec<u8>>) -> Result<Secret, StoreError> {
    let missing = || StoreError::corrupt(format!("secrets.{name}"));
    let bytes = vault.open_bytes("secrets", 0, name, sealed.ok_or_else(missing)?)?;
    Ok(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| missing())?))
}

fn draw() -> Result<Secret, StoreError> {
    let mut secret: Secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).map_err(|_| StoreError::NoRandomness)?;
    Ok(secret)
}

impl Store {
    /// The secret of the mask (`geo::mask`) and its epoch: the first is 1.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or the secret does not open.
    pub async fn mask(&self) -> Result<(Secret, u32), StoreError> {
        // Together, so that a secret is never taken for another epoch's.
        const SELECT: &str = "select s.sealed, m.value from secrets s left join meta m on m.key = 'mask_epoch' \
            where s.name = 'mask'";
        let row: Option<(Vec<u8>, Option<String>)> =
            on_pool!(self, pool => sqlx::query_as(SELECT).fetch_optional(pool).await?);
        let (sealed, epoch) = row.unzip();
        Ok((open_secret(&self.vault, "mask", sealed.as_ref())?, epoch_of(epoch.flatten())?))
    }

    /// Draws another secret for the mask and answers its epoch: nothing that is known of the former one tells a point of
    /// it. Running servers take it up before their next answer.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; then the former secret stays.
    pub async fn renew_mask(&self, by: Author) -> Result<u32, StoreError> {
        const EPOCH: &str = "select value from meta where key = 'mask_epoch'";
        const UPDATE: &str = "update secrets set sealed = $1 where name = 'mask'";
        const NOTE: &str = "insert into meta (key, value) values ('mask_epoch', $1) \
            on conflict (key) do update set value = excluded.value";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let former: Option<String> = sqlx::query_scalar(EPOCH).fetch_optional(&mut *tx).await?;
            let epoch = epoch_of(former)?.saturating_add(1);
            sqlx::query(UPDATE).bind(self.vault.seal("secrets", 0, "mask", &*draw()?)?).execute(&mut *tx).await?;
            sqlx::query(NOTE).bind(epoch.to_string()).execute(&mut *tx).await?;
            note_changes!(tx, "meta", [0]);
            append_audit!(tx, self, &[by.entry(Act::Rotate, Resource::Keys).because(format!("mask, epoch {epoch}"))]);
            tx.commit().await?;
            Ok(epoch)
        })
    }
}

fn epoch_of(value: Option<String>) -> Result<u32, StoreError> {
    value.map_or(Ok(1), |value| value.parse().map_err(|_| StoreError::corrupt("meta.mask_epoch")))
}

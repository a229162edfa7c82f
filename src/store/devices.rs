//! Phones of volunteers: known for a time, opened again by a PIN. Three wrong PINs and the phone is forgotten.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use zeroize::Zeroizing;

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::lists;
use super::sessions::objection;
use super::upsert::next_ids;
use super::{Changed, Store, StoreError};
use crate::domain::access::Role;
use crate::domain::audit::{Act, Actor, Author, Resource, Subject};

/// Wrong PINs before a phone is forgotten.
const PIN_TRIES: i64 = 3;
/// Phones of one account; the oldest goes when there is one more.
const DEVICES_MAX: i64 = 5;

const END_DEVICE_SESSIONS: &str = "delete from sessions where device_id = $1";

/// A phone.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its key.
    pub id: i64,
    /// Whose.
    pub account: i64,
    /// The PIN's hash.
    pub pin: Zeroizing<String>,
    /// What its holder is here for.
    pub roles: BTreeSet<Role>,
    /// Whether the demonstration made the account.
    pub demonstration: bool,
}

/// A phone as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    /// Its key.
    pub id: i64,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// Until when it is known.
    pub expires_at: DateTime<Utc>,
}

/// A phone to be registered.
#[derive(Debug, Clone)]
pub struct NewDevice<'a> {
    /// Whose.
    pub account: i64,
    /// The session on it, which lasts as long as sessions on known phones do from now on.
    pub session: i64,
    /// SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// The PIN's hash.
    pub pin: &'a str,
    /// For how long it is known.
    pub lifetime: TimeDelta,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    account_id: i64,
    pin: Vec<u8>,
    demonstration: bool,
    role: Option<String>,
}

impl Store {
    /// Registers the phone that a session is on. A session that began with a PIN, or has ended meanwhile, registers none.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn register_device(
        &self,
        new: &NewDevice<'_>,
        by: Author,
    ) -> Result<Result<DeviceLine, Changed>, StoreError> {
        const PRUNE: &str = "delete from devices where expires_at <= $1 or (account_id = $2 and id not in \
            (select id from devices where account_id = $2 order by id desc limit $3))";
        const INSERT: &str = "insert into devices (id, account_id, token_hash, pin, created_at, expires_at) \
            values ($1, $2, $3, $4, $5, $6)";
        const ON_IT: &str = "update sessions set device_id = $1 where id = $2 and account_id = $3";
        let created_at = by.at.trunc_subsecs(3);
        let expires_at = created_at + new.lifetime;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            if let Some(objection) = objection!(tx, new.account, new.session) {
                return Ok(Err(objection));
            }
            sqlx::query(PRUNE).bind(created_at).bind(new.account).bind(DEVICES_MAX - 1).execute(&mut *tx).await?;
            let id = next_ids!(tx, "devices", 1);
            sqlx::query(INSERT)
                .bind(id)
                .bind(new.account)
                .bind(new.token_hash.to_vec())
                .bind(self.sealed_row("devices", id).seal("pin", new.pin)?)
                .bind(created_at)
                .bind(expires_at)
                .execute(&mut *tx)
                .await?;
            sqlx::query(ON_IT).bind(id).bind(new.session).bind(new.account).execute(&mut *tx).await?;
            let entry = by.entry(Act::Create, Resource::Devices).about(Subject::Account(new.account));
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(Ok(DeviceLine { id, created_at, expires_at }))
        })
    }

    /// The phone of a token, while it is known and its account may sign in.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn device(&self, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Device>, StoreError> {
        const SELECT: &str = "select d.id, d.account_id, d.pin, a.demonstration, r.role from devices d \
            join accounts a on a.id = d.account_id left join account_roles r on r.account_id = a.id \
            where d.token_hash = $1 and d.expires_at > $2 and not a.disabled";
        let rows: Vec<Row> = on_pool!(self, pool => {
            sqlx::query_as(SELECT).bind(token_hash.to_vec()).bind(now).fetch_all(pool).await?
        });
        let Some(first) = rows.first() else { return Ok(None) };
        let roles = rows.iter().filter_map(|row| row.role.as_deref());
        Ok(Some(Device {
            id: first.id,
            account: first.account_id,
            pin: Zeroizing::new(self.sealed_row("devices", first.id).open("pin", &first.pin)?),
            roles: roles.map(|role| lists::code(role, "account_roles.role")).collect::<Result<_, _>>()?,
            demonstration: first.demonstration,
        }))
    }

    /// Takes one of the tries at a phone's PIN before the PIN is looked at, so that tries at the same time count, too.
    /// Answers how many are left after this one; `None` when there was none left.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn take_pin_try(&self, device: i64) -> Result<Option<i64>, StoreError> {
        const UPDATE: &str =
            "update devices set failures = failures + 1 where id = $1 and failures < $2 returning failures";
        let failures: Option<i64> = on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let failures = sqlx::query_scalar(UPDATE).bind(device).bind(PIN_TRIES).fetch_optional(&mut *tx).await?;
            tx.commit().await?;
            failures
        });
        Ok(failures.map(|failures| PIN_TRIES - failures))
    }

    /// Gives all tries back after a right PIN.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn give_pin_tries_back(&self, device: i64) -> Result<(), StoreError> {
        const UPDATE: &str = "update devices set failures = 0 where id = $1";
        on_pool!(self, pool => {
            sqlx::query(UPDATE).bind(device).execute(pool).await?;
        });
        Ok(())
    }

    /// Notes a wrong PIN; after the last try the phone is forgotten and its sessions end.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn note_wrong_pin(&self, device: &Device, left: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        const DELETE: &str = "delete from devices where id = $1";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let by = Author { actor: Actor::Nobody, at: now };
            let about = Subject::Account(device.account);
            let mut entries = vec![by.entry(Act::SignIn, Resource::Sessions).about(about).refused().because("wrong PIN")];
            if left == 0 {
                sqlx::query(END_DEVICE_SESSIONS).bind(device.id).execute(&mut *tx).await?;
                sqlx::query(DELETE).bind(device.id).execute(&mut *tx).await?;
                entries.push(by.entry(Act::Erase, Resource::Devices).about(about).because("wrong PINs"));
            }
            append_audit!(tx, self, &entries);
            tx.commit().await?;
        });
        Ok(())
    }

    /// The phones of an account that are still known, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn devices_of(&self, account: i64, now: DateTime<Utc>) -> Result<Vec<DeviceLine>, StoreError> {
        const SELECT: &str = "select id, created_at, expires_at from devices \
            where account_id = $1 and expires_at > $2 order by id desc";
        let rows: Vec<(i64, DateTime<Utc>, DateTime<Utc>)> =
            on_pool!(self, pool => sqlx::query_as(SELECT).bind(account).bind(now).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|(id, created_at, expires_at)| DeviceLine { id, created_at, expires_at }).collect())
    }

    /// Forgets a phone of an account; its sessions end. Tells whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_device(&self, account: i64, id: i64, by: Author) -> Result<bool, StoreError> {
        const DELETE: &str = "delete from devices where account_id = $1 and id = $2";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(DELETE).bind(account).bind(id).execute(&mut *tx).await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(END_DEVICE_SESSIONS).bind(id).execute(&mut *tx).await?;
            append_audit!(tx, self, &[by.entry(Act::Erase, Resource::Devices).about(Subject::Account(account))]);
            tx.commit().await?;
            Ok(true)
        })
    }
}

//! Wrong attempts to sign in, and what needs no account, counted by keyed hash: the table tells neither a login nor a code
//! nor an address.

use std::net::IpAddr;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::dialect::BeginWrite;
use super::seal::{Index, keyed_hash};
use super::{Store, StoreError};
use crate::domain::relay::RelayId;
use crate::domain::throttle::{ACCOUNT_FREE, ADDRESS_FREE, GUESSES_FREE, MEMORY, Quota, pause};

const TAKE_BACK: &str = "update throttles set failures = failures - 1, blocked_until_at = null \
    where subject = $1 and failures > 0";

/// Whose attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throttled<'a> {
    /// Those on an account, whether it exists or not, by its login.
    Account(&'a str),
    /// Those from an address; an IPv6 customer has a whole /64.
    Address(IpAddr),
    /// Codes and receipts that are guessed from an address.
    Guesses(IpAddr),
}

/// What is counted within a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Reports with a relay's code.
    ReportsOf(RelayId),
    /// Reports from an address.
    ReportsFrom(IpAddr),
    /// All reports.
    Reports,
    /// All wrong codes and receipts.
    Guesses,
}

/// The part of an address that belongs to one customer.
fn customer(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
    }
}

impl Throttled<'_> {
    fn free(self) -> u32 {
        match self {
            Self::Account(_) => ACCOUNT_FREE,
            Self::Address(_) => ADDRESS_FREE,
            Self::Guesses(_) => GUESSES_FREE,
        }
    }
}

impl Store {
    fn throttle_key(&self, whose: Throttled<'_>) -> Vec<u8> {
        let (kind, value) = match whose {
            Throttled::Account(login) => ("account", Index::Login.normal(login).into_bytes()),
            Throttled::Address(address) => ("address", customer(address)),
            Throttled::Guesses(address) => ("guesses", customer(address)),
        };
        keyed_hash(&self.secrets.pseudonym, &[b"throttle", kind.as_bytes(), &value])[..16].to_vec()
    }

    /// The row of a window of time, and when that window ends.
    fn quota_key(&self, what: Counted, quota: Quota, now: DateTime<Utc>) -> (Vec<u8>, DateTime<Utc>) {
        let (kind, value) = match what {
            Counted::ReportsOf(RelayId(id)) => ("code", id.to_le_bytes().to_vec()),
            Counted::ReportsFrom(address) => ("address", customer(address)),
            Counted::Reports => ("reports", Vec::new()),
            Counted::Guesses => ("guesses", Vec::new()),
        };
        let length = quota.window.num_seconds().max(1);
        let window = now.timestamp().div_euclid(length);
        let parts: [&[u8]; 4] = [b"quota", kind.as_bytes(), &value, &window.to_le_bytes()];
        let left = TimeDelta::seconds(length - now.timestamp().rem_euclid(length));
        (keyed_hash(&self.secrets.pseudonym, &parts)[..16].to_vec(), now.trunc_subsecs(0) + left)
    }

    /// Counts what is about to be done, unless it was done as often as it may be within its window: then answers when the
    /// last of the windows that are full ends, and counts nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_within(
        &self,
        what: &[(Counted, Quota)],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        const SELECT: &str = "select failures from throttles where subject = $1";
        const FORGET: &str = "delete from throttles where last_at < $1";
        const UPSERT: &str = "insert into throttles (subject, failures, last_at) values ($1, 1, $2) \
            on conflict (subject) do update set failures = throttles.failures + 1, last_at = excluded.last_at";
        let at = now.trunc_subsecs(3);
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            sqlx::query(FORGET).bind(at - MEMORY).execute(&mut *tx).await?;
            let mut full: Option<DateTime<Utc>> = None;
            for (one, quota) in what {
                let (key, ends) = self.quota_key(*one, *quota, now);
                let done: Option<i64> = sqlx::query_scalar(SELECT).bind(key).fetch_optional(&mut *tx).await?;
                full = full.max(Some(ends).filter(|_| done.unwrap_or(0) >= i64::from(quota.most)));
            }
            if full.is_none() {
                for (one, quota) in what {
                    let (key, _) = self.quota_key(*one, *quota, now);
                    sqlx::query(UPSERT).bind(key).bind(at).execute(&mut *tx).await?;
                }
            }
            tx.commit().await?;
            Ok(full)
        })
    }

    /// Counts an attempt as wrong before it is looked at, so that attempts at the same time count, too. When one of those
    /// it counts for is blocked, answers until when, and counts nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_attempt(
        &self,
        whose: &[Throttled<'_>],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        const SELECT: &str = "select failures, blocked_until_at from throttles where subject = $1";
        const FORGET: &str = "delete from throttles where last_at < $1";
        const UPSERT: &str = "insert into throttles (subject, failures, last_at, blocked_until_at) \
            values ($1, $2, $3, $4) on conflict (subject) do update set failures = excluded.failures, \
            last_at = excluded.last_at, blocked_until_at = excluded.blocked_until_at";
        let at = now.trunc_subsecs(3);
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            sqlx::query(FORGET).bind(at - MEMORY).execute(&mut *tx).await?;
            let mut counted = Vec::with_capacity(whose.len());
            let mut blocked: Option<DateTime<Utc>> = None;
            for one in whose {
                let key = self.throttle_key(*one);
                let row: Option<(i64, Option<DateTime<Utc>>)> =
                    sqlx::query_as(SELECT).bind(key.clone()).fetch_optional(&mut *tx).await?;
                let (failures, until) = row.unwrap_or((0, None));
                blocked = blocked.max(until.filter(|until| *until > at));
                counted.push((key, failures + 1, pause(u32::try_from(failures + 1).unwrap_or(u32::MAX), one.free())));
            }
            if blocked.is_none() {
                for (key, failures, pause) in counted {
                    sqlx::query(UPSERT)
                        .bind(key)
                        .bind(failures)
                        .bind(at)
                        .bind(pause.map(|pause| at + pause))
                        .execute(&mut *tx)
                        .await?;
                }
            }
            tx.commit().await?;
            Ok(blocked)
        })
    }

    /// Takes back the count of an attempt that was right so far.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn take_attempt_back(&self, whose: &[Throttled<'_>]) -> Result<(), StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            for one in whose {
                sqlx::query(TAKE_BACK).bind(self.throttle_key(*one)).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// Forgets what was wrong on an account after its holder signed in; other attempts from the same address still count.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_attempts(&self, whose: &[Throttled<'_>]) -> Result<(), StoreError> {
        const DELETE: &str = "delete from throttles where subject = $1";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            for one in whose {
                let statement = if matches!(one, Throttled::Account(_)) { DELETE } else { TAKE_BACK };
                sqlx::query(statement).bind(self.throttle_key(*one)).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }
}

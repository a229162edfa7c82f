//! Wrong attempts to sign in, counted by keyed hash: the table tells neither a login nor an address.

use std::net::IpAddr;

use chrono::{DateTime, SubsecRound, Utc};

use super::dialect::BeginWrite;
use super::seal::{Index, keyed_hash};
use super::{Store, StoreError};
use crate::domain::throttle::{ACCOUNT_FREE, ADDRESS_FREE, MEMORY, pause};

const TAKE_BACK: &str = "update throttles set failures = failures - 1, blocked_until_at = null \
    where subject = $1 and failures > 0";

/// Whose attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throttled<'a> {
    /// Those on an account, whether it exists or not, by its login.
    Account(&'a str),
    /// Those from an address; an IPv6 customer has a whole /64.
    Address(IpAddr),
}

impl Throttled<'_> {
    fn free(self) -> u32 {
        match self {
            Self::Account(_) => ACCOUNT_FREE,
            Self::Address(_) => ADDRESS_FREE,
        }
    }
}

impl Store {
    fn throttle_key(&self, whose: Throttled<'_>) -> Vec<u8> {
        let (kind, value) = match whose {
            Throttled::Account(login) => ("account", Index::Login.normal(login).into_bytes()),
            Throttled::Address(address) => match address.to_canonical() {
                IpAddr::V4(v4) => ("address", v4.octets().to_vec()),
                IpAddr::V6(v6) => ("address", v6.octets()[..8].to_vec()),
            },
        };
        keyed_hash(&self.secrets.pseudonym, &[b"throttle", kind.as_bytes(), &value])[..16].to_vec()
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

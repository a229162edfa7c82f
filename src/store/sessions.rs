//! Sessions. The table holds the SHA-256 of a token of 256 random bits: who reads it can sign in as nobody.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use zeroize::Zeroizing;

use super::accounts::{Credentials, END_SESSIONS, FORGET_DEVICES};
use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::access::Role;
use crate::domain::audit::{Act, Actor, Author, Resource, Subject};
use crate::domain::closed_list::closed_list;
use crate::domain::volunteer::VolunteerId;

/// The account's row comes once per role, with the key that seals now: one query, the same on both databases.
const SELECT_BY_TOKEN: &str = "select s.id, s.account_id, s.kind, s.device_id, s.created_at, s.seen_at, s.glass_until_at, \
    a.totp_confirmed, a.volunteer_id, a.demonstration, r.role, \
    (select coalesce(max(key_id), 0) from key_checks) as newest_key \
    from sessions s join accounts a on a.id = s.account_id \
    left join account_roles r on r.account_id = a.id where s.token_hash = $1 and not a.disabled";
pub(super) const KIND: &str = "select kind from sessions where id = $1 and account_id = $2";

closed_list!(
    /// How a session began.
    SessionKind { Password = "password", Pin = "pin" }
);

/// What somebody proved to begin a session. Comparing takes its time, and what was changed meanwhile proves nothing any
/// more: it is looked at again in the transaction that begins the session.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// The password, and a code where there is a second factor.
    Password {
        /// What it was compared with.
        known: &'a Credentials,
        /// The phone it was typed on, when the account knows it.
        device: Option<i64>,
        /// The time step of the code that was typed: no code works twice.
        step: Option<i64>,
    },
    /// The PIN of this phone.
    Pin {
        /// The phone.
        device: i64,
    },
}

impl Proof<'_> {
    const fn kind(self) -> SessionKind {
        match self {
            Self::Password { .. } => SessionKind::Password,
            Self::Pin { .. } => SessionKind::Pin,
        }
    }

    const fn device(self) -> Option<i64> {
        match self {
            Self::Password { device, .. } => device,
            Self::Pin { device } => Some(device),
        }
    }
}

/// Why a session did not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// The code was used already.
    CodeUsed,
    /// Meanwhile the password or the second factor was changed, the account disabled or the phone forgotten.
    Overtaken,
}

/// A session to begin.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Whose.
    pub account: i64,
    /// SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// What was proved.
    pub proof: Proof<'a>,
    /// SHA-256 of the token that came with the request: that session ends.
    pub replaces: Option<&'a [u8]>,
}

/// A session with the rights of its account at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its key.
    pub id: i64,
    /// Whose.
    pub account: i64,
    /// How it began.
    pub kind: SessionKind,
    /// The phone it is on, when the account knows it.
    pub device: Option<i64>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, at most a minute late.
    pub seen_at: DateTime<Utc>,
    /// An emergency right, until then.
    pub glass_until_at: Option<DateTime<Utc>>,
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// The volunteer that the holder is.
    pub volunteer: Option<VolunteerId>,
    /// Whether the demonstration made the account.
    pub demonstration: bool,
    /// What the holder is here for.
    pub roles: BTreeSet<Role>,
}

/// A session as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// Its key.
    pub id: i64,
    /// How it began.
    pub kind: SessionKind,
    /// The phone it is on, when the account knows it.
    pub device: Option<i64>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub seen_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    account_id: i64,
    kind: String,
    device_id: Option<i64>,
    created_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    glass_until_at: Option<DateTime<Utc>>,
    totp_confirmed: bool,
    volunteer_id: Option<i64>,
    demonstration: bool,
    role: Option<String>,
    newest_key: i64,
}

/// What stands against changing the ways into an account: the session that asks has ended meanwhile, or it began with a
/// PIN. `None` when nothing does.
macro_rules! objection {
    ($tx:ident, $account:expr, $session:expr) => {{
        let kind: Option<String> = sqlx::query_scalar($crate::store::sessions::KIND)
            .bind($session)
            .bind($account)
            .fetch_optional(&mut *$tx)
            .await?;
        match kind {
            None => Some($crate::store::Changed::SessionEnded),
            Some(kind) if kind == $crate::store::SessionKind::Pin.code() => {
                Some($crate::store::Changed::PasswordNeeded)
            }
            Some(_) => None,
        }
    }};
}
pub(super) use objection;

impl Store {
    /// Begins a session if what was proved still holds; else nothing is written. Sessions that began more than `longest`
    /// or were idle for more than `idle` before go.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn begin_session(
        &self,
        new: &NewSession<'_>,
        idle: TimeDelta,
        longest: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Result<(), NotBegun>, StoreError> {
        const STANDS: &str = "select password, totp_confirmed from accounts where id = $1 and not disabled";
        const KNOWN: &str = "select count(*) from devices d join accounts a on a.id = d.account_id \
            where d.id = $1 and a.id = $2 and not a.disabled";
        const USE_STEP: &str = "update accounts set totp_step = $1 where id = $2 and totp_step < $1";
        const PRUNE: &str = "delete from sessions where created_at < $1 or seen_at < $2";
        const REPLACE: &str = "delete from sessions where token_hash = $1";
        const INSERT: &str = "insert into sessions (id, account_id, token_hash, kind, device_id, created_at, seen_at) \
            values ($1, $2, $3, $4, (select id from devices where id = $5), $6, $6)";
        const SEEN: &str = "update accounts set seen_at = $1 where id = $2";
        let at = now.trunc_subsecs(3);
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            match new.proof {
                Proof::Password { known, step, .. } => {
                    let stands: Option<(Vec<u8>, bool)> =
                        sqlx::query_as(STANDS).bind(new.account).fetch_optional(&mut *tx).await?;
                    let Some((password, second_factor)) = stands else { return Ok(Err(NotBegun::Overtaken)) };
                    let password = Zeroizing::new(self.sealed_row("accounts", new.account).open("password", &password)?);
                    if password != known.password || second_factor != known.second_factor_confirmed {
                        return Ok(Err(NotBegun::Overtaken));
                    }
                    if let Some(step) = step {
                        let done = sqlx::query(USE_STEP).bind(step).bind(new.account).execute(&mut *tx).await?;
                        if done.rows_affected() == 0 {
                            return Ok(Err(NotBegun::CodeUsed));
                        }
                    }
                }
                Proof::Pin { device } => {
                    let known: i64 =
                        sqlx::query_scalar(KNOWN).bind(device).bind(new.account).fetch_one(&mut *tx).await?;
                    if known == 0 {
                        return Ok(Err(NotBegun::Overtaken));
                    }
                }
            }
            sqlx::query(PRUNE).bind(at - longest).bind(at - idle).execute(&mut *tx).await?;
            if let Some(hash) = new.replaces {
                sqlx::query(REPLACE).bind(hash.to_vec()).execute(&mut *tx).await?;
            }
            let id = next_ids!(tx, "sessions", 1);
            sqlx::query(INSERT)
                .bind(id)
                .bind(new.account)
                .bind(new.token_hash.to_vec())
                .bind(new.proof.kind().code())
                .bind(new.proof.device())
                .bind(at)
                .execute(&mut *tx)
                .await?;
            sqlx::query(SEEN).bind(at).bind(new.account).execute(&mut *tx).await?;
            let by = Author { actor: Actor::Account(new.account), at: now };
            let entry = by.entry(Act::SignIn, Resource::Sessions).about(Subject::Account(new.account));
            append_audit!(tx, self, &[entry.because(new.proof.kind().code())]);
            tx.commit().await?;
            Ok(Ok(()))
        })
    }

    /// The session of a token, when its account may still sign in. Whether it has expired is for the caller to say. Reads
    /// the key file again when a rotation beside us has added a key, as [`Self::follow_rotation`] does.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or the key file cannot be read.
    pub async fn session(&self, token_hash: &[u8]) -> Result<Option<Session>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => {
            sqlx::query_as(SELECT_BY_TOKEN).bind(token_hash.to_vec()).fetch_all(pool).await?
        });
        let Some(first) = rows.first() else { return Ok(None) };
        self.follow(first.newest_key).await?;
        let roles = rows.iter().filter_map(|row| row.role.as_deref());
        Ok(Some(Session {
            id: first.id,
            account: first.account_id,
            kind: lists::code(&first.kind, "sessions.kind")?,
            device: first.device_id,
            created_at: first.created_at,
            seen_at: first.seen_at,
            glass_until_at: first.glass_until_at,
            second_factor: first.totp_confirmed,
            volunteer: first.volunteer_id.map(VolunteerId),
            demonstration: first.demonstration,
            roles: roles.map(|role| lists::code(role, "account_roles.role")).collect::<Result<_, _>>()?,
        }))
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn touch_session(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        const UPDATE: &str = "update sessions set seen_at = $1 where id = $2 and seen_at < $1";
        on_pool!(self, pool => {
            sqlx::query(UPDATE).bind(now.trunc_subsecs(3)).bind(id).execute(pool).await?;
        });
        Ok(())
    }

    /// The sessions of an account that began after `since`, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn sessions_of(&self, account: i64, since: DateTime<Utc>) -> Result<Vec<SessionLine>, StoreError> {
        const SELECT: &str = "select id, kind, device_id, created_at, seen_at from sessions \
            where account_id = $1 and created_at >= $2 order by id desc";
        type Line = (i64, String, Option<i64>, DateTime<Utc>, DateTime<Utc>);
        let rows: Vec<Line> =
            on_pool!(self, pool => sqlx::query_as(SELECT).bind(account).bind(since).fetch_all(pool).await?);
        rows.into_iter()
            .map(|(id, kind, device, created_at, seen_at)| {
                Ok(SessionLine { id, kind: lists::code(&kind, "sessions.kind")?, device, created_at, seen_at })
            })
            .collect()
    }

    /// Ends one session of an account; tells whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn end_session(&self, account: i64, id: i64, by: Author) -> Result<bool, StoreError> {
        const DELETE: &str = "delete from sessions where account_id = $1 and id = $2";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(DELETE).bind(account).bind(id).execute(&mut *tx).await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            let entry = by.entry(Act::SignOut, Resource::Sessions).about(Subject::Account(account));
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(true)
        })
    }

    /// Ends every session of an account, forgets its phones, and answers how many sessions there were.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn end_sessions(&self, account: i64, by: Author) -> Result<u64, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(END_SESSIONS).bind(account).execute(&mut *tx).await?.rows_affected();
            sqlx::query(FORGET_DEVICES).bind(account).execute(&mut *tx).await?;
            let entry = by.entry(Act::SignOut, Resource::Sessions).about(Subject::Account(account));
            append_audit!(tx, self, &[entry.over(usize::try_from(done).unwrap_or(usize::MAX))]);
            tx.commit().await?;
            Ok(done)
        })
    }
}

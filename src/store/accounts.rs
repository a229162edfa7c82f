//! Accounts and their roles. Login, name, password hash and second factor lie sealed; a login is found by its keyed hash.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, Utc};
use zeroize::Zeroizing;

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::lists;
use super::seal::Index;
use super::sessions::objection;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::access::Role;
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::volunteer::VolunteerId;

const SELECT: &str = "select a.id, a.login, a.name, a.totp_confirmed, a.volunteer_id, v.reference as volunteer, a.disabled, \
    a.demonstration, a.created_at, a.seen_at from accounts a left join volunteers v on v.id = a.volunteer_id";
const SELECT_ROLES: &str = "select account_id, role from account_roles";
const SELECT_CREDENTIALS: &str =
    "select id, login, password, totp, totp_confirmed, totp_step, disabled, demonstration from accounts where ";
const INSERT: &str = "insert into accounts (id, login, login_index, name, password, volunteer_id, demonstration, \
    created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
const INSERT_ROLE: &str = "insert into account_roles (account_id, role) values ($1, $2)";
const VOLUNTEER: &str = "select id from volunteers where reference = $1";
const OTHER_ADMINISTRATORS: &str = "select count(*) from accounts a join account_roles r on r.account_id = a.id \
    where r.role = 'administration' and not a.disabled and a.id <> $1";
const SET_PASSWORD: &str = "update accounts set password = $1 where id = $2";
/// `$2` is the session that goes on.
const END_OTHERS: &str = "delete from sessions where account_id = $1 and id <> $2";
pub(super) const END_SESSIONS: &str = "delete from sessions where account_id = $1";
pub(super) const FORGET_DEVICES: &str = "delete from devices where account_id = $1";

/// An account, opened; without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its key.
    pub id: i64,
    /// What its holder types to sign in.
    pub login: String,
    /// The holder's name.
    pub name: String,
    /// What the holder is here for.
    pub roles: BTreeSet<Role>,
    /// The volunteer that the holder is.
    pub volunteer: Option<VolunteerId>,
    /// That volunteer's reference.
    pub volunteer_reference: Option<String>,
    /// Whether a second factor is asked for.
    pub second_factor: bool,
    /// Whether nobody can sign in with it.
    pub disabled: bool,
    /// Whether the demonstration made it.
    pub demonstration: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its holder last signed in.
    pub seen_at: Option<DateTime<Utc>>,
}

/// What an attempt to sign in is compared with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Key of the account.
    pub id: i64,
    /// What its holder types to sign in.
    pub login: String,
    /// The password's hash.
    pub password: Zeroizing<String>,
    /// Secret of the second factor in base32; there is one before it is confirmed, too.
    pub second_factor: Option<Zeroizing<String>>,
    /// Whether the second factor is asked for.
    pub second_factor_confirmed: bool,
    /// The last time step that a code was used in.
    pub last_step: i64,
    /// Whether nobody can sign in with it.
    pub disabled: bool,
    /// Whether the demonstration made it.
    pub demonstration: bool,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// What its holder types to sign in.
    pub login: &'a str,
    /// The holder's name.
    pub name: &'a str,
    /// What the holder is here for.
    pub roles: &'a BTreeSet<Role>,
    /// Reference of the volunteer that the holder is.
    pub volunteer: Option<&'a str>,
    /// The password's hash.
    pub password: &'a str,
    /// Whether the demonstration makes it.
    pub demonstration: bool,
}

/// What an account becomes.
#[derive(Debug, Clone)]
pub struct AccountChange<'a> {
    /// The holder's name.
    pub name: &'a str,
    /// What the holder is here for.
    pub roles: &'a BTreeSet<Role>,
    /// Reference of the volunteer that the holder is.
    pub volunteer: Option<&'a str>,
    /// Whether nobody can sign in with it.
    pub disabled: bool,
    /// The hash of its new password; `None` keeps the one it has.
    pub password: Option<&'a str>,
}

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// As asked.
    Done,
    /// There is no such account.
    NoSuchAccount,
    /// It would leave nobody to administer accounts.
    LastAdministrator,
    /// The session that asked has ended meanwhile.
    SessionEnded,
    /// The session that asked began with a PIN, and the password is needed for this.
    PasswordNeeded,
}

/// What becomes of a second factor.
#[derive(Debug, Clone, Copy)]
pub enum SecondFactor<'a> {
    /// A secret in base32 that is not asked for until it is confirmed.
    Begin(&'a str),
    /// It is asked for from now on; the code of this time step proved it.
    Confirm(i64),
    /// There is none any more.
    Remove,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    login: Vec<u8>,
    name: Vec<u8>,
    totp_confirmed: bool,
    volunteer_id: Option<i64>,
    volunteer: Option<String>,
    disabled: bool,
    demonstration: bool,
    created_at: DateTime<Utc>,
    seen_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct CredentialsRow {
    id: i64,
    login: Vec<u8>,
    password: Vec<u8>,
    totp: Option<Vec<u8>>,
    totp_confirmed: bool,
    totp_step: i64,
    disabled: bool,
    demonstration: bool,
}

/// The key of a volunteer by reference, in a transaction.
macro_rules! volunteer_id {
    ($tx:ident, $reference:expr) => {
        match $reference {
            None => None,
            Some(reference) => {
                let id: Option<i64> = sqlx::query_scalar(VOLUNTEER).bind(reference).fetch_optional(&mut *$tx).await?;
                Some(id.ok_or_else(|| StoreError::UnknownReference {
                    row: "the account".to_owned(),
                    reference: reference.to_owned(),
                })?)
            }
        }
    };
}

impl Store {
    fn opened_account(&self, row: Row, roles: BTreeSet<Role>) -> Result<Account, StoreError> {
        let sealed = self.sealed_row("accounts", row.id);
        Ok(Account {
            id: row.id,
            login: sealed.open("login", &row.login)?,
            name: sealed.open("name", &row.name)?,
            roles,
            volunteer: row.volunteer_id.map(VolunteerId),
            volunteer_reference: row.volunteer,
            second_factor: row.totp_confirmed,
            disabled: row.disabled,
            demonstration: row.demonstration,
            created_at: row.created_at,
            seen_at: row.seen_at,
        })
    }

    /// Every account, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.select_accounts(None).await
    }

    /// One account.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn account(&self, id: i64) -> Result<Option<Account>, StoreError> {
        Ok(self.select_accounts(Some(id)).await?.pop())
    }

    async fn select_accounts(&self, id: Option<i64>) -> Result<Vec<Account>, StoreError> {
        let (rows, pairs): (Vec<Row>, Vec<(i64, String)>) = on_pool!(self, pool => {
            let mut accounts = sqlx::QueryBuilder::new(SELECT);
            let mut roles = sqlx::QueryBuilder::new(SELECT_ROLES);
            if let Some(id) = id {
                accounts.push(" where a.id = ").push_bind(id);
                roles.push(" where account_id = ").push_bind(id);
            }
            accounts.push(" order by a.id");
            (accounts.build_query_as().fetch_all(pool).await?, roles.build_query_as().fetch_all(pool).await?)
        });
        let mut roles: BTreeMap<i64, BTreeSet<Role>> = BTreeMap::new();
        for (account, role) in pairs {
            roles.entry(account).or_default().insert(lists::code(&role, "account_roles.role")?);
        }
        rows.into_iter()
            .map(|row| {
                let own = roles.remove(&row.id).unwrap_or_default();
                self.opened_account(row, own)
            })
            .collect()
    }

    /// What to compare an attempt to sign in with.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn credentials_of(&self, login: &str) -> Result<Option<Credentials>, StoreError> {
        let indexes = self.vault.indexes(Index::Login, login);
        if indexes.is_empty() {
            return Ok(None);
        }
        let row: Option<CredentialsRow> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(SELECT_CREDENTIALS);
            query.push("login_index in (");
            let mut list = query.separated(", ");
            for index in indexes {
                list.push_bind(index);
            }
            query.push(")");
            query.build_query_as().fetch_optional(pool).await?
        });
        row.map(|row| self.opened_credentials(&row)).transpose()
    }

    /// The credentials of one account.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn credentials(&self, id: i64) -> Result<Option<Credentials>, StoreError> {
        let row: Option<CredentialsRow> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(SELECT_CREDENTIALS);
            query.push("id = ").push_bind(id);
            query.build_query_as().fetch_optional(pool).await?
        });
        row.map(|row| self.opened_credentials(&row)).transpose()
    }

    fn opened_credentials(&self, row: &CredentialsRow) -> Result<Credentials, StoreError> {
        let sealed = self.sealed_row("accounts", row.id);
        Ok(Credentials {
            id: row.id,
            login: sealed.open("login", &row.login)?,
            password: Zeroizing::new(sealed.open("password", &row.password)?),
            second_factor: row.totp.as_deref().map(|totp| sealed.open("totp", totp)).transpose()?.map(Zeroizing::new),
            second_factor_confirmed: row.totp_confirmed,
            last_step: row.totp_step,
            disabled: row.disabled,
            demonstration: row.demonstration,
        })
    }

    /// Makes an account and answers its key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the login is taken; [`StoreError::UnknownReference`] when there is no such volunteer;
    /// [`StoreError::Invalid`] for a login without a letter or digit.
    pub async fn create_account(&self, new: &NewAccount<'_>, by: Author) -> Result<i64, StoreError> {
        let invalid = || StoreError::Invalid { row: "the account".to_owned(), reason: "its login is empty".to_owned() };
        // A rotation under way has logins under the key before.
        if self.credentials_of(new.login).await?.is_some() {
            return Err(StoreError::Conflict { what: "an account with this login".to_owned() });
        }
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let index = self.index(Index::Login, new.login).ok_or_else(invalid)?;
            let volunteer = volunteer_id!(tx, new.volunteer);
            let id = next_ids!(tx, "accounts", 1);
            let sealed = self.sealed_row("accounts", id);
            sqlx::query(INSERT)
                .bind(id)
                .bind(sealed.seal("login", new.login)?)
                .bind(index)
                .bind(sealed.seal("name", new.name)?)
                .bind(sealed.seal("password", new.password)?)
                .bind(volunteer)
                .bind(new.demonstration)
                .bind(by.at.trunc_subsecs(3))
                .execute(&mut *tx)
                .await?;
            for role in new.roles {
                sqlx::query(INSERT_ROLE).bind(id).bind(role.code()).execute(&mut *tx).await?;
            }
            append_audit!(tx, self, &[by.entry(Act::Create, Resource::Accounts).about(Subject::Account(id))]);
            tx.commit().await?;
            Ok(id)
        })
    }

    /// Changes an account. New roles, a new password and disabling end its sessions; disabling, a new password, and no
    /// longer being a volunteer forget its phones.
    ///
    /// # Errors
    /// [`StoreError::UnknownReference`] when there is no such volunteer.
    pub async fn change_account(&self, id: i64, to: &AccountChange<'_>, by: Author) -> Result<Changed, StoreError> {
        const SELECT: &str = "select disabled from accounts where id = $1";
        const SELECT_ROLES: &str = "select role from account_roles where account_id = $1 order by role";
        const UPDATE: &str = "update accounts set name = $1, volunteer_id = $2, disabled = $3 where id = $4";
        const FORGET_ROLES: &str = "delete from account_roles where account_id = $1";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let Some(was_disabled): Option<bool> = sqlx::query_scalar(SELECT).bind(id).fetch_optional(&mut *tx).await?
            else {
                return Ok(Changed::NoSuchAccount);
            };
            let had: Vec<String> = sqlx::query_scalar(SELECT_ROLES).bind(id).fetch_all(&mut *tx).await?;
            let had: BTreeSet<Role> =
                had.iter().map(|role| lists::code(role, "account_roles.role")).collect::<Result<_, _>>()?;
            let administered = had.contains(&Role::Administration) && !was_disabled;
            if administered && (to.disabled || !to.roles.contains(&Role::Administration)) {
                let others: i64 = sqlx::query_scalar(OTHER_ADMINISTRATORS).bind(id).fetch_one(&mut *tx).await?;
                if others == 0 {
                    return Ok(Changed::LastAdministrator);
                }
            }
            let volunteer = volunteer_id!(tx, to.volunteer);
            sqlx::query(UPDATE)
                .bind(self.sealed_row("accounts", id).seal("name", to.name)?)
                .bind(volunteer)
                .bind(to.disabled)
                .bind(id)
                .execute(&mut *tx)
                .await?;
            if had != *to.roles {
                sqlx::query(FORGET_ROLES).bind(id).execute(&mut *tx).await?;
                for role in to.roles {
                    sqlx::query(INSERT_ROLE).bind(id).bind(role.code()).execute(&mut *tx).await?;
                }
            }
            if let Some(hash) = to.password {
                let sealed = self.sealed_row("accounts", id).seal("password", hash)?;
                sqlx::query(SET_PASSWORD).bind(sealed).bind(id).execute(&mut *tx).await?;
            }
            if had != *to.roles || to.disabled || to.password.is_some() {
                sqlx::query(END_SESSIONS).bind(id).execute(&mut *tx).await?;
            }
            if to.disabled || to.password.is_some() || !to.roles.contains(&Role::Bienveilleur) {
                sqlx::query(FORGET_DEVICES).bind(id).execute(&mut *tx).await?;
            }
            let reason = match (was_disabled, to.disabled) {
                (false, true) => "disabled",
                (true, false) => "enabled",
                _ if had != *to.roles => "roles",
                _ => "",
            };
            let entry = || by.entry(Act::Update, Resource::Accounts).about(Subject::Account(id));
            let mut entries = vec![entry().because(reason)];
            if to.password.is_some() {
                entries.push(entry().because("password"));
            }
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(Changed::Done)
        })
    }

    /// Sets a password. Every session of the account ends and its phones are forgotten; `kept` is the session that goes on,
    /// with the hash of its new token. When it has ended meanwhile, nothing is set.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_password(
        &self,
        id: i64,
        hash: &str,
        kept: Option<(i64, &[u8])>,
        by: Author,
    ) -> Result<Changed, StoreError> {
        // The phone is forgotten: the session that goes on is an ordinary one. It has a new key, too: what was asked under
        // the old token and is not done yet finds no session any more.
        const KEEP: &str = "update sessions set id = $1, token_hash = $2, kind = 'password', device_id = null \
            where id = $3 and account_id = $4";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let sealed = self.sealed_row("accounts", id).seal("password", hash)?;
            let done = sqlx::query(SET_PASSWORD).bind(sealed).bind(id).execute(&mut *tx).await?;
            if done.rows_affected() == 0 {
                return Ok(Changed::NoSuchAccount);
            }
            let mut goes_on = 0;
            if let Some((session, token_hash)) = kept {
                goes_on = next_ids!(tx, "sessions", 1);
                let keep = sqlx::query(KEEP).bind(goes_on).bind(token_hash.to_vec()).bind(session).bind(id);
                if keep.execute(&mut *tx).await?.rows_affected() == 0 {
                    return Ok(Changed::SessionEnded);
                }
            }
            sqlx::query(END_OTHERS).bind(id).bind(goes_on).execute(&mut *tx).await?;
            sqlx::query(FORGET_DEVICES).bind(id).execute(&mut *tx).await?;
            let entry = by.entry(Act::Update, Resource::Accounts).about(Subject::Account(id)).because("password");
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(Changed::Done)
        })
    }

    /// Begins, confirms or removes a second factor. Confirming and removing end every session but `kept`, the one that
    /// asks: nothing is done when it began with a PIN or has ended meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_second_factor(
        &self,
        id: i64,
        to: SecondFactor<'_>,
        kept: Option<i64>,
        by: Author,
    ) -> Result<Changed, StoreError> {
        const BEGIN: &str = "update accounts set totp = $1, totp_step = 0 where id = $2 and not totp_confirmed";
        const CONFIRM: &str = "update accounts set totp_confirmed = true, totp_step = $1 \
            where id = $2 and totp is not null and totp_step < $1";
        const REMOVE: &str = "update accounts set totp = null, totp_confirmed = false, totp_step = 0 where id = $1";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            if let Some(session) = kept
                && let Some(objection) = objection!(tx, id, session)
            {
                return Ok(objection);
            }
            let (done, reason) = match to {
                SecondFactor::Begin(secret) => {
                    let sealed = self.sealed_row("accounts", id).seal("totp", secret)?;
                    (sqlx::query(BEGIN).bind(sealed).bind(id).execute(&mut *tx).await?, "second factor begun")
                }
                SecondFactor::Confirm(step) => {
                    (sqlx::query(CONFIRM).bind(step).bind(id).execute(&mut *tx).await?, "second factor on")
                }
                SecondFactor::Remove => (sqlx::query(REMOVE).bind(id).execute(&mut *tx).await?, "second factor off"),
            };
            if done.rows_affected() == 0 {
                return Ok(Changed::NoSuchAccount);
            }
            if !matches!(to, SecondFactor::Begin(_)) {
                sqlx::query(END_OTHERS).bind(id).bind(kept.unwrap_or(0)).execute(&mut *tx).await?;
            }
            let entry = by.entry(Act::Update, Resource::Accounts).about(Subject::Account(id)).because(reason);
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(Changed::Done)
        })
    }

    /// Whether somebody can sign in with an account of the demonstration.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn has_demonstration_accounts(&self) -> Result<bool, StoreError> {
        const COUNT: &str = "select count(*) from accounts where demonstration and not disabled";
        let count: i64 = on_pool!(self, pool => sqlx::query_scalar(COUNT).fetch_one(pool).await?);
        Ok(count > 0)
    }
}

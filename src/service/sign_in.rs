//! Signing in and out, and who stands behind a request.
//!
//! Single sign-on will be one more way to `begin` a session: everything after that point stays as it is.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::ServiceError;
use super::passwords::Passwords;
use super::viewer::Viewer;
use crate::domain::access::{Right, Role};
use crate::domain::audit::{Act, Actor, Author, Resource, Subject};
use crate::domain::password;
use crate::domain::totp;
use crate::domain::volunteer::VolunteerId;
use crate::store::{
    Account, Credentials, Device, NewSession, NotBegun, Proof, Session, SessionKind, Store, StoreError, Throttled,
};

/// A session ends after so long without a request.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// On a volunteer's phone, where the PIN brings it back.
const IDLE_ON_DEVICE: TimeDelta = TimeDelta::minutes(15);
/// And after so long in any case.
pub(super) const LONGEST: TimeDelta = TimeDelta::hours(12);
/// A request within so long after the last one that was noted is not noted.
const NOTED: TimeDelta = TimeDelta::seconds(60);
/// Characters of a token: 256 bits in base64url.
const TOKEN_CHARS: usize = 43;

/// The installation's choices about signing in.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// Whether wrong attempts are slowed down; off only where tests sign in by the thousand.
    pub throttle: bool,
    /// Whether roles that see exact places need a second factor.
    pub second_factor_required: bool,
    /// Whether others than the users of this machine reach the service. Then nobody comes in with an account of the
    /// demonstration, whose password lies in a file.
    pub beyond_this_machine: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            passwords: Passwords::default(),
            throttle: true,
            second_factor_required: false,
            beyond_this_machine: false,
        }
    }
}

impl Policy {
    /// Whether somebody with these roles must set a second factor up before anything else.
    #[must_use]
    pub fn requires_second_factor(&self, roles: &BTreeSet<Role>) -> bool {
        // Who administers accounts could make one that sees everything.
        let sees = |role: &Role| role.sees_exact_places() || *role == Role::Administration;
        self.second_factor_required && roles.iter().any(sees)
    }

    /// Whether an account may come in here at all, which the demonstration's may on this machine only.
    const fn lets_in(&self, demonstration: bool) -> bool {
        !(demonstration && self.beyond_this_machine)
    }
}

/// What a browser brings along.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tokens<'a> {
    /// Of the session.
    pub session: Option<&'a str>,
    /// Of the phone.
    pub device: Option<&'a str>,
}

/// Who stands behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Somebody whom we do not know.
    Nobody,
    /// The holder of a phone that we know, whose session has ended: the PIN opens it again.
    PinNeeded,
    /// Somebody who signed in.
    SignedIn(Viewer),
}

/// An attempt to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Which account.
    pub login: &'a str,
    /// Its password.
    pub password: &'a str,
    /// A code of its second factor.
    pub code: Option<&'a str>,
    /// Where it comes from.
    pub address: Option<IpAddr>,
    /// What the browser brought along: the session that it has ends, the phone is recognised.
    pub tokens: Tokens<'a>,
    /// When.
    pub now: DateTime<Utc>,
}

/// A session that has begun.
#[derive(Debug, Clone)]
pub struct Opened {
    /// For the cookie, and nowhere else.
    pub token: Zeroizing<String>,
    /// Whose session.
    pub account: i64,
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such account, another password, or disabled: nobody is told which.
    #[error("this login and this password do not go together")]
    Wrong,
    /// The password is right; a code is asked for.
    #[error("a code of the second factor is needed")]
    SecondFactorNeeded,
    /// Not this code, or it was used already.
    #[error("this code is wrong, too old or used already")]
    WrongCode,
    /// Wrong too often.
    #[error("too many attempts; wait before the next one")]
    TooMany {
        /// Seconds until the next attempt is looked at.
        retry_after_s: i64,
    },
    /// Not this PIN.
    #[error("this PIN is wrong; attempts left: {left}")]
    WrongPin {
        /// Attempts left before the phone is forgotten.
        left: i64,
    },
    /// The phone is not known, or no longer.
    #[error("this phone is not known any more; sign in with the password")]
    DeviceUnknown,
    /// Something else.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// A new token: 256 random bits, and their hash for the table.
pub(super) fn new_token() -> Result<(Zeroizing<String>, [u8; 32]), StoreError> {
    let mut bits = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bits).map_err(|_| StoreError::NoRandomness)?;
    let token = Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(&*bits));
    let hash = Sha256::digest(token.as_bytes()).into();
    Ok((token, hash))
}

/// The hash of a token that came with a request; `None` for what cannot be one.
fn token_hash(token: Option<&str>) -> Option<[u8; 32]> {
    token.filter(|token| token.len() == TOKEN_CHARS).map(|token| Sha256::digest(token.as_bytes()).into())
}

/// Where attempts are counted. A proxy on this machine stands for everybody behind it: it is not counted.
pub(super) fn counted(login: &str, address: Option<IpAddr>) -> Vec<Throttled<'_>> {
    let address = address.filter(|address| !address.to_canonical().is_loopback());
    std::iter::once(Throttled::Account(login)).chain(address.map(Throttled::Address)).collect()
}

/// Counts an attempt before it is looked at.
pub(super) async fn count(
    store: &Store,
    policy: &Policy,
    whose: &[Throttled<'_>],
    now: DateTime<Utc>,
) -> Result<(), SignInError> {
    if !policy.throttle {
        return Ok(());
    }
    match store.count_attempt(whose, now).await? {
        None => Ok(()),
        Some(until) => Err(SignInError::TooMany { retry_after_s: ((until - now).num_milliseconds() + 999) / 1000 }),
    }
}

/// Compares somebody's password with the one that was typed, counted like an attempt to sign in.
pub(super) async fn proves_itself(
    store: &Store,
    policy: &Policy,
    known: &Credentials,
    typed: &str,
    now: DateTime<Utc>,
) -> Result<bool, SignInError> {
    let whose = counted(&known.login, None);
    count(store, policy, &whose, now).await?;
    let right = policy.passwords.matches(Some(&known.password), &password::normal(typed)).await;
    if right {
        store.take_attempt_back(&whose).await?;
    }
    Ok(right)
}

/// Signs somebody in with a password, and a code where there is a second factor.
///
/// # Errors
/// [`SignInError`]; the attempt is in the trail.
pub async fn sign_in(store: &Store, policy: &Policy, attempt: Attempt<'_>) -> Result<Opened, SignInError> {
    let Attempt { login, now, tokens, .. } = attempt;
    let whose = counted(login, attempt.address);
    count(store, policy, &whose, now).await?;
    // A login is sought by a keyed hash: a rotation beside us must be known first.
    store.follow_rotation().await?;
    let known = if login.len() <= password::MAX_BYTES { store.credentials_of(login).await? } else { None };
    let typed = password::normal(attempt.password);
    // What is too long to be a password is not hashed whole, and the work stays the same.
    let typed = if typed.len() <= password::MAX_BYTES { typed } else { String::new() };
    let right = policy.passwords.matches(known.as_ref().map(|known| known.password.as_str()), &typed).await;
    let refuse = async |about: Option<i64>, why: &str| {
        let entry = Author { actor: Actor::Nobody, at: now }.entry(Act::SignIn, Resource::Sessions);
        let entry = if let Some(id) = about { entry.about(Subject::Account(id)) } else { entry };
        store.record(&[entry.refused().because(why)]).await
    };
    let known = match known {
        Some(known) if right && !known.disabled && policy.lets_in(known.demonstration) => known,
        Some(known) => {
            let why = match (right, known.disabled) {
                (false, _) => "wrong password",
                (true, true) => "disabled",
                (true, false) => "demonstration account",
            };
            refuse(Some(known.id), why).await?;
            return Err(SignInError::Wrong);
        }
        None => {
            refuse(None, "unknown login").await?;
            return Err(SignInError::Wrong);
        }
    };
    let step = match second_factor(&known, attempt.code, now) {
        SecondFactorCheck::NotAsked => None,
        SecondFactorCheck::Step(step) => Some(step),
        SecondFactorCheck::Missing => {
            // Half of the way is no wrong attempt, and does not make up for one.
            store.take_attempt_back(&whose).await?;
            return Err(SignInError::SecondFactorNeeded);
        }
        SecondFactorCheck::Wrong => {
            refuse(Some(known.id), "wrong code").await?;
            return Err(SignInError::WrongCode);
        }
    };
    let device = match token_hash(tokens.device) {
        Some(hash) => store.device(&hash, now).await?.filter(|device| device.account == known.id),
        None => None,
    };
    let proof = Proof::Password { known: &known, device: device.map(|device| device.id), step };
    match begin(store, known.id, proof, tokens.session, now).await? {
        Ok(opened) => {
            store.forget_attempts(&whose).await?;
            Ok(opened)
        }
        Err(NotBegun::CodeUsed) => {
            refuse(Some(known.id), "code used twice").await?;
            Err(SignInError::WrongCode)
        }
        Err(NotBegun::Overtaken) => {
            refuse(Some(known.id), "changed meanwhile").await?;
            Err(SignInError::Wrong)
        }
    }
}

enum SecondFactorCheck {
    NotAsked,
    Missing,
    Wrong,
    Step(i64),
}

fn second_factor(known: &Credentials, code: Option<&str>, now: DateTime<Utc>) -> SecondFactorCheck {
    if !known.second_factor_confirmed {
        return SecondFactorCheck::NotAsked;
    }
    let Some(code) = code.filter(|code| !code.trim().is_empty()) else { return SecondFactorCheck::Missing };
    match accepted_step(known, code, now) {
        Some(step) => SecondFactorCheck::Step(step),
        None => SecondFactorCheck::Wrong,
    }
}

/// The time step of a code of the account's second factor, confirmed or not.
pub(super) fn accepted_step(known: &Credentials, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let secret = data_encoding::BASE32_NOPAD.decode(known.second_factor.as_ref()?.as_bytes()).ok()?;
    totp::accepted_step(&Zeroizing::new(secret), code, now, known.last_step)
}

/// Signs a volunteer in on a phone that is known, with the PIN.
///
/// # Errors
/// [`SignInError`]; the attempt is in the trail.
pub async fn sign_in_with_pin(
    store: &Store,
    policy: &Policy,
    pin: &str,
    tokens: Tokens<'_>,
    now: DateTime<Utc>,
) -> Result<Opened, SignInError> {
    store.follow_rotation().await?;
    let device = known_device(store, policy, tokens.device, now).await?.ok_or(SignInError::DeviceUnknown)?;
    let left = store.take_pin_try(device.id).await?.ok_or(SignInError::DeviceUnknown)?;
    if pin.len() != 6 || !policy.passwords.matches(Some(&device.pin), pin).await {
        store.note_wrong_pin(&device, left, now).await?;
        return Err(if left == 0 { SignInError::DeviceUnknown } else { SignInError::WrongPin { left } });
    }
    store.give_pin_tries_back(device.id).await?;
    let begun = begin(store, device.account, Proof::Pin { device: device.id }, tokens.session, now).await?;
    if begun.is_err() {
        let entry = Author { actor: Actor::Nobody, at: now }.entry(Act::SignIn, Resource::Sessions);
        let entry = entry.about(Subject::Account(device.account)).refused().because("changed meanwhile");
        store.record(&[entry]).await?;
    }
    begun.map_err(|_| SignInError::DeviceUnknown)
}

/// Begins a session for somebody who has proved to be the account's holder, always with a new token.
async fn begin(
    store: &Store,
    account: i64,
    proof: Proof<'_>,
    replaces: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Result<Opened, NotBegun>, StoreError> {
    let (token, hash) = new_token()?;
    let replaces = token_hash(replaces);
    let replaces = replaces.as_ref().map(<[u8; 32]>::as_slice);
    let new = NewSession { account, token_hash: &hash, proof, replaces };
    Ok(store.begin_session(&new, IDLE, LONGEST, now).await?.map(|()| Opened { token, account }))
}

/// How long a session may stay unused, on a phone that is known or elsewhere.
pub(super) fn idle(device: Option<i64>) -> TimeDelta {
    if device.is_some() { IDLE_ON_DEVICE } else { IDLE }
}

/// The session of a token, unless it has expired. One that began with a PIN is a volunteer's and no more, whatever else
/// the holder may do after typing the password: six digits open nothing but one's own people.
async fn live_session(
    store: &Store,
    policy: &Policy,
    token: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<Session>, StoreError> {
    let Some(hash) = token_hash(token) else { return Ok(None) };
    let Some(mut session) = store.session(&hash).await? else { return Ok(None) };
    if session.kind == SessionKind::Pin {
        session.roles.retain(|role| *role == Role::Bienveilleur);
    }
    let lives = now < session.seen_at + idle(session.device) && now < session.created_at + LONGEST;
    Ok(Some(session).filter(|session| lives && policy.lets_in(session.demonstration)))
}

/// The phone of a token, when it is one that a PIN opens.
async fn known_device(
    store: &Store,
    policy: &Policy,
    token: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<Device>, StoreError> {
    let Some(hash) = token_hash(token) else { return Ok(None) };
    let device = store.device(&hash, now).await?;
    Ok(device.filter(|device| device.roles.contains(&Role::Bienveilleur) && policy.lets_in(device.demonstration)))
}

/// Who stands behind a request: one query, which also tells of a rotation of the keys beside us, and once a minute a note
/// that the session is in use. Only where the session has ended a second query asks whether the phone is known.
///
/// # Errors
/// [`StoreError`] when the database does not answer.
pub async fn viewer_of(
    store: &Store,
    policy: &Policy,
    tokens: Tokens<'_>,
    now: DateTime<Utc>,
) -> Result<Access, StoreError> {
    let Some(session) = live_session(store, policy, tokens.session, now).await? else {
        let known = known_device(store, policy, tokens.device, now).await?.is_some();
        return Ok(if known { Access::PinNeeded } else { Access::Nobody });
    };
    if now - session.seen_at >= NOTED {
        store.touch_session(session.id, now).await?;
    }
    Ok(Access::SignedIn(viewer(&session, policy, now)))
}

/// The holder of an account, whoever looks through his or her eyes.
#[derive(Debug)]
pub(super) struct Holder<'a> {
    account: i64,
    roles: &'a BTreeSet<Role>,
    volunteer: Option<VolunteerId>,
    second_factor: bool,
}

impl<'a> From<&'a Account> for Holder<'a> {
    fn from(account: &'a Account) -> Self {
        let Account { id, roles, volunteer, second_factor, .. } = account;
        Self { account: *id, roles, volunteer: *volunteer, second_factor: *second_factor }
    }
}

impl<'a> From<&'a Session> for Holder<'a> {
    fn from(session: &'a Session) -> Self {
        let Session { account, roles, volunteer, second_factor, .. } = session;
        Self { account: *account, roles, volunteer: *volunteer, second_factor: *second_factor }
    }
}

impl Holder<'_> {
    /// What the holder sees, without an emergency right. Until a required second factor is set up, the account is there
    /// and its roles are not.
    pub(super) fn viewer(&self, policy: &Policy, now: DateTime<Utc>) -> Viewer {
        let pending = policy.requires_second_factor(self.roles) && !self.second_factor;
        let roles = if pending { BTreeSet::new() } else { self.roles.clone() };
        Viewer {
            actor: Actor::Account(self.account),
            account: Some(self.account),
            volunteer: self.volunteer.filter(|_| roles.contains(&Role::Bienveilleur)),
            roles,
            ..Viewer::public(now)
        }
    }
}

/// Whoever has signed in.
fn viewer(session: &Session, policy: &Policy, now: DateTime<Utc>) -> Viewer {
    let holder = Holder::from(session).viewer(policy, now);
    let glass = !holder.roles.is_empty() && glass_until(session, now).is_some();
    Viewer { session: Some(session.id), glass, ..holder }
}

/// Until when an emergency right is in force.
fn glass_until(session: &Session, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let may = Right::BreakGlass.roles().iter().any(|role| session.roles.contains(role));
    session.glass_until_at.filter(|until| may && now < *until)
}

/// Ends the session of a token; without one, does nothing.
///
/// # Errors
/// [`StoreError`] when the database does not answer.
pub async fn sign_out(store: &Store, token: Option<&str>, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let Some(hash) = token_hash(token) else { return Ok(()) };
    if let Some(session) = store.session(&hash).await? {
        let by = Author { actor: Actor::Account(session.account), at: now };
        store.end_session(session.account, session.id, by).await?;
    }
    Ok(())
}

/// Whether and as whom somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionView {
    /// Whether somebody is.
    pub signed_in: bool,
    /// Whether the data is the fictitious demonstration.
    pub demonstration: bool,
    /// Whether a PIN opens this phone.
    pub known_device: bool,
    /// Who.
    pub account: Option<OwnAccountView>,
    /// When the session ends unless it is used.
    pub idle_until_at: Option<DateTime<Utc>>,
    /// When it ends in any case.
    pub ends_at: Option<DateTime<Utc>>,
    /// Until when an emergency right is in force.
    pub break_glass_until_at: Option<DateTime<Utc>>,
}

/// The account of the one who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnAccountView {
    /// Its key.
    pub id: i64,
    /// The holder's name.
    pub name: String,
    /// What the holder types to sign in.
    pub login: String,
    /// Codes of the roles; empty while a required second factor is not set up.
    pub roles: Vec<&'static str>,
    /// The volunteer that the holder is.
    pub volunteer_id: Option<i64>,
    /// `off`, `on`, or `required`: to be set up before anything else.
    pub second_factor: &'static str,
}

/// Tells whether and as whom somebody is signed in.
///
/// # Errors
/// [`StoreError`] when the database does not answer or holds a value that cannot be read.
pub async fn session_view(
    store: &Store,
    policy: &Policy,
    tokens: Tokens<'_>,
    now: DateTime<Utc>,
) -> Result<SessionView, ServiceError> {
    let demonstration = store.meta("demonstration").await?.is_some();
    let known_device = known_device(store, policy, tokens.device, now).await?.is_some();
    let session = live_session(store, policy, tokens.session, now).await?;
    let account = match &session {
        Some(session) => store.account(session.account).await?,
        None => None,
    };
    let (Some(session), Some(account)) = (session, account) else {
        return Ok(SessionView {
            signed_in: false,
            demonstration,
            known_device,
            account: None,
            idle_until_at: None,
            ends_at: None,
            break_glass_until_at: None,
        });
    };
    let viewer = viewer(&session, policy, now);
    let second_factor = match (session.second_factor, policy.requires_second_factor(&session.roles)) {
        (true, _) => "on",
        (false, true) => "required",
        (false, false) => "off",
    };
    let view = OwnAccountView {
        id: account.id,
        name: account.name,
        login: account.login,
        roles: viewer.roles.iter().map(|role| role.code()).collect(),
        volunteer_id: viewer.volunteer.map(|volunteer| volunteer.0),
        second_factor,
    };
    let ends_at = session.created_at + LONGEST;
    Ok(SessionView {
        signed_in: true,
        demonstration,
        known_device,
        account: Some(view),
        idle_until_at: Some((session.seen_at + idle(session.device)).min(ends_at)),
        ends_at: Some(ends_at),
        break_glass_until_at: glass_until(&session, now).filter(|_| viewer.glass),
    })
}

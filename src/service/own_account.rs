//! What the holder of an account does with it: sessions, password, second factor, phones.

use chrono::{DateTime, TimeDelta, Utc};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::ServiceError;
use super::sign_in::{LONGEST, Policy, SignInError, accepted_step, new_token, proves_itself};
use super::viewer::Viewer;
use crate::domain::access::Role;
use crate::domain::audit::{Act, Resource, Subject};
use crate::domain::input::InputError;
use crate::domain::password;
use crate::domain::totp;
use crate::store::{Changed, Credentials, NewDevice, SecondFactor, SessionKind, Store, StoreError};

/// A phone is known for so long.
pub const DEVICE_LIFETIME: TimeDelta = TimeDelta::days(30);

/// Why the holder's wish was not granted.
#[derive(Debug, thiserror::Error)]
pub enum OwnAccountError {
    /// The password that was typed to prove who it is, and the like.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// Something else.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The installation requires a second factor.
    #[error("a second factor is required of this account")]
    SecondFactorRequired,
    /// There is one already.
    #[error("there is a second factor already; take it away first")]
    SecondFactorOn,
    /// The role does not have phones.
    #[error("only volunteers register a phone")]
    NotForThisRole,
    /// The session that asked has ended meanwhile.
    #[error("this session has ended; sign in again")]
    SessionEnded,
    /// Six digits change none of the ways into an account.
    #[error("this session began with a PIN; sign in with the password for this")]
    PasswordNeeded,
}

/// Why a change was not carried out.
fn not_done(changed: Changed) -> OwnAccountError {
    match changed {
        Changed::SessionEnded => OwnAccountError::SessionEnded,
        Changed::PasswordNeeded => OwnAccountError::PasswordNeeded,
        _ => ServiceError::NotFound("account").into(),
    }
}

fn done(changed: Changed) -> Result<(), OwnAccountError> {
    if changed == Changed::Done { Ok(()) } else { Err(not_done(changed)) }
}

impl From<StoreError> for OwnAccountError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<InputError> for OwnAccountError {
    fn from(error: InputError) -> Self {
        Self::Service(error.into())
    }
}

/// A session in its owner's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionLineView {
    id: i64,
    created_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
    /// `password` or `pin`.
    kind: &'static str,
}

/// A phone in its owner's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceView {
    id: i64,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Whether the session that asks is on it.
    current: bool,
}

/// A second factor to be read by a phone, and confirmed with its first code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SecondFactorView {
    /// Base32, to be typed where no camera is at hand.
    pub secret: String,
    /// `otpauth://…`
    pub uri: String,
    /// The same as a QR code.
    pub qr_svg: String,
}

/// Somebody who signed in: account and session.
fn holder(viewer: &Viewer) -> Result<(i64, i64), ServiceError> {
    viewer.account.zip(viewer.session).ok_or(ServiceError::NotFound("account"))
}

async fn credentials(store: &Store, account: i64) -> Result<Credentials, ServiceError> {
    store.credentials(account).await?.ok_or(ServiceError::NotFound("account"))
}

/// The live sessions of the account, newest first.
///
/// # Errors
/// [`ServiceError`] when the database does not answer.
pub async fn sessions(store: &Store, viewer: &Viewer) -> Result<Vec<SessionLineView>, ServiceError> {
    let account = viewer.account.ok_or(ServiceError::NotFound("account"))?;
    let lines = store.sessions_of(account, viewer.now - LONGEST).await?;
    Ok(lines
        .into_iter()
        .filter(|line| viewer.now < line.seen_at + super::sign_in::idle(line.device))
        .map(|line| SessionLineView {
            id: line.id,
            created_at: line.created_at,
            seen_at: line.seen_at,
            current: viewer.session == Some(line.id),
            kind: SessionKind::code(line.kind),
        })
        .collect())
}

/// Ends one session of the account.
///
/// # Errors
/// [`ServiceError::NotFound`] when the account has no such session.
pub async fn end_session(store: &Store, viewer: &Viewer, id: i64) -> Result<(), ServiceError> {
    let (account, _) = holder(viewer)?;
    let ended = store.end_session(account, id, viewer.author()).await?;
    if ended { Ok(()) } else { Err(ServiceError::NotFound("session")) }
}

/// Changes the password. Every other session ends, phones are forgotten, and this session goes on under a new token,
/// which is answered.
///
/// # Errors
/// `wrong_password` or `weak_password`; [`SignInError::TooMany`] after too many wrong ones;
/// [`OwnAccountError::SessionEnded`] when the session ended meanwhile, as by another change of the password.
pub async fn change_password(
    store: &Store,
    policy: &Policy,
    viewer: &Viewer,
    current: &str,
    new: &str,
) -> Result<Zeroizing<String>, OwnAccountError> {
    let (id, session) = holder(viewer)?;
    let known = credentials(store, id).await?;
    let account = store.account(id).await?.ok_or(ServiceError::NotFound("account"))?;
    if !proves_itself(store, policy, &known, current, viewer.now).await? {
        let entry = viewer.author().entry(Act::Update, Resource::Accounts).about(Subject::Account(id));
        store.record(&[entry.refused().because("wrong password")]).await?;
        let error = InputError::new("wrong_password", "this is not the present password", "Type it again");
        return Err(error.in_field("current").into());
    }
    let new = Zeroizing::new(password::normal(new));
    password::check(&new, &[&account.login, &account.name], password::least_bits(&account.roles))?;
    let hash = policy.passwords.hash(&new).await?;
    let (token, token_hash) = new_token()?;
    done(store.set_password(id, &hash, Some((session, &token_hash)), viewer.author()).await?)?;
    Ok(token)
}

/// Begins a second factor. It is not asked for until [`confirm_second_factor`].
///
/// # Errors
/// [`OwnAccountError::SecondFactorOn`] when there is a confirmed one: whoever finds a session open cannot replace it;
/// [`OwnAccountError::PasswordNeeded`] in a session that began with a PIN.
pub async fn begin_second_factor(store: &Store, viewer: &Viewer) -> Result<SecondFactorView, OwnAccountError> {
    let (id, session) = holder(viewer)?;
    let account = store.account(id).await?.ok_or(ServiceError::NotFound("account"))?;
    let mut bits = Zeroizing::new([0; totp::SECRET_BYTES]);
    getrandom::fill(&mut *bits).map_err(|_| StoreError::NoRandomness)?;
    let secret = data_encoding::BASE32_NOPAD.encode(&*bits);
    let to = SecondFactor::Begin(&secret);
    match store.set_second_factor(id, to, Some(session), viewer.author()).await? {
        Changed::NoSuchAccount => return Err(OwnAccountError::SecondFactorOn),
        other => done(other)?,
    }
    let uri = totp::uri(&secret, &account.login);
    // A login of 64 characters fits a QR code many times over.
    let qr_svg = QrCode::new(uri.as_bytes())
        .map(|code| code.render::<svg::Color<'_>>().min_dimensions(200, 200).build())
        .unwrap_or_default();
    Ok(SecondFactorView { secret, uri, qr_svg })
}

/// Confirms a second factor with a code of it; every other session ends.
///
/// # Errors
/// `wrong_code`; [`SignInError::TooMany`] after too many wrong ones; [`OwnAccountError::PasswordNeeded`] in a session that
/// began with a PIN.
pub async fn confirm_second_factor(
    store: &Store,
    policy: &Policy,
    viewer: &Viewer,
    code: &str,
) -> Result<(), OwnAccountError> {
    let (id, session) = holder(viewer)?;
    let known = credentials(store, id).await?;
    let wrong = || InputError::new("wrong_code", "this code is wrong, too old or used already", "Type the present one");
    let counted = super::sign_in::counted(&known.login, None);
    super::sign_in::count(store, policy, &counted, viewer.now).await?;
    let step = accepted_step(&known, code, viewer.now).ok_or_else(|| wrong().in_field("code"))?;
    store.take_attempt_back(&counted).await?;
    let to = SecondFactor::Confirm(step);
    match store.set_second_factor(id, to, Some(session), viewer.author()).await? {
        Changed::NoSuchAccount => Err(wrong().in_field("code").into()),
        other => done(other),
    }
}

/// Takes the second factor away; every other session ends.
///
/// # Errors
/// [`OwnAccountError::SecondFactorRequired`] when the installation requires one; [`OwnAccountError::PasswordNeeded`] in a
/// session that began with a PIN.
pub async fn remove_second_factor(store: &Store, policy: &Policy, viewer: &Viewer) -> Result<(), OwnAccountError> {
    let (id, session) = holder(viewer)?;
    if policy.requires_second_factor(&viewer.roles) {
        return Err(OwnAccountError::SecondFactorRequired);
    }
    done(store.set_second_factor(id, SecondFactor::Remove, Some(session), viewer.author()).await?)
}

/// The phones of the account that are known, newest first. `current` is the phone that the session is on.
///
/// # Errors
/// [`ServiceError`] when the database does not answer.
pub async fn devices(store: &Store, viewer: &Viewer) -> Result<Vec<DeviceView>, ServiceError> {
    let account = viewer.account.ok_or(ServiceError::NotFound("account"))?;
    let sessions = store.sessions_of(account, viewer.now - LONGEST).await?;
    let on = sessions.iter().find(|line| viewer.session == Some(line.id)).and_then(|line| line.device);
    let lines = store.devices_of(account, viewer.now).await?;
    let view = |line: crate::store::DeviceLine| DeviceView {
        id: line.id,
        created_at: line.created_at,
        expires_at: line.expires_at,
        current: on == Some(line.id),
    };
    Ok(lines.into_iter().map(view).collect())
}

/// Registers the phone that the session is on, with a PIN, and answers the token that it keeps.
///
/// # Errors
/// `weak_pin`; [`OwnAccountError::NotForThisRole`] for others than volunteers; [`OwnAccountError::PasswordNeeded`] in a
/// session that began with a PIN, or a phone would be known for ever.
pub async fn register_device(
    store: &Store,
    policy: &Policy,
    viewer: &Viewer,
    pin: &str,
) -> Result<(Zeroizing<String>, DeviceView), OwnAccountError> {
    let (account, session) = holder(viewer)?;
    if !viewer.roles.contains(&Role::Bienveilleur) {
        return Err(OwnAccountError::NotForThisRole);
    }
    password::check_pin(pin)?;
    let hash = policy.passwords.hash(pin).await?;
    let (token, token_hash) = new_token()?;
    let new = NewDevice { account, session, token_hash: &token_hash, pin: &hash, lifetime: DEVICE_LIFETIME };
    let line = store.register_device(&new, viewer.author()).await?.map_err(not_done)?;
    let view = DeviceView { id: line.id, created_at: line.created_at, expires_at: line.expires_at, current: true };
    Ok((token, view))
}

/// Forgets a phone of the account; its sessions end.
///
/// # Errors
/// [`ServiceError::NotFound`] when the account has no such phone.
pub async fn forget_device(store: &Store, viewer: &Viewer, id: i64) -> Result<(), ServiceError> {
    let (account, _) = holder(viewer)?;
    let forgotten = store.forget_device(account, id, viewer.author()).await?;
    if forgotten { Ok(()) } else { Err(ServiceError::NotFound("device")) }
}

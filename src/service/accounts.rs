//! Accounts as the administration makes and changes them, the demonstration's own, and seeing as somebody else.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::ServiceError;
use super::passwords::Passwords;
use crate::domain::access::Role;
use crate::domain::audit::{Act, Author, Resource};
use crate::domain::input::InputError;
use crate::domain::password;
use crate::domain::text::fold;
use crate::store::{Account, AccountChange, Changed, NewAccount, SecondFactor, Store, StoreError};

/// Longest login, in characters.
const LOGIN_MAX_CHARS: usize = 64;
/// Longest name, in characters.
const NAME_MAX_CHARS: usize = 200;
/// Roles with which nobody may be seen as: through their eyes a coordinator would see what is not the coordination's.
const NOT_SEEN_AS: [Role; 2] = [Role::Dpo, Role::Administration];
/// What a demonstration password is made of: without signs that are mistaken for one another.
const READABLE: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The login is taken.
    #[error("there is an account with this login already")]
    LoginTaken,
    /// Nobody could administer accounts any more.
    #[error("this is the last account that can administer accounts. Make another one first")]
    LastAdministrator,
    /// Something else.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::LoginTaken,
            StoreError::UnknownReference { .. } => {
                InputError::new("unknown_volunteer", "there is no volunteer with this reference", "Check the reference")
                    .in_field("volunteer_reference")
                    .into()
            }
            other => Self::Service(other.into()),
        }
    }
}

impl From<InputError> for AccountError {
    fn from(error: InputError) -> Self {
        Self::Service(error.into())
    }
}

/// An account as the administration sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountView {
    /// Its key.
    pub id: i64,
    /// What its holder types to sign in.
    pub login: String,
    /// The holder's name.
    pub name: String,
    /// Codes of the roles.
    pub roles: Vec<&'static str>,
    /// The volunteer that the holder is.
    pub volunteer_id: Option<i64>,
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

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            login: account.login,
            name: account.name,
            roles: account.roles.iter().map(|role| role.code()).collect(),
            volunteer_id: account.volunteer.map(|volunteer| volunteer.0),
            volunteer_reference: account.volunteer_reference,
            second_factor: account.second_factor,
            disabled: account.disabled,
            demonstration: account.demonstration,
            created_at: account.created_at,
            seen_at: account.seen_at,
        }
    }
}

/// An account as it was typed in.
#[derive(Debug, Clone, Default)]
pub struct AccountForm {
    /// What its holder will type to sign in; not changed afterwards.
    pub login: String,
    /// The holder's name.
    pub name: String,
    /// Codes of the roles.
    pub roles: Vec<String>,
    /// Reference of the volunteer that the holder is.
    pub volunteer_reference: Option<String>,
    /// Whether nobody can sign in with it.
    pub disabled: bool,
}

impl AccountForm {
    fn name(&self) -> Result<&str, InputError> {
        line(&self.name, "name", NAME_MAX_CHARS)
    }

    fn login(&self) -> Result<&str, InputError> {
        let login = line(&self.login, "login", LOGIN_MAX_CHARS)?;
        if fold(login).chars().count() < 2 {
            return Err(invalid("login", "the login has fewer than two letters or digits", "Choose a longer one"));
        }
        Ok(login)
    }

    fn roles(&self) -> Result<BTreeSet<Role>, InputError> {
        let roles: Result<BTreeSet<Role>, _> = self.roles.iter().map(|role| role.parse()).collect();
        let roles = roles.map_err(|error: crate::domain::closed_list::NotInList| {
            InputError::new("not_in_list", error.to_string(), "Choose from the list").in_field("roles")
        })?;
        if roles.is_empty() {
            return Err(invalid("roles", "an account has at least one role", "Choose one"));
        }
        Ok(roles)
    }

    fn volunteer(&self) -> Option<&str> {
        self.volunteer_reference.as_deref().map(str::trim).filter(|reference| !reference.is_empty())
    }
}

fn invalid(field: &str, problem: &str, remedy: &str) -> InputError {
    InputError::new("invalid_field", problem, remedy).in_field(field)
}

/// One line of text, trimmed.
fn line<'a>(text: &'a str, field: &str, longest: usize) -> Result<&'a str, InputError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(invalid(field, "this is missing", "Fill it in"));
    }
    if text.chars().count() > longest {
        return Err(invalid(field, "the text is too long", "Shorten it"));
    }
    if text.chars().any(super::intake::is_invisible) {
        return Err(invalid(field, "the text holds invisible control characters", "Type it again"));
    }
    Ok(text)
}

/// Every account.
///
/// # Errors
/// [`ServiceError`] when the database does not answer.
pub async fn accounts(store: &Store, by: Author) -> Result<Vec<AccountView>, ServiceError> {
    let accounts = store.accounts().await?;
    store.record(&[by.entry(Act::List, Resource::Accounts).over(accounts.len())]).await?;
    Ok(accounts.into_iter().map(AccountView::from).collect())
}

/// One account.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none.
async fn account(store: &Store, id: i64) -> Result<Account, ServiceError> {
    store.account(id).await?.ok_or(ServiceError::NotFound("account"))
}

/// The account with this login.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none.
pub async fn account_with_login(store: &Store, login: &str) -> Result<AccountView, ServiceError> {
    let known = store.credentials_of(login).await?.ok_or(ServiceError::NotFound("account"))?;
    Ok(account(store, known.id).await?.into())
}

/// Makes an account.
///
/// # Errors
/// [`AccountError::LoginTaken`]; [`ServiceError::Input`] names the field that is wrong, `weak_password` among others.
pub async fn create(
    store: &Store,
    passwords: &Passwords,
    form: &AccountForm,
    new_password: &str,
    by: Author,
) -> Result<AccountView, AccountError> {
    let (login, name, roles) = (form.login()?, form.name()?, form.roles()?);
    let new_password = Zeroizing::new(password::normal(new_password));
    password::check(&new_password, &[login, name], password::least_bits(&roles))
        .map_err(|error| error.in_field("password"))?;
    let hash = passwords.hash(&new_password).await?;
    let new =
        NewAccount { login, name, roles: &roles, volunteer: form.volunteer(), password: &hash, demonstration: false };
    let id = store.create_account(&new, by).await?;
    Ok(account(store, id).await?.into())
}

/// Changes an account's name, roles, volunteer, whether it is disabled, and its password when a new one is given. Roles of
/// which a stronger password is asked than of those before come with a new one: the present one may be too weak for them,
/// and nobody can tell.
///
/// # Errors
/// [`AccountError::LastAdministrator`]; [`ServiceError::Input`] names the field that is wrong, `password_needed` and
/// `weak_password` among others.
pub async fn change(
    store: &Store,
    passwords: &Passwords,
    id: i64,
    form: &AccountForm,
    new_password: Option<&str>,
    by: Author,
) -> Result<AccountView, AccountError> {
    let (name, roles) = (form.name()?, form.roles()?);
    let known = account(store, id).await?;
    let least_bits = password::least_bits(&roles);
    let hash = match new_password {
        Some(typed) => {
            let typed = Zeroizing::new(password::normal(typed));
            password::check(&typed, &[&known.login, name], least_bits).map_err(|error| error.in_field("password"))?;
            Some(passwords.hash(&typed).await?)
        }
        None if least_bits > password::least_bits(&known.roles) => {
            let problem = "these roles ask for a stronger password than the ones before";
            let remedy = "Give a new password in the same change";
            return Err(InputError::new("password_needed", problem, remedy).in_field("password").into());
        }
        None => None,
    };
    let to = AccountChange {
        name,
        roles: &roles,
        volunteer: form.volunteer(),
        disabled: form.disabled,
        password: hash.as_ref().map(|hash| hash.as_str()),
    };
    match store.change_account(id, &to, by).await? {
        Changed::Done => Ok(account(store, id).await?.into()),
        Changed::LastAdministrator => Err(AccountError::LastAdministrator),
        _ => Err(ServiceError::NotFound("account").into()),
    }
}

/// Disables an account.
///
/// # Errors
/// [`AccountError::LastAdministrator`].
pub async fn disable(store: &Store, id: i64, by: Author) -> Result<(), AccountError> {
    let known = account(store, id).await?;
    let to = AccountChange {
        name: &known.name,
        roles: &known.roles,
        volunteer: known.volunteer_reference.as_deref(),
        disabled: true,
        password: None,
    };
    match store.change_account(id, &to, by).await? {
        Changed::LastAdministrator => Err(AccountError::LastAdministrator),
        _ => Ok(()),
    }
}

/// Sets somebody's password: every session of the account ends.
///
/// # Errors
/// `weak_password`, or [`ServiceError::NotFound`].
pub async fn set_password(
    store: &Store,
    passwords: &Passwords,
    id: i64,
    new: &str,
    by: Author,
) -> Result<(), ServiceError> {
    let known = account(store, id).await?;
    let new = Zeroizing::new(password::normal(new));
    password::check(&new, &[&known.login, &known.name], password::least_bits(&known.roles))?;
    let hash = passwords.hash(&new).await?;
    done(store.set_password(id, &hash, None, by).await?)
}

/// Takes a second factor away for somebody who lost the phone: every session of the account ends.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn remove_second_factor(store: &Store, id: i64, by: Author) -> Result<(), ServiceError> {
    done(store.set_second_factor(id, SecondFactor::Remove, None, by).await?)
}

/// Ends every session of an account.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn end_sessions(store: &Store, id: i64, by: Author) -> Result<(), ServiceError> {
    account(store, id).await?;
    store.end_sessions(id, by).await?;
    Ok(())
}

fn done(changed: Changed) -> Result<(), ServiceError> {
    if changed == Changed::Done { Ok(()) } else { Err(ServiceError::NotFound("account")) }
}

/// Somebody as whom the coordination may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ViewerView {
    /// Key of the account.
    pub account_id: i64,
    /// The holder's name.
    pub name: String,
    /// Codes of the roles.
    pub roles: Vec<&'static str>,
}

/// Whether the coordination may see what this one sees: somebody who can sign in, and sees nothing of accounts, of the
/// trail and of rights requests.
#[must_use]
pub fn may_be_seen_as(account: &Account) -> bool {
    !account.disabled && !NOT_SEEN_AS.iter().any(|role| account.roles.contains(role))
}

/// Everybody as whom the coordination may see.
///
/// # Errors
/// [`ServiceError`] when the database does not answer.
pub async fn viewers(store: &Store, by: Author) -> Result<Vec<ViewerView>, ServiceError> {
    let accounts = store.accounts().await?;
    let view = |account: Account| ViewerView {
        account_id: account.id,
        name: account.name,
        roles: account.roles.iter().map(|role| role.code()).collect(),
    };
    let views: Vec<ViewerView> = accounts.into_iter().filter(may_be_seen_as).map(view).collect();
    store.record(&[by.entry(Act::List, Resource::Accounts).over(views.len())]).await?;
    Ok(views)
}

/// An account of the demonstration with its password, which is kept nowhere else.
#[derive(Debug, Clone)]
pub struct DemonstrationAccount {
    /// Its role.
    pub role: Role,
    /// What to type to sign in.
    pub login: &'static str,
    /// Its password.
    pub password: Zeroizing<String>,
}

/// Login, name, role and volunteer of each account of the demonstration.
const DEMONSTRATION: [(&str, &str, Role, Option<&str>); 8] = [
    ("accueil", "Alix Accueil", Role::Accueil, None),
    ("coordination", "Camille Coordination", Role::Coordination, None),
    ("pilotage", "Paule Pilotage", Role::Pilotage, None),
    ("diffusion", "Dominique Diffusion", Role::Diffusion, None),
    ("bienveilleur", "Bénédicte Bienveilleuse", Role::Bienveilleur, Some("BV-01")),
    ("bienveilleur2", "Basile Bienveilleur", Role::Bienveilleur, Some("BV-02")),
    ("dpo", "Delphine Déléguée", Role::Dpo, None),
    ("administration", "Andrée Administration", Role::Administration, None),
];

/// Whether every login of the demonstration is taken.
///
/// # Errors
/// [`ServiceError`] when the database does not answer.
pub async fn has_all_demonstration_accounts(store: &Store) -> Result<bool, ServiceError> {
    let accounts = store.accounts().await?;
    let there = |login: &str| accounts.iter().any(|account| fold(&account.login) == fold(login));
    Ok(DEMONSTRATION.iter().all(|(login, ..)| there(login)))
}

/// Makes the demonstration's accounts with random passwords; those that are there already get new ones. An account of
/// somebody's own with such a login is left alone.
///
/// # Errors
/// [`AccountError`] when the database does not answer.
pub async fn create_demonstration_accounts(
    store: &Store,
    passwords: &Passwords,
    by: Author,
) -> Result<Vec<DemonstrationAccount>, AccountError> {
    let known = store.accounts().await?;
    let mut made = Vec::with_capacity(DEMONSTRATION.len());
    for (login, name, role, volunteer) in DEMONSTRATION {
        let drawn = draw_password()?;
        let hash = passwords.hash(&drawn).await?;
        match known.iter().find(|account| fold(&account.login) == fold(login)) {
            Some(account) if !account.demonstration => continue,
            Some(account) => done(store.set_password(account.id, &hash, None, by).await?)?,
            None => {
                let roles = BTreeSet::from([role]);
                let new = NewAccount { login, name, roles: &roles, volunteer, password: &hash, demonstration: true };
                store.create_account(&new, by).await?;
            }
        }
        made.push(DemonstrationAccount { role, login, password: drawn });
    }
    Ok(made)
}

/// Four groups of four signs that are not mistaken for one another: 93 bits.
fn draw_password() -> Result<Zeroizing<String>, StoreError> {
    loop {
        let mut drawn = Zeroizing::new(String::with_capacity(19));
        while drawn.len() < 19 {
            let mut byte = [0];
            getrandom::fill(&mut byte).map_err(|_| StoreError::NoRandomness)?;
            // Beyond the last whole multiple some signs would come more often.
            let fair = 256 - 256 % READABLE.len();
            if usize::from(byte[0]) < fair {
                drawn.push(char::from(READABLE[usize::from(byte[0]) % READABLE.len()]));
                if matches!(drawn.len(), 4 | 9 | 14) {
                    drawn.push('-');
                }
            }
        }
        let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
        let all_kinds = kinds.iter().all(|kind| drawn.bytes().any(|byte| kind(&byte)));
        if all_kinds && password::check(&drawn, &[], 80).is_ok() {
            return Ok(drawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_password_is_strong_readable_and_never_the_same() {
        let drawn: Vec<_> = (0..50).map(|_| draw_password().expect("random numbers")).collect();
        for one in &drawn {
            assert_eq!((one.len(), one.matches('-').count()), (19, 3), "{}", **one);
            assert!(!one.contains(['0', 'O', '1', 'l', 'I', 'o']) && password::bits(one) >= 80);
        }
        let different: BTreeSet<&str> = drawn.iter().map(|one| one.as_str()).collect();
        assert_eq!(different.len(), drawn.len());
    }
}

//! `/api/v1/accounts`, `/api/v1/viewers`, `/api/v1/notices`: what the administration, the coordination and the data
//! protection officer see of accounts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::{Body, Id};
use crate::domain::input::InputError;
use crate::service::accounts::{self, AccountError, AccountForm, AccountView, ViewerView};
use crate::service::break_glass::{self, NoticeView};
use crate::service::viewer::Viewer;

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::LoginTaken => {
                let error = InputError::new("conflict", error.to_string(), "Choose another login").in_field("login");
                Self::input(StatusCode::CONFLICT, &error)
            }
            AccountError::LastAdministrator => {
                Self::new(StatusCode::CONFLICT, "last_administrator", error.to_string()).into_refusal()
            }
            AccountError::Service(error) => error.into(),
        }
    }
}

/// All accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct Accounts {
    accounts: Vec<AccountView>,
}

/// Every account
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", responses(
    (status = 200, body = Accounts),
))]
pub(super) async fn list(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let accounts = accounts::accounts(app.areas.store(), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &Accounts { accounts }))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountToMake {
    /// What its holder will type to sign in; 2 to 64 characters.
    login: String,
    /// The holder's name.
    name: String,
    /// `accueil`, `coordination`, `pilotage`, `diffusion`, `bienveilleur`, `dpo`, `administration`; at least one.
    roles: Vec<String>,
    /// Reference of the volunteer that the holder is.
    #[serde(default)]
    volunteer_reference: Option<String>,
    password: String,
}

/// Makes an account
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", request_body = AccountToMake, responses(
    (status = 201, body = AccountView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "The login is taken"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Body(typed): Body<AccountToMake>,
) -> Result<Response, Problem> {
    let form = AccountForm {
        login: typed.login,
        name: typed.name,
        roles: typed.roles,
        volunteer_reference: typed.volunteer_reference,
        disabled: false,
    };
    let store = app.areas.store();
    let account = accounts::create(store, &app.policy.passwords, &form, &typed.password, viewer.author()).await?;
    Ok(personal(StatusCode::CREATED, &account))
}

/// What an account becomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountToChange {
    /// The holder's name.
    name: String,
    /// Codes of the roles; at least one.
    roles: Vec<String>,
    /// Reference of the volunteer that the holder is.
    #[serde(default)]
    volunteer_reference: Option<String>,
    /// Whether nobody can sign in with it.
    disabled: bool,
    /// A new password; must be there when the new roles ask for a stronger one than the roles before.
    #[serde(default)]
    password: Option<String>,
}

/// Changes an account; new roles, a new password and disabling end its sessions
#[utoipa::path(put, path = "/api/v1/accounts/{id}", tag = "accounts", params(("id" = i64, Path)), request_body = AccountToChange, responses(
    (status = 200, body = AccountView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`last_administrator`"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`password_needed`, `weak_password` and others"),
))]
pub(super) async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Body(typed): Body<AccountToChange>,
) -> Result<Response, Problem> {
    let form = AccountForm {
        login: String::new(),
        name: typed.name,
        roles: typed.roles,
        volunteer_reference: typed.volunteer_reference,
        disabled: typed.disabled,
    };
    let (store, passwords) = (app.areas.store(), &app.policy.passwords);
    let account = accounts::change(store, passwords, id, &form, typed.password.as_deref(), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &account))
}

/// A new password for somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    new: String,
}

/// Sets somebody's password: every session of the account ends
#[utoipa::path(put, path = "/api/v1/accounts/{id}/password", tag = "accounts", params(("id" = i64, Path)), request_body = NewPassword, responses(
    (status = 204),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`weak_password`"),
))]
pub(super) async fn set_password(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Body(typed): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    let store = app.areas.store();
    accounts::set_password(store, &app.policy.passwords, id, &typed.new, viewer.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody's second factor away, for a phone that was lost
#[utoipa::path(delete, path = "/api/v1/accounts/{id}/second-factor", tag = "accounts", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn remove_second_factor(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    accounts::remove_second_factor(app.areas.store(), id, viewer.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of somebody
#[utoipa::path(delete, path = "/api/v1/accounts/{id}/sessions", tag = "accounts", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn end_sessions(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<StatusCode, Problem> {
    accounts::end_sessions(app.areas.store(), id, viewer.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everybody as whom the coordination may see.
#[derive(Serialize, ToSchema)]
pub(super) struct Viewers {
    viewers: Vec<ViewerView>,
}

/// As whom one may see
#[utoipa::path(get, path = "/api/v1/viewers", tag = "accounts", responses(
    (status = 200, body = Viewers),
))]
pub(super) async fn viewers(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let viewers = accounts::viewers(app.areas.store(), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &Viewers { viewers }))
}

/// What the officer must be told.
#[derive(Serialize, ToSchema)]
pub(super) struct Notices {
    notices: Vec<NoticeView>,
}

/// What the data protection officer must be told
#[utoipa::path(get, path = "/api/v1/notices", tag = "accounts", responses(
    (status = 200, body = Notices),
))]
pub(super) async fn notices(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let notices = break_glass::notices(app.areas.store(), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &Notices { notices }))
}

/// Notes that a notice was seen
#[utoipa::path(post, path = "/api/v1/notices/{id}/seen", tag = "accounts", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn note_seen(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<StatusCode, Problem> {
    break_glass::note_seen(app.areas.store(), id, viewer.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

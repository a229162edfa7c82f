//! `/api/v1/account`: one's own sessions, password, second factor and phones; and breaking the glass.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::{Body, Id};
use super::session::refusal;
use crate::service::break_glass;
use crate::service::own_account::{self, DeviceView, OwnAccountError, SecondFactorView, SessionLineView};
use crate::service::viewer::Viewer;

/// A refusal, as an answer.
fn refused(error: OwnAccountError) -> Response {
    let problem = match error {
        OwnAccountError::SignIn(error) => return refusal(error),
        OwnAccountError::Service(error) => Problem::from(error),
        OwnAccountError::SecondFactorRequired => {
            Problem::new(StatusCode::FORBIDDEN, "second_factor_required", error.to_string())
        }
        OwnAccountError::SecondFactorOn => {
            Problem::new(StatusCode::CONFLICT, "conflict", error.to_string()).into_refusal()
        }
        OwnAccountError::NotForThisRole => Problem::new(StatusCode::FORBIDDEN, "not_allowed", error.to_string()),
        OwnAccountError::SessionEnded => Problem::new(StatusCode::UNAUTHORIZED, "sign_in_needed", error.to_string()),
        OwnAccountError::PasswordNeeded => {
            Problem::new(StatusCode::FORBIDDEN, "sign_in_with_password", error.to_string())
        }
    };
    problem.into_response()
}

/// Sessions of one account.
#[derive(Serialize, ToSchema)]
pub(super) struct Sessions {
    sessions: Vec<SessionLineView>,
}

/// One's own sessions
#[utoipa::path(get, path = "/api/v1/account/sessions", tag = "account", responses(
    (status = 200, body = Sessions),
))]
pub(super) async fn sessions(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let sessions = own_account::sessions(app.areas.store(), &viewer).await?;
    Ok(personal(StatusCode::OK, &Sessions { sessions }))
}

/// Ends one of one's own sessions
#[utoipa::path(delete, path = "/api/v1/account/sessions/{id}", tag = "account", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn end_session(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<StatusCode, Problem> {
    own_account::end_session(app.areas.store(), &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The present password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    current: String,
    new: String,
}

/// Changes one's own password: every other session ends
#[utoipa::path(put, path = "/api/v1/account/password", tag = "account", request_body = PasswordChange, responses(
    (status = 204),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`weak_password`, `wrong_password`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_attempts`, with `Retry-After`"),
))]
pub(super) async fn change_password(
    State(app): State<App>,
    viewer: Viewer,
    jar: CookieJar,
    Body(typed): Body<PasswordChange>,
) -> Response {
    let store = app.areas.store();
    match own_account::change_password(store, &app.policy, &viewer, &typed.current, &typed.new).await {
        Ok(token) => (jar.add(app.cookies().of_session(&token)), StatusCode::NO_CONTENT).into_response(),
        Err(error) => refused(error),
    }
}

/// Begins a second factor
#[utoipa::path(post, path = "/api/v1/account/second-factor", tag = "account", responses(
    (status = 201, body = SecondFactorView),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "There is one already"),
))]
pub(super) async fn begin_second_factor(State(app): State<App>, viewer: Viewer) -> Response {
    match own_account::begin_second_factor(app.areas.store(), &viewer).await {
        Ok(view) => personal(StatusCode::CREATED, &view),
        Err(error) => refused(error),
    }
}

/// A code of a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    /// Six digits.
    code: String,
}

/// Confirms a second factor: it is asked for from now on
#[utoipa::path(put, path = "/api/v1/account/second-factor", tag = "account", request_body = Code, responses(
    (status = 204),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`wrong_code`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_attempts`, with `Retry-After`"),
))]
pub(super) async fn confirm_second_factor(State(app): State<App>, viewer: Viewer, Body(typed): Body<Code>) -> Response {
    match own_account::confirm_second_factor(app.areas.store(), &app.policy, &viewer, &typed.code).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(error),
    }
}

/// Takes one's own second factor away
#[utoipa::path(delete, path = "/api/v1/account/second-factor", tag = "account", responses(
    (status = 204),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`second_factor_required`"),
))]
pub(super) async fn remove_second_factor(State(app): State<App>, viewer: Viewer) -> Response {
    match own_account::remove_second_factor(app.areas.store(), &app.policy, &viewer).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(error),
    }
}

/// Phones of one account.
#[derive(Serialize, ToSchema)]
pub(super) struct Devices {
    devices: Vec<DeviceView>,
}

/// One's own phones
#[utoipa::path(get, path = "/api/v1/account/devices", tag = "account", responses(
    (status = 200, body = Devices),
))]
pub(super) async fn devices(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let devices = own_account::devices(app.areas.store(), &viewer).await?;
    Ok(personal(StatusCode::OK, &Devices { devices }))
}

/// A PIN for the phone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPin {
    /// Six digits.
    pin: String,
}

/// Registers the phone that one is signed in on
#[utoipa::path(post, path = "/api/v1/account/devices", tag = "account", request_body = NewPin, responses(
    (status = 201, body = DeviceView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "Volunteers only; `sign_in_with_password` in a session that began with a PIN"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`weak_pin`"),
))]
pub(super) async fn register_device(
    State(app): State<App>,
    viewer: Viewer,
    jar: CookieJar,
    Body(typed): Body<NewPin>,
) -> Response {
    match own_account::register_device(app.areas.store(), &app.policy, &viewer, &typed.pin).await {
        Ok((token, view)) => {
            (jar.add(app.cookies().of_device(&token)), personal(StatusCode::CREATED, &view)).into_response()
        }
        Err(error) => refused(error),
    }
}

/// Forgets one of one's own phones
#[utoipa::path(delete, path = "/api/v1/account/devices/{id}", tag = "account", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn forget_device(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<StatusCode, Problem> {
    own_account::forget_device(app.areas.store(), &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why the glass is broken.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// 10 to 500 characters.
    reason: String,
}

/// An emergency right.
#[derive(Serialize, ToSchema)]
pub(super) struct Glass {
    /// Until when it is in force.
    until_at: DateTime<Utc>,
}

/// In an emergency, sees cases that are not one's own; the data protection officer is told
#[utoipa::path(post, path = "/api/v1/break-glass", tag = "account", request_body = Reason, responses(
    (status = 201, body = Glass),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn break_glass(
    State(app): State<App>,
    viewer: Viewer,
    Body(typed): Body<Reason>,
) -> Result<Response, Problem> {
    let until_at = break_glass::break_glass(app.areas.store(), &viewer, &typed.reason).await?;
    Ok(personal(StatusCode::CREATED, &Glass { until_at }))
}

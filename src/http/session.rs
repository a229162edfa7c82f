//! `/api/v1/session`: signing in and out, and the two cookies.
//!
//! `__Host-` (RFC 6265bis) binds a cookie to this very host over TLS; over plain HTTP on loopback a browser would refuse
//! it, so the names are plain there. No script reads either of them.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::Body;
use crate::service::own_account::DEVICE_LIFETIME;
use crate::service::sign_in::{self, Attempt, Opened, SessionView, SignInError, Tokens};

/// How the cookies are called and marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieKind {
    secure: bool,
}

impl CookieKind {
    /// Behind TLS or not.
    #[must_use]
    pub const fn behind_tls(secure: bool) -> Self {
        Self { secure }
    }

    /// The name of the session's cookie.
    #[must_use]
    pub const fn session(self) -> &'static str {
        if self.secure { "__Host-bv_session" } else { "bv_session" }
    }

    /// The name of the phone's cookie.
    #[must_use]
    pub const fn device(self) -> &'static str {
        if self.secure { "__Host-bv_device" } else { "bv_device" }
    }

    fn cookie(self, name: &'static str, value: &str) -> Cookie<'static> {
        Cookie::build((name, value.to_owned()))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Strict)
            .build()
    }

    /// The session's cookie: it goes with the browser's window.
    pub(super) fn of_session(self, token: &str) -> Cookie<'static> {
        self.cookie(self.session(), token)
    }

    /// The phone's cookie, for as long as the phone is known.
    pub(super) fn of_device(self, token: &str) -> Cookie<'static> {
        let cookie = self.cookie(self.device(), token);
        match DEVICE_LIFETIME.to_std().ok().and_then(|lifetime| lifetime.try_into().ok()) {
            Some(lifetime) => Cookie::build(cookie).max_age(lifetime).build(),
            None => cookie,
        }
    }

    /// What the browser brought along.
    pub(super) fn tokens(self, jar: &CookieJar) -> Tokens<'_> {
        let value = |name| jar.get(name).map(Cookie::value);
        Tokens { session: value(self.session()), device: value(self.device()) }
    }
}

impl App {
    /// How this service's cookies are called.
    pub(super) fn cookies(&self) -> CookieKind {
        CookieKind::behind_tls(self.site.secure)
    }
}

/// Where a request comes from, when the server was told. Our proxy says it in the last entry of `X-Forwarded-For`; what
/// stands before that entry, and the whole header from anybody else, may be invented.
pub(super) struct ClientAddress(pub Option<IpAddr>);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        if peer.is_none() || peer != app.site.proxy.map(|proxy| proxy.to_canonical()) {
            return Ok(Self(peer));
        }
        let last = parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let client = last.and_then(|list| list.rsplit(',').next()).and_then(|address| address.trim().parse().ok());
        Ok(Self(client.or(peer)))
    }
}

/// A refusal to sign in, with the pause where there is one.
pub(super) fn refusal(error: SignInError) -> Response {
    let (status, code) = match &error {
        SignInError::Wrong => (StatusCode::UNAUTHORIZED, "wrong_sign_in"),
        SignInError::SecondFactorNeeded => (StatusCode::UNAUTHORIZED, "second_factor_needed"),
        SignInError::WrongCode => (StatusCode::UNAUTHORIZED, "wrong_code"),
        SignInError::WrongPin { .. } => (StatusCode::UNAUTHORIZED, "wrong_pin"),
        SignInError::DeviceUnknown => (StatusCode::UNAUTHORIZED, "device_unknown"),
        SignInError::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
        SignInError::Service(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    match error {
        SignInError::Service(error) => Problem::from(error).into_response(),
        SignInError::TooMany { retry_after_s } => {
            let problem = Problem::new(status, code, error.to_string());
            ([(header::RETRY_AFTER, retry_after_s.to_string())], problem).into_response()
        }
        error => Problem::new(status, code, error.to_string()).into_response(),
    }
}

/// Whether and as whom somebody is signed in
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = SessionView)))]
pub(super) async fn session(State(app): State<App>, jar: CookieJar) -> Result<Response, Problem> {
    view(&app, app.cookies().tokens(&jar)).await
}

async fn view(app: &App, tokens: Tokens<'_>) -> Result<Response, Problem> {
    let view = sign_in::session_view(app.areas.store(), &app.policy, tokens, (app.now)()).await?;
    Ok(personal(StatusCode::OK, &view))
}

/// The answer after signing in: the view, and the cookie.
async fn opened(app: &App, jar: CookieJar, opened: &Opened) -> Result<Response, Problem> {
    let device = app.cookies().tokens(&jar).device.map(str::to_owned);
    let tokens = Tokens { session: Some(&opened.token), device: device.as_deref() };
    let answer = view(app, tokens).await?;
    Ok((jar.add(app.cookies().of_session(&opened.token)), answer).into_response())
}

/// Login and password, and a code where there is a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    login: String,
    password: String,
    /// Six digits.
    #[serde(default)]
    code: Option<String>,
}

/// Signs in
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses(
    (status = 200, body = SessionView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`wrong_sign_in`, `second_factor_needed`, `wrong_code`"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_attempts`, with `Retry-After`"),
))]
pub(super) async fn sign_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    Body(typed): Body<SignIn>,
) -> Result<Response, Problem> {
    let attempt = Attempt {
        login: &typed.login,
        password: &typed.password,
        code: typed.code.as_deref(),
        address,
        tokens: app.cookies().tokens(&jar),
        now: (app.now)(),
    };
    match sign_in::sign_in(app.areas.store(), &app.policy, attempt).await {
        Ok(new) => opened(&app, jar.clone(), &new).await,
        Err(error) => Ok(refusal(error)),
    }
}

/// The PIN of a phone that is known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pin {
    /// Six digits.
    pin: String,
}

/// Signs a volunteer in again on a phone that is known
#[utoipa::path(post, path = "/api/v1/session/pin", tag = "session", request_body = Pin, responses(
    (status = 200, body = SessionView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`wrong_pin`, `device_unknown`"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn pin(State(app): State<App>, jar: CookieJar, Body(typed): Body<Pin>) -> Result<Response, Problem> {
    let tokens = app.cookies().tokens(&jar);
    match sign_in::sign_in_with_pin(app.areas.store(), &app.policy, &typed.pin, tokens, (app.now)()).await {
        Ok(new) => opened(&app, jar.clone(), &new).await,
        Err(error) => Ok(refusal(error)),
    }
}

/// Signs out
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)))]
pub(super) async fn sign_out(State(app): State<App>, jar: CookieJar) -> Result<Response, Problem> {
    let cookies = app.cookies();
    sign_in::sign_out(app.areas.store(), cookies.tokens(&jar).session, (app.now)()).await?;
    Ok((jar.remove(cookies.of_session("")), StatusCode::NO_CONTENT).into_response())
}

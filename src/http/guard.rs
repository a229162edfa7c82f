//! The guard before every route: who asks, and whether this part of the service is theirs.
//!
//! Routes are entered with the right that they need ([`super::Routes`]); what is not entered answers nobody.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;

use super::App;
use super::error::Problem;
use crate::domain::access::Right;
use crate::domain::audit::{Act, Resource};
use crate::service::sign_in::{self, Access};
use crate::service::viewer::Viewer;
use crate::service::{ServiceError, eyes};

/// One route and the right that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// In capitals.
    pub method: Method,
    /// As it is matched, e.g. `/api/v1/cases/{id}/match`.
    pub path: String,
    /// Who may.
    pub right: Right,
}

/// The rights by method and path.
pub(super) type Table = Arc<HashMap<(Method, String), Right>>;

/// Whose eyes a coordinator borrows.
const VIEW_AS: HeaderName = HeaderName::from_static("view-as");

/// Lets a request through with its [`Viewer`], or says why not. That somebody signed in was refused stands in the trail,
/// whether it was here or behind.
pub(super) async fn guard(
    State((app, table)): State<(App, Table)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let Some(right) = table.get(&(method.clone(), path)).copied() else {
        return Err(super::error::method_not_allowed().await);
    };
    let now = (app.now)();
    let jar = CookieJar::from_headers(request.headers());
    let access = sign_in::viewer_of(app.areas.store(), &app.policy, app.cookies().tokens(&jar), now).await;
    let viewer = match access.map_err(ServiceError::from)? {
        Access::SignedIn(viewer) => viewer,
        _ if right == Right::Open => Viewer::public(now),
        Access::PinNeeded => {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "pin_needed", "Give the PIN of this phone"));
        }
        Access::Nobody => return Err(Problem::new(StatusCode::UNAUTHORIZED, "sign_in_needed", "Sign in to see this")),
    };
    let asker = viewer.author();
    let signed_in = viewer.account.is_some();
    let (tried, response) = match view_as(&app, viewer, request.headers(), &method, right).await {
        Err(problem) => (Right::ViewAs, problem.into_response()),
        Ok(viewer) if !viewer.may(right) => (right, Problem::not_allowed().into_response()),
        Ok(viewer) => {
            request.extensions_mut().insert(viewer);
            (right, next.run(request).await)
        }
    };
    let refusal = response.extensions().get::<Problem>().and_then(Problem::refusal);
    if let Some(code) = refusal.filter(|_| signed_in) {
        // What was tried and why not, never what was typed.
        let entry = asker.entry(Act::Refuse, Resource::Routes).refused().because(format!("{method} {tried}: {code}"));
        app.areas.store().record(&[entry]).await.map_err(ServiceError::from)?;
    }
    Ok(response)
}

/// The viewer whose eyes are borrowed, when a coordinator asks for it; every such look is in the trail.
async fn view_as(
    app: &App,
    viewer: Viewer,
    headers: &HeaderMap,
    method: &Method,
    right: Right,
) -> Result<Viewer, Problem> {
    let Some(account) = headers.get(VIEW_AS) else { return Ok(viewer) };
    let own = right == Right::OwnAccount && *method == Method::GET;
    if viewer.account.is_none() || own {
        return Ok(viewer);
    }
    if !viewer.may(Right::ViewAs) {
        return Err(Problem::not_allowed());
    }
    if *method != Method::GET && !matches!(right, Right::MatchCases | Right::SearchAddresses | Right::SearchCases) {
        let detail = "While you see what somebody else sees, nothing can be changed";
        return Err(Problem::new(StatusCode::FORBIDDEN, "view_as_reads_only", detail));
    }
    let account: Option<i64> = account.to_str().ok().and_then(|id| id.parse().ok());
    let eyes = match account {
        Some(account) => eyes::eyes_of(app.areas.store(), &app.policy, &viewer, account).await?,
        None => None,
    };
    eyes.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "not_found", "There is no such account").into_refusal())
}

/// What the guard may answer in the place of a handler.
pub(super) fn document(responses: &mut utoipa::openapi::Responses) {
    let problem = utoipa::openapi::Ref::from_schema_name("Problem");
    for (status, description) in [("401", "Nobody is signed in"), ("403", "The role does not include this")] {
        let content = utoipa::openapi::ContentBuilder::new().schema(Some(problem.clone())).build();
        let response = utoipa::openapi::ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content)
            .build();
        responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
}

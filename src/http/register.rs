//! `/api/v1/register` and `/api/v1/dpia`: the two documents that are written from what is in force.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::answer::personal;
use super::error::Problem;
use crate::service::register::{self, Measures};
use crate::service::viewer::Viewer;

/// A document in French.
#[derive(Serialize, ToSchema)]
pub(super) struct Document {
    markdown: String,
}

fn measures(app: &App) -> Measures {
    Measures {
        durations: app.areas.settings().durations,
        tls: app.site.secure,
        second_factor_required: app.policy.second_factor_required,
    }
}

/// The record of processing activities
#[utoipa::path(get, path = "/api/v1/register", tag = "register", responses(
    (status = 200, body = Document),
))]
pub(super) async fn register(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let markdown = register::register(app.areas.store(), measures(&app), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &Document { markdown }))
}

/// The skeleton of the impact assessment
#[utoipa::path(get, path = "/api/v1/dpia", tag = "register", responses(
    (status = 200, body = Document),
))]
pub(super) async fn dpia(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let markdown = register::dpia(app.areas.store(), measures(&app), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &Document { markdown }))
}

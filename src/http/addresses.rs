//! `/api/v1/addresses/search`: addresses while one types. A POST, so that no address is ever in a URL or a log.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::{off_thread, personal};
use super::error::Problem;
use super::params::Body;

/// What was typed so far.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressQuery {
    /// Number and beginning of the street, in any case, with or without accents.
    q: String,
    /// At most this many; 1..=20, 8 by default.
    #[schema(minimum = 1, maximum = 20)]
    limit: Option<usize>,
}

/// Addresses, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddressesFound {
    addresses: Vec<AddressFound>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AddressFound {
    id: String,
    label: String,
    lon: f64,
    lat: f64,
}

/// Addresses that begin as typed
#[utoipa::path(post, path = "/api/v1/addresses/search", tag = "cases", request_body = AddressQuery, responses(
    (status = 200, body = AddressesFound),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn search(State(app): State<App>, Body(query): Body<AddressQuery>) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let limit = query.limit.unwrap_or(8).clamp(1, 20);
    let found = off_thread(&area, move |area| {
        let found = area.addresses().search(&query.q, limit).into_iter();
        let addresses = found
            .map(|a| AddressFound { id: a.id.clone(), label: a.label(), lon: a.position.lon(), lat: a.position.lat() })
            .collect();
        Ok(AddressesFound { addresses })
    })
    .await?;
    Ok(personal(StatusCode::OK, &found))
}

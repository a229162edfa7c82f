//! One way to answer a reading: fresh data, a tag that spares unchanged answers, the work off the async threads.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::App;
use super::error::Problem;
use crate::service::study_area::StudyArea;

pub(super) const GEOJSON: &str = "application/geo+json";
pub(super) const JSON: &str = "application/json";

/// What a reading needs of its request.
pub(super) struct Reading {
    pub uri: Uri,
    pub headers: HeaderMap,
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Reading {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self { uri: parts.uri.clone(), headers: parts.headers.clone() })
    }
}

/// Answers with what `make` returns as JSON, or 304 when the asker has it already. The tag stands for the revision of the
/// data and the question, not for the content: it is known before the work and tells nothing of what is inside.
pub(super) async fn answer<T, E>(
    app: &App,
    reading: &Reading,
    content_type: &'static str,
    make: impl FnOnce(&StudyArea) -> Result<T, E> + Send + 'static,
) -> Result<Response, Problem>
where
    T: Serialize,
    E: Into<Problem> + Send + 'static,
{
    let area = app.areas.fresh().await.map_err(Problem::from)?;
    let question = crc32fast::hash(reading.uri.path_and_query().map_or("", |p| p.as_str()).as_bytes());
    let tag = format!("W/\"{}-{question:08x}\"", area.revision);
    let known = reading.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    let opaque = tag.trim_start_matches("W/");
    if known.flat_map(|v| v.split(',')).map(str::trim).any(|t| t == "*" || t.trim_start_matches("W/") == opaque) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let body = off_thread(&area, move |area| {
        let value = make(area).map_err(Into::into)?;
        serde_json::to_vec(&value)
            .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The answer cannot be written"))
    })
    .await?;
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, content_type.to_owned())], body).into_response())
}

/// Runs CPU work on a thread of its own, so that other requests are not kept waiting.
pub(super) async fn off_thread<T: Send + 'static>(
    area: &Arc<StudyArea>,
    work: impl FnOnce(&StudyArea) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let area = Arc::clone(area);
    match tokio::task::spawn_blocking(move || work(&area)).await {
        Ok(result) => result,
        Err(_) => Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side; nothing was lost",
        )),
    }
}

/// A finished value as JSON, never kept by a cache.
pub(super) fn personal<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let mut response = (status, axum::Json(value)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Keeps an answer about people out of every cache; who asked may remember it, with its tag, in memory.
pub(super) fn unkept(answer: Result<Response, Problem>) -> Result<Response, Problem> {
    answer.map(|mut response| {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    })
}

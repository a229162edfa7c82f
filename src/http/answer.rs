//! One way to answer a reading: fresh data, for this viewer, a tag that spares unchanged answers, the work off the async
//! threads; what speaks of people is in the trail before it goes out, and in no cache.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::App;
use super::error::Problem;
use crate::domain::audit::{Act, Resource};
use crate::service::ServiceError;
use crate::service::layers::Seen;
use crate::service::study_area::StudyArea;
use crate::service::viewer::Viewer;

pub(super) const GEOJSON: &str = "application/geo+json";
pub(super) const JSON: &str = "application/json";

/// What a reading needs of its request.
pub(super) struct Reading {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub viewer: Viewer,
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let viewer = Viewer::from_request_parts(parts, state).await?;
        Ok(Self { uri: parts.uri.clone(), headers: parts.headers.clone(), viewer })
    }
}

impl Reading {
    /// Stands for the revision of the data, the viewer and the question, not for the content: it is known before the work
    /// and tells nothing of what is inside.
    fn tag(&self, area: &StudyArea) -> String {
        let question = self.uri.path_and_query().map_or("", |p| p.as_str());
        tag_of(format!("{} {question}", area.revision_for(&self.viewer)).as_bytes())
    }

    fn has(&self, tag: &str) -> bool {
        let known = self.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
        let opaque = tag.trim_start_matches("W/");
        known.flat_map(|v| v.split(',')).map(str::trim).any(|t| t == "*" || t.trim_start_matches("W/") == opaque)
    }
}

fn tag_of(bytes: &[u8]) -> String {
    format!("W/\"{}\"", data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)[..12]))
}

fn unchanged(tag: String) -> Response {
    (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response()
}

/// Answers with what `make` returns as JSON, or 304 when the asker has it already.
pub(super) async fn answer<T, E>(
    app: &App,
    reading: Reading,
    content_type: &'static str,
    make: impl FnOnce(&StudyArea, &Viewer) -> Result<T, E> + Send + 'static,
) -> Result<Response, Problem>
where
    T: Serialize,
    E: Into<Problem> + Send + 'static,
{
    let area = app.areas.fresh().await?;
    // Who has not signed in learns from the content alone: a tag of the revision would tell how often cases are written.
    let signed_in = reading.viewer.account.is_some();
    let tag = reading.tag(&area);
    if signed_in && reading.has(&tag) {
        return Ok(unchanged(tag));
    }
    let viewer = reading.viewer.clone();
    let body = off_thread(&area, move |area| json(&make(area, &viewer).map_err(Into::into)?)).await?;
    let tag = if signed_in { tag } else { tag_of(&body) };
    if !signed_in && reading.has(&tag) {
        return Ok(unchanged(tag));
    }
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, content_type.to_owned())], body).into_response())
}

/// The same for what speaks of people to some and not to others: `people` says of whom it does to the one who asks.
pub(super) async fn answer_seen<T, E>(
    app: &App,
    reading: Reading,
    (content_type, people): (&'static str, Option<Resource>),
    make: impl FnOnce(&StudyArea, &Viewer) -> Result<Seen<T>, E> + Send + 'static,
) -> Result<Response, Problem>
where
    T: Serialize + Send + 'static,
    E: Into<Problem> + Send + 'static,
{
    match people {
        Some(resource) => answer_personal(app, reading, (content_type, resource), make).await,
        None => answer(app, reading, content_type, |area, viewer| make(area, viewer).map(|seen| seen.value)).await,
    }
}

/// The same for what speaks of people: it is in the trail before it goes out, and no cache keeps it. Who asks may remember
/// it, with its tag, in memory.
pub(super) async fn answer_personal<T, E>(
    app: &App,
    reading: Reading,
    (content_type, resource): (&'static str, Resource),
    make: impl FnOnce(&StudyArea, &Viewer) -> Result<Seen<T>, E> + Send + 'static,
) -> Result<Response, Problem>
where
    T: Serialize + Send + 'static,
    E: Into<Problem> + Send + 'static,
{
    let area = app.areas.fresh().await?;
    let tag = reading.tag(&area);
    let mut response = if reading.has(&tag) {
        unchanged(tag)
    } else {
        let viewer = reading.viewer.clone();
        let (body, records, subjects) = off_thread(&area, move |area| {
            let seen = make(area, &viewer).map_err(Into::into)?;
            Ok((json(&seen.value)?, seen.records, seen.subjects))
        })
        .await?;
        let author = reading.viewer.author();
        let why = reading.viewer.why();
        let entries: Vec<_> = if subjects.is_empty() {
            vec![author.entry(Act::List, resource).over(records).because(why)]
        } else {
            subjects.into_iter().map(|s| author.entry(Act::Read, resource).about(s).because(why.clone())).collect()
        };
        app.areas.store().record(&entries).await.map_err(ServiceError::from)?;
        ([(header::ETAG, tag), (header::CONTENT_TYPE, content_type.to_owned())], body).into_response()
    };
    no_store(&mut response);
    Ok(response)
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value)
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The answer cannot be written"))
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
    no_store(&mut response);
    response
}

fn no_store(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

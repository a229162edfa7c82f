//! The HTTP interface: every route in one table. Handlers translate; rules live in `service`.

mod addresses;
mod answer;
mod cases;
mod coverage;
mod error;
mod layers;
mod page;
mod params;
mod probes;
pub mod serve;
mod study_area;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next, map_request};
use axum::response::Response;
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::service::study_area::StudyAreas;

/// The largest request body, in bytes: no form comes near it.
const MAX_BODY: usize = 64 * 1024;
/// The longest that an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What handlers share.
#[derive(Clone)]
pub struct App {
    /// The data, fresh at each request.
    pub areas: Arc<StudyAreas>,
    /// The clock.
    pub now: fn() -> DateTime<Utc>,
    /// Where metrics are read from.
    pub metrics: PrometheusHandle,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "BienVeilleurs",
        description = "Who needs a visit, who lives nearest on foot, and which streets nobody reaches. \
            Lengths end in `_m` (metres), durations in `_s` (seconds), instants in `_at` (UTC), days in `_on`. \
            Positions are `[lon, lat]` in WGS 84. Errors are RFC 9457 problems with a stable `code`.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    tags(
        (name = "study area", description = "What the page begins with"),
        (name = "layers", description = "GeoJSON layers for the map"),
        (name = "cases", description = "Reported persons and their match"),
        (name = "coverage", description = "Which streets somebody is near")
    )
)]
struct ApiDoc;

/// Every route of the API and its document.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .routes(routes!(study_area::study_area))
        .routes(routes!(layers::quarters))
        .routes(routes!(layers::ground))
        .routes(routes!(layers::streets))
        .routes(routes!(layers::coverage))
        .routes(routes!(layers::hexes))
        .routes(routes!(layers::relays))
        .routes(routes!(layers::volunteers))
        .routes(routes!(layers::cases))
        .routes(routes!(layers::matches))
        .routes(routes!(coverage::coverage))
        .routes(routes!(cases::create))
        .routes(routes!(cases::match_case))
        .routes(routes!(addresses::search))
}

/// Counts and times requests from now on, in this process.
///
/// # Errors
/// When another recorder was installed before.
pub fn router_metrics() -> Result<PrometheusHandle, Box<dyn std::error::Error>> {
    Ok(PrometheusBuilder::new().install_recorder()?)
}

/// The OpenAPI document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().into_openapi()
}

/// The whole service.
pub fn router(app: App) -> Router {
    let (api, document) = api().split_for_parts();
    Router::new()
        .merge(api)
        .merge(SwaggerUi::new("/api/docs").url("/api/openapi.json", document))
        .merge(probes::routes())
        .merge(page::routes())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(
            ServiceBuilder::new()
                .layer(map_request(own_request_id))
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(middleware::from_fn(observe))
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::X_CONTENT_TYPE_OPTIONS,
                    HeaderValue::from_static("nosniff"),
                ))
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::REFERRER_POLICY,
                    HeaderValue::from_static("no-referrer"),
                ))
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::CACHE_CONTROL,
                    HeaderValue::from_static("no-cache, private"),
                ))
                .layer(CompressionLayer::new())
                .layer(middleware::from_fn(error::render))
                .layer(CatchPanicLayer::custom(error::panicked))
                .layer(middleware::from_fn(only_from_here))
                .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
                .layer(RequestBodyLimitLayer::new(MAX_BODY)),
        )
        .with_state(app)
}

/// A request's id is ours: what a client sends as one could be anything, and it would stand in the log.
async fn own_request_id(mut request: Request) -> Request {
    request.headers_mut().remove(REQUEST_ID);
    request
}

/// Until accounts exist, whoever reaches the port may read all: another site open in the same browser must not. Its name
/// pointed at this machine (DNS rebinding) shows in `Host`, its forms and scripts show in `Origin`.
async fn only_from_here(request: Request, next: Next) -> Result<Response, error::Problem> {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
    let from_here = host.is_none_or(is_loopback_host);
    let origin = request.headers().get(header::ORIGIN).and_then(|o| o.to_str().ok());
    let same_origin =
        origin.is_none_or(|origin| origin.strip_prefix("http://").is_some_and(|origin| Some(origin) == host));
    if !from_here || (!same_origin && request.method() != Method::GET) {
        return Err(error::Problem::forbidden());
    }
    Ok(next.run(request).await)
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    name == "localhost" || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Logs and counts each request by its route, never by its path or query: those may tell where somebody lives.
async fn observe(request: Request<Body>, next: Next) -> Response {
    let began = std::time::Instant::now();
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "(none)".to_owned(), |p| p.as_str().to_owned());
    let method = request.method().clone();
    let id = request.headers().get(REQUEST_ID).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let seconds = began.elapsed().as_secs_f64();
    let labels = [("route", route.clone()), ("method", method.to_string()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels[..1]).record(seconds);
    tracing::info!(request_id = id, %method, route, status, duration_ms = (seconds * 1e6).round() / 1e3, "request answered");
    response
}

#[cfg(test)]
mod tests {
    use super::is_loopback_host;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "127.0.0.2", "[::1]:8080", "[::1]"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["example.org", "localhost.example.org:8080", "10.0.0.1", "127.0.0.1.example.org", "", ":80"] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}

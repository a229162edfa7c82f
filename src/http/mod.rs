//! The HTTP interface: every route in one table. Handlers translate; rules live in `service`.

mod account;
mod accounts;
mod addresses;
mod answer;
mod audit;
mod batches;
mod case_life;
mod cases;
mod coverage;
mod error;
mod follow_up;
mod guard;
mod intake;
mod layers;
mod page;
mod params;
mod probes;
mod register;
mod relay_reports;
mod retention;
mod rights;
pub mod serve;
pub mod session;
pub mod site;
mod study_area;
mod viewer;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, Method};
use axum::middleware::{self, Next, map_request};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::domain::access::Right;
use crate::service::sign_in::Policy;
use crate::service::study_area::StudyAreas;

use guard::Table;
use site::Site;

pub use guard::Route;

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
    /// How one signs in.
    pub policy: Arc<Policy>,
    /// The name under which the service is reached.
    pub site: Arc<Site>,
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
        (name = "session", description = "Signing in and out"),
        (name = "account", description = "One's own account"),
        (name = "accounts", description = "Everybody's accounts, and what the data protection officer is told of them"),
        (name = "audit", description = "Who saw and changed what"),
        (name = "rights", description = "Requests of the persons concerned, and telling them of a report"),
        (name = "retention", description = "Purges: list, signature of a second person, proof"),
        (name = "register", description = "The register and the impact assessment, written from what is in force"),
        (name = "study area", description = "What the page begins with"),
        (name = "layers", description = "GeoJSON layers for the map"),
        (name = "relay reports", description = "Reports without an account, by the code on a relay's sticker"),
        (name = "cases", description = "Reported persons and their match"),
        (name = "coverage", description = "Which streets somebody is near")
    )
)]
struct ApiDoc;

/// Every route with the right that it needs, and the API's document. What is not entered here answers nobody.
struct Routes {
    router: OpenApiRouter<App>,
    table: Vec<Route>,
}

impl Routes {
    /// Enters routes of the API.
    fn api(mut self, right: Right, mut routes: UtoipaMethodRouter<App>) -> Self {
        for (path, item) in &mut routes.1.paths {
            let operations = [
                (Method::GET, &mut item.get),
                (Method::POST, &mut item.post),
                (Method::PUT, &mut item.put),
                (Method::DELETE, &mut item.delete),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                self.table.push(Route { method, path: path.clone(), right });
                if right != Right::Open {
                    guard::document(&mut operation.responses);
                }
            }
        }
        self.router = self.router.routes(routes);
        self
    }

    /// Enters a route beside the API.
    fn page(mut self, right: Right, path: &str, route: MethodRouter<App>) -> Self {
        self.table.push(Route { method: Method::GET, path: path.to_owned(), right });
        self.router = self.router.route(path, route);
        self
    }
}

fn routes() -> Routes {
    use Right as R;
    let empty = Routes { router: OpenApiRouter::with_openapi(ApiDoc::openapi()), table: Vec::new() };
    let routes = empty
        .api(R::Open, routes!(session::session, session::sign_in, session::sign_out))
        .api(R::Open, routes!(session::pin))
        .api(R::OwnAccount, routes!(account::sessions))
        .api(R::OwnAccount, routes!(account::end_session))
        .api(R::OwnAccount, routes!(account::change_password))
        .api(
            R::OwnAccount,
            routes!(account::begin_second_factor, account::confirm_second_factor, account::remove_second_factor),
        )
        .api(R::OwnAccount, routes!(account::devices, account::register_device))
        .api(R::OwnAccount, routes!(account::forget_device))
        .api(R::BreakGlass, routes!(account::break_glass))
        .api(R::ViewAs, routes!(accounts::viewers))
        .api(R::ManageAccounts, routes!(accounts::list, accounts::create))
        .api(R::ManageAccounts, routes!(accounts::change))
        .api(R::ManageAccounts, routes!(accounts::set_password))
        .api(R::ManageAccounts, routes!(accounts::remove_second_factor))
        .api(R::ManageAccounts, routes!(accounts::end_sessions))
        .api(R::SeeAudit, routes!(accounts::notices))
        .api(R::SeeAudit, routes!(accounts::note_seen))
        .api(R::SeeAudit, routes!(audit::trail))
        .api(R::SeeAudit, routes!(audit::export))
        .api(R::SeeAudit, routes!(audit::verification))
        .api(R::RightsDesk, routes!(rights::subjects))
        .api(R::RightsDesk, routes!(rights::requests, rights::create))
        .api(R::RightsDesk, routes!(rights::export))
        .api(R::RightsDesk, routes!(rights::carry_out))
        .api(R::RightsDesk, routes!(rights::prove))
        .api(R::RightsDesk, routes!(rights::close))
        .api(R::SeeInforming, routes!(rights::to_inform))
        .api(R::Inform, routes!(rights::informed))
        .api(R::Inform, routes!(rights::refusal))
        .api(R::SeeRetention, routes!(retention::list))
        .api(R::PrepareRetention, routes!(retention::prepare))
        .api(R::SeeRetention, routes!(retention::run))
        .api(R::SignOffRetention, routes!(retention::sign_off))
        .api(R::PrepareRetention, routes!(retention::purge))
        .api(R::PrepareRetention, routes!(retention::prove))
        .api(R::RightsDesk, routes!(register::register))
        .api(R::RightsDesk, routes!(register::dpia))
        .api(R::StudyArea, routes!(study_area::study_area))
        // The public page's map: what OpenStreetMap and the city publish, and shops with a sticker in the window.
        .api(R::Open, routes!(layers::quarters))
        .api(R::Open, routes!(layers::ground))
        .api(R::Open, routes!(layers::streets))
        .api(R::Open, routes!(layers::relays))
        .api(R::SeeCoverage, routes!(layers::coverage))
        .api(R::SeeCoverage, routes!(layers::hexes))
        .api(R::SeeCoverage, routes!(coverage::coverage))
        .api(R::SeeVolunteers, routes!(layers::volunteers))
        .api(R::SeeCases, routes!(layers::cases))
        .api(R::SeeCaseCells, routes!(layers::case_hexes))
        .api(R::SeeMatches, routes!(layers::matches))
        .api(R::Open, routes!(relay_reports::create))
        .api(R::Open, routes!(relay_reports::status))
        .api(R::SeeReporters, routes!(relay_reports::origin))
        .api(R::KeepStickers, routes!(relay_reports::sticker_code, relay_reports::renew_sticker_code))
        .api(R::SearchCases, routes!(intake::search))
        .api(R::SearchCases, routes!(intake::duplicates))
        .api(R::ReportCases, routes!(intake::create))
        .api(R::ReportCases, routes!(intake::add_report))
        .api(R::SeeReports, routes!(intake::reports))
        .api(R::Rectify, routes!(cases::details, cases::rectify))
        .api(R::MatchCases, routes!(cases::match_case))
        .api(R::MatchCases, routes!(batches::plan))
        .api(R::FollowCases, routes!(batches::propose))
        .api(R::MoveCases, routes!(case_life::life))
        .api(R::MoveCases, routes!(case_life::make_move))
        .api(R::MoveCases, routes!(case_life::undo))
        .api(R::FollowCases, routes!(case_life::refer))
        .api(R::FollowCases, routes!(case_life::close_referral))
        .api(R::FollowCases, routes!(case_life::declare_conflict, case_life::withdraw_conflict))
        .api(R::FollowCases, routes!(follow_up::follow_up))
        .api(R::MoveCases, routes!(follow_up::absences, follow_up::add_absence))
        .api(R::MoveCases, routes!(follow_up::remove_absence))
        .api(R::MatchCases, routes!(follow_up::absence_plan))
        .api(R::SearchAddresses, routes!(addresses::search));
    let routes = [("/healthz", get(probes::healthz)), ("/readyz", get(probes::readyz))]
        .into_iter()
        .chain(page::routes())
        .fold(routes, |routes, (path, route)| routes.page(R::Open, path, route));
    routes.page(R::ReadMetrics, "/metrics", get(probes::metrics))
}

/// Every route of the service with the right that it needs, in the order in which they are entered.
#[must_use]
pub fn route_table() -> Vec<Route> {
    let mut table = routes().table;
    table.extend(document_routes());
    table
}

/// The API's document is open; the viewer of it is for those who have signed in.
fn document_routes() -> [Route; 3] {
    [("/api/openapi.json", Right::Open), ("/api/docs", Right::OwnAccount), ("/api/docs/{*rest}", Right::OwnAccount)]
        .map(|(path, right)| Route { method: Method::GET, path: path.to_owned(), right })
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
    routes().router.into_openapi()
}

/// The whole service.
pub fn router(app: App) -> Router {
    let table: Table = Arc::new(route_table().into_iter().map(|r| ((r.method, r.path), r.right)).collect());
    let (api, document) = routes().router.split_for_parts();
    let answer_in_problems = ServiceBuilder::new()
        .layer(map_request(own_request_id))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(middleware::from_fn(observe))
        .layer(middleware::from_fn_with_state(app.site.clone(), site::headers))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(error::render))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(app.site.clone(), site::only_our_proxy))
        .layer(middleware::from_fn_with_state(app.site.clone(), site::only_our_name))
        .layer(CsrfLayer::new())
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .layer(RequestBodyLimitLayer::new(MAX_BODY));
    Router::new()
        .merge(api)
        .merge(SwaggerUi::new("/api/docs").url("/api/openapi.json", document))
        .route_layer(middleware::from_fn_with_state((app.clone(), table), guard::guard))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(answer_in_problems)
        .with_state(app)
}

/// A request's id is ours: what a client sends as one could be anything, and it would stand in the log.
async fn own_request_id(mut request: Request) -> Request {
    request.headers_mut().remove(REQUEST_ID);
    request
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

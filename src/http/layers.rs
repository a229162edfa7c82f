//! `/api/v1/layers/*`: what the map draws.

use axum::extract::State;
use axum::response::Response;

use super::App;
use super::answer::{GEOJSON, Reading, answer, answer_personal, answer_seen};
use super::error::Problem;
use super::params::{BboxParams, CoverageParams, Params, StreetParams};
use crate::domain::access::{Fields, Record, Whose};
use crate::domain::audit::Resource;
use crate::service::layers::{
    self, CaseCellProperties, CaseProperties, CoverageProperties, GroundProperties, Layer, MatchLineProperties,
    QuarterProperties, RelayProperties, StreetProperties, VolunteerProperties,
};
use crate::service::study_area::{CoveredBy, StudyArea};
use crate::service::viewer::Viewer;
use crate::service::views::FiguresView;

type Answer = Result<Response, Problem>;

/// Of whom coverage tells this viewer: where it was computed from exact homes, it gives them away.
pub(super) fn covering(viewer: &Viewer, by: CoveredBy) -> Option<Resource> {
    viewer.sees_homes(by).then_some(Resource::Volunteers)
}

/// The quarters' borders
#[utoipa::path(get, path = "/api/v1/layers/quarters", tag = "layers", params(BboxParams), responses(
    (status = 200, body = Layer<String, QuarterProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn quarters(State(app): State<App>, reading: Reading, Params(p): Params<BboxParams>) -> Answer {
    let bbox = p.extent()?;
    answer(&app, reading, GEOJSON, move |area, _| Ok::<_, Problem>(layers::quarters(area, bbox.as_ref()))).await
}

/// Water, green and rails of the base map
#[utoipa::path(get, path = "/api/v1/layers/ground", tag = "layers", params(BboxParams), responses(
    (status = 200, body = Layer<usize, GroundProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
))]
pub(super) async fn ground(State(app): State<App>, reading: Reading, Params(p): Params<BboxParams>) -> Answer {
    let bbox = p.extent()?;
    answer(&app, reading, GEOJSON, move |area, _| layers::ground(area, bbox.as_ref())).await
}

/// Streets with the walking time along them
#[utoipa::path(get, path = "/api/v1/layers/streets", tag = "layers", params(StreetParams), responses(
    (status = 200, body = Layer<u32, StreetProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
))]
pub(super) async fn streets(State(app): State<App>, reading: Reading, Params(p): Params<StreetParams>) -> Answer {
    let bbox = p.extent()?;
    let people = covering(&reading.viewer, CoveredBy::Volunteer);
    let make = move |area: &StudyArea, viewer: &Viewer| layers::streets(area, viewer, p.profile(), bbox.as_ref());
    answer_seen(&app, reading, (GEOJSON, people), make).await
}

/// Streets cut exactly where the threshold falls
#[utoipa::path(get, path = "/api/v1/layers/coverage", tag = "layers", params(CoverageParams), responses(
    (status = 200, body = Layer<usize, CoverageProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
))]
pub(super) async fn coverage(State(app): State<App>, reading: Reading, Params(p): Params<CoverageParams>) -> Answer {
    let bbox = p.extent()?;
    let people = covering(&reading.viewer, p.by);
    answer_seen(&app, reading, (GEOJSON, people), move |area, viewer| {
        layers::coverage(area, p.query(&area.settings, viewer)?, bbox.as_ref()).map_err(Problem::from)
    })
    .await
}

/// The gap by hexagon
#[utoipa::path(get, path = "/api/v1/layers/hexes", tag = "layers", params(CoverageParams), responses(
    (status = 200, body = Layer<String, FiguresView>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
))]
pub(super) async fn hexes(State(app): State<App>, reading: Reading, Params(p): Params<CoverageParams>) -> Answer {
    let bbox = p.extent()?;
    let people = covering(&reading.viewer, p.by);
    answer_seen(&app, reading, (GEOJSON, people), move |area, viewer| {
        layers::hex_layer(area, p.query(&area.settings, viewer)?, p.resolution(&area.settings)?, bbox.as_ref())
            .map_err(Problem::from)
    })
    .await
}

/// Relays
#[utoipa::path(get, path = "/api/v1/layers/relays", tag = "layers", params(BboxParams), responses(
    (status = 200, body = Layer<i64, RelayProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn relays(State(app): State<App>, reading: Reading, Params(p): Params<BboxParams>) -> Answer {
    let bbox = p.extent()?;
    let keeps = reading.viewer.sees(Record::Relays, Whose::Anybody, Fields::Place);
    answer_seen(&app, reading, (GEOJSON, keeps.then_some(Resource::Relays)), move |area, viewer| {
        Ok::<_, Problem>(layers::relays(area, viewer, bbox.as_ref()))
    })
    .await
}

/// Volunteers
#[utoipa::path(get, path = "/api/v1/layers/volunteers", tag = "layers", params(BboxParams), responses(
    (status = 200, body = Layer<i64, VolunteerProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn volunteers(State(app): State<App>, reading: Reading, Params(p): Params<BboxParams>) -> Answer {
    let bbox = p.extent()?;
    answer_personal(&app, reading, (GEOJSON, Resource::Volunteers), move |area, viewer| {
        Ok::<_, Problem>(layers::volunteers(area, viewer, bbox.as_ref()))
    })
    .await
}

/// Cases
#[utoipa::path(get, path = "/api/v1/layers/cases", tag = "layers", params(BboxParams), responses(
    (status = 200, body = Layer<i64, CaseProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn cases(State(app): State<App>, reading: Reading, Params(p): Params<BboxParams>) -> Answer {
    let bbox = p.extent()?;
    answer_personal(&app, reading, (GEOJSON, Resource::Cases), move |area, viewer| {
        Ok::<_, Problem>(layers::cases(area, viewer, bbox.as_ref()))
    })
    .await
}

/// Open cases counted by hexagon, with suppression
#[utoipa::path(get, path = "/api/v1/layers/case-hexes", tag = "layers", responses(
    (status = 200, body = Layer<String, CaseCellProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
))]
pub(super) async fn case_hexes(State(app): State<App>, reading: Reading) -> Answer {
    answer(&app, reading, GEOJSON, |area, _| Ok::<_, Problem>(layers::case_cells(area))).await
}

/// The ways between volunteers and their people
#[utoipa::path(get, path = "/api/v1/layers/matches", tag = "layers", params(BboxParams), responses(
    (status = 200, body = Layer<i64, MatchLineProperties>, content_type = "application/geo+json"),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
))]
pub(super) async fn matches(State(app): State<App>, reading: Reading, Params(p): Params<BboxParams>) -> Answer {
    let bbox = p.extent()?;
    answer_personal(&app, reading, (GEOJSON, Resource::Matches), move |area, viewer| {
        layers::match_lines(area, viewer, bbox.as_ref())
    })
    .await
}

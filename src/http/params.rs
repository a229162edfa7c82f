//! Query, path and body, with problems instead of plain-text rejections.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::error::Problem;
use crate::domain::position::Extent;
use crate::domain::settings::Settings;
use crate::domain::travel::TravelProfile;
use crate::geo::hex::Resolution;
use crate::service::coverage::CoverageQuery;
use crate::service::study_area::CoveredBy;
use crate::service::viewer::Viewer;

/// A query string.
pub(super) struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(error) => Err(bad_query(&error)),
        }
    }
}

fn bad_query(_: &QueryRejection) -> Problem {
    // The rejection quotes what was sent, and no value is repeated, whatever it is.
    Problem::new(StatusCode::BAD_REQUEST, "bad_query", "A parameter is unknown, missing or of the wrong kind")
}

/// An id in the path.
pub(super) struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<i64>, PathRejection> = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id))
            .map_err(|_| Problem::new(StatusCode::NOT_FOUND, "not_found", "An id is a whole number"))
    }
}

/// Two ids in the path.
pub(super) struct Ids(pub i64, pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ids: Result<Path<(i64, i64)>, PathRejection> = Path::from_request_parts(parts, state).await;
        ids.map(|Path((first, second))| Self(first, second))
            .map_err(|_| Problem::new(StatusCode::NOT_FOUND, "not_found", "An id is a whole number"))
    }
}

/// A JSON body.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(error) => Err(bad_body(&error)),
        }
    }
}

fn bad_body(error: &JsonRejection) -> Problem {
    let (code, detail) = match error {
        JsonRejection::MissingJsonContentType(_) => ("not_json", "The body must be application/json"),
        JsonRejection::JsonSyntaxError(_) => ("not_json", "The body is not valid JSON"),
        JsonRejection::JsonDataError(_) => ("bad_body", "The body lacks a field or has one of the wrong kind"),
        _ => ("bad_body", "The body cannot be read"),
    };
    Problem::new(error.status(), code, detail)
}

/// How somebody walks.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Profile {
    /// *À pied*, 4.5 km/h.
    #[default]
    Foot,
    /// *Mobilité réduite*, 3 km/h, no steps.
    ReducedMobility,
}

impl From<Profile> for TravelProfile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Foot => Self::Foot,
            Profile::ReducedMobility => Self::ReducedMobility,
        }
    }
}

/// A box: only features that touch it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct BboxParams {
    /// `west,south,east,north` in degrees.
    bbox: Option<String>,
}

impl BboxParams {
    pub(super) fn extent(&self) -> Result<Option<Extent>, Problem> {
        parse_bbox(self.bbox.as_deref())
    }
}

fn parse_bbox(bbox: Option<&str>) -> Result<Option<Extent>, Problem> {
    let Some(bbox) = bbox else { return Ok(None) };
    let numbers: Option<Vec<f64>> =
        bbox.split(',').map(|n| n.trim().parse().ok().filter(|n: &f64| n.is_finite())).collect();
    match numbers.as_deref() {
        Some(&[west, south, east, north])
            if west <= east && south <= north && west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0 =>
        {
            Ok(Some(Extent { west, south, east, north }))
        }
        _ => Err(bad_parameter("bbox", "bbox is west,south,east,north in degrees, west ≤ east and south ≤ north")),
    }
}

fn bad_parameter(field: &str, detail: &str) -> Problem {
    let error = crate::domain::input::InputError::new("bad_query", detail, "Correct the parameter").in_field(field);
    Problem::input(StatusCode::BAD_REQUEST, &error)
}

/// Streets for one profile.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct StreetParams {
    /// How they walk; *À pied* by default.
    #[serde(default)]
    profile: Profile,
    /// `west,south,east,north` in degrees.
    bbox: Option<String>,
}

impl StreetParams {
    pub(super) fn profile(&self) -> TravelProfile {
        self.profile.into()
    }

    pub(super) fn extent(&self) -> Result<Option<Extent>, Problem> {
        parse_bbox(self.bbox.as_deref())
    }
}

/// What is asked of the coverage.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CoverageParams {
    /// Who covers.
    pub by: CoveredBy,
    /// Covered within this walk, in minutes; 0.5..=60.
    #[param(minimum = 0.5, maximum = 60)]
    threshold_min: Option<f64>,
    /// How they walk; *À pied* by default.
    #[serde(default)]
    profile: Profile,
    /// H3 resolution, 7..=12; hexes only.
    #[param(minimum = 7, maximum = 12)]
    resolution: Option<u8>,
    /// `west,south,east,north` in degrees; layers only.
    bbox: Option<String>,
}

impl CoverageParams {
    pub(super) fn query(&self, settings: &Settings, viewer: &Viewer) -> Result<CoverageQuery, Problem> {
        let threshold_min = self.threshold_min.unwrap_or(match self.by {
            CoveredBy::Volunteer => settings.volunteer_threshold_min,
            CoveredBy::Relay => settings.relay_threshold_min,
        });
        if !(0.5..=60.0).contains(&threshold_min) {
            return Err(bad_parameter("threshold_min", "the threshold is a number of minutes from 0.5 to 60"));
        }
        let homes = viewer.homes(self.by).ok_or_else(Problem::not_allowed)?;
        Ok(CoverageQuery { by: self.by, threshold_min, profile: self.profile.into(), homes })
    }

    pub(super) fn resolution(&self, settings: &Settings) -> Result<Resolution, Problem> {
        let number = self.resolution.unwrap_or(settings.hex_resolution);
        Resolution::try_from(number)
            .map_err(|_| bad_parameter("resolution", "the resolution is a whole number from 7 to 12"))
    }

    pub(super) fn extent(&self) -> Result<Option<Extent>, Problem> {
        parse_bbox(self.bbox.as_deref())
    }
}

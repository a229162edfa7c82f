//! What leaves the service: plain values made for the one who asks. Domain types never do.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::Figures;
use super::study_area::CoveredBy;
use crate::domain::position::LonLat;
use crate::geo::plane;
use crate::solve::suitable::Points;

/// A position as GeoJSON writes it: `[lon, lat]`, 7 decimals (about a centimetre).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(value_type = Vec<f64>, example = json!([0.13, 49.495]))]
pub struct PointView([f64; 2]);

/// Rounds degrees to 7 decimals.
#[must_use]
pub fn point_view(p: LonLat) -> PointView {
    PointView([(p.lon() * 1e7).round() / 1e7, (p.lat() * 1e7).round() / 1e7])
}

/// A line's positions.
#[must_use]
pub fn line_view(line: &[LonLat]) -> Vec<PointView> {
    let mut out: Vec<PointView> = line.iter().map(|&p| point_view(p)).collect();
    out.dedup();
    if out.len() == 1 {
        out.push(out[0]);
    }
    out
}

/// Metres with three decimals.
#[must_use]
pub fn metres(m: f64) -> f64 {
    (m * 1000.0).round() / 1000.0
}

/// "Amina B.": enough for a colleague, less than a full name.
#[must_use]
pub fn short_name(given: &str, family: &str) -> String {
    match (given.is_empty(), family.chars().next()) {
        (true, _) => family.to_owned(),
        (false, None) => given.to_owned(),
        (false, Some(initial)) => format!("{given} {initial}."),
    }
}

/// Walks along a line and tells positions at growing shares of its length.
pub(super) struct Along<'a> {
    line: &'a [LonLat],
    total: f64,
    /// Segment that the last answer fell in, and the length before it.
    segment: usize,
    before: f64,
}

impl<'a> Along<'a> {
    pub(super) fn new(line: &'a [LonLat]) -> Self {
        Self { line, total: line.windows(2).map(|w| plane::length(w[0], w[1])).sum(), segment: 0, before: 0.0 }
    }

    /// The position at a share 0..=1 of the length, not less than the one asked for before.
    pub(super) fn at(&mut self, share: f64) -> LonLat {
        let along = share * self.total;
        loop {
            let (a, b) = (self.line[self.segment], self.line[(self.segment + 1).min(self.line.len() - 1)]);
            let length = plane::length(a, b);
            if along <= self.before + length || self.segment + 2 >= self.line.len() {
                let t = if length > 0.0 { ((along - self.before) / length).clamp(0.0, 1.0) } else { 0.0 };
                return LonLat::try_new(a.lon() + t * (b.lon() - a.lon()), a.lat() + t * (b.lat() - a.lat()))
                    .unwrap_or(a);
            }
            self.before += length;
            self.segment += 1;
        }
    }
}

/// The closest volunteers for a case.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MatchView {
    /// The case.
    pub case_id: i64,
    /// How many were asked for.
    pub k: usize,
    /// `ok`, `unlocated` (nobody knows where) or `unsnappable` (no street near).
    pub located: &'static str,
    /// Kept out of every matching until a person clears it.
    pub danger: bool,
    /// Closed, archived and purged cases match nobody.
    pub open: bool,
    /// Whether the person agreed: before it the case can be offered to nobody.
    pub agreed: bool,
    /// Straight metres from the position to its street.
    pub snap_m: Option<f64>,
    /// Best suited first: fewest points, then shortest walk.
    pub matches: Vec<MatchedView>,
    /// Everybody else, with the constraints that failed.
    pub left_out: Vec<LeftOutView>,
}

/// A volunteer who can take the case.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MatchedView {
    /// The volunteer.
    pub volunteer_id: i64,
    /// Given name and initial.
    pub name: String,
    /// Walking time.
    pub duration_s: f64,
    /// Length of the way.
    pub length_m: f64,
    /// Free places.
    pub free: u32,
    /// `foot` or `reduced_mobility`.
    pub profile: &'static str,
    /// Why in this order.
    pub points: PointsView,
    /// `person` (accompanied before) or `building` (visits somebody there).
    pub knows: Option<&'static str>,
    /// People whom the volunteer has already.
    pub load: u32,
    /// The way, from the volunteer to the case.
    pub path: LineView,
}

/// A volunteer who is not matched.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeftOutView {
    /// The volunteer.
    pub volunteer_id: i64,
    /// Given name and initial.
    pub name: String,
    /// The first constraint that failed: `inactive`, `not_cleared`, `absent`, `conflict`, `same_household`, `declined`,
    /// `need`, `language`, `full`, `unlocated`, `unsnappable`, `unreachable`, `too_far`, `excluded` or `beyond_k`.
    pub reason: &'static str,
    /// What would stand in the way besides.
    pub also: Vec<&'static str>,
    /// Walking time, where there is a way.
    pub duration_s: Option<f64>,
    /// Longest walk that the volunteer agreed to.
    pub limit_s: Option<f64>,
    /// Away until this day.
    pub away_until_on: Option<NaiveDate>,
    /// With `language`: one of these is needed.
    pub languages: Vec<String>,
    /// With `need`: what the volunteer does not do.
    pub needs: Vec<&'static str>,
}

/// Points, term by term; one is a second of walking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PointsView {
    /// Seconds of walking.
    pub walk: i32,
    /// For each person whom the volunteer has already.
    pub load: i32,
    /// Less for who knows the person or the building.
    pub continuity: i32,
    /// More when the person's first language is another one.
    pub language: i32,
    /// More soon after the last new case.
    pub rest: i32,
    /// Their sum.
    pub total: i32,
}

impl From<Points> for PointsView {
    fn from(points: Points) -> Self {
        let Points { walk, load, continuity, language, rest } = points;
        Self { walk, load, continuity, language, rest, total: points.total() }
    }
}

/// A GeoJSON line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineView {
    /// Always `LineString`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Positions.
    pub coordinates: Vec<PointView>,
}

/// Lengths and addresses, covered and not. `total_m` = `covered_m` + `uncovered_m`, to the millimetre.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FiguresView {
    /// Length of the streets.
    pub total_m: f64,
    /// Of which covered.
    pub covered_m: f64,
    /// Of which not.
    pub uncovered_m: f64,
    /// Uncovered share, 0..=1; 0 without streets.
    pub uncovered_share: f64,
    /// Addresses on these streets.
    pub addresses: u64,
    /// Of which not covered.
    pub addresses_uncovered: u64,
}

impl From<Figures> for FiguresView {
    fn from(f: Figures) -> Self {
        let m = |mm: u64| mm as f64 / 1000.0;
        let uncovered_mm = f.total_mm - f.covered_mm;
        Self {
            total_m: m(f.total_mm),
            covered_m: m(f.covered_mm),
            uncovered_m: m(uncovered_mm),
            uncovered_share: if f.total_mm > 0 { uncovered_mm as f64 / f.total_mm as f64 } else { 0.0 },
            addresses: f.addresses,
            addresses_uncovered: f.addresses_uncovered,
        }
    }
}

/// Coverage in figures.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CoverageView {
    /// Who covers.
    pub by: CoveredBy,
    /// Covered within this walk, in minutes.
    pub threshold_min: f64,
    /// `foot` or `reduced_mobility`.
    pub profile: &'static str,
    /// All quarters.
    pub total: FiguresView,
    /// By quarter, in the order of ids.
    pub quarters: Vec<QuarterFiguresView>,
    /// By street and quarter, longest uncovered length first.
    pub streets: Vec<StreetFiguresView>,
}

/// One quarter's figures.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuarterFiguresView {
    /// The quarter.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: FiguresView,
}

/// One street's figures in one quarter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreetFiguresView {
    /// Street name; `null` for all nameless ways of the quarter together.
    pub name: Option<String>,
    /// The quarter's id.
    pub quarter: String,
    /// Box around the street there: west, south, east, north.
    pub extent: Option<[f64; 4]>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: FiguresView,
}

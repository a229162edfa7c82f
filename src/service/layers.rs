//! Map layers: what the map draws, as GeoJSON features (RFC 7946).

use serde::Serialize;
use utoipa::ToSchema;

mod cells;
mod people;

use super::ServiceError;
use super::coverage::{CoverageQuery, Covered, hexes};
use super::study_area::{CoveredBy, StudyArea};
use super::viewer::Viewer;
use super::views::{FiguresView, PointView, line_view, point_view};
use crate::domain::position::{Extent, LonLat};
use crate::domain::travel::TravelProfile;
use crate::geo::hex::{self, Resolution};
use crate::network::coverage::{Reach, complement};
use crate::network::graph::{GroundKind, lon_lat, seconds};
use crate::network::{EdgeId, Network};

pub use cells::{CaseCellProperties, case_cells};
pub use people::{
    CaseProperties, MatchLineProperties, RelayProperties, Seen, VolunteerProperties, case_feature, cases, match_lines,
    relays, volunteers,
};
pub(super) use people::{SectorView, sector_view, whose_case};

/// A GeoJSON geometry.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", content = "coordinates")]
pub enum Geometry {
    /// A position.
    Point(PointView),
    /// A line.
    LineString(Vec<PointView>),
    /// An area with holes.
    Polygon(Vec<Vec<PointView>>),
    /// Several areas.
    MultiPolygon(Vec<Vec<Vec<PointView>>>),
}

/// A GeoJSON feature.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Feature<I, P> {
    /// Always `Feature`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Stable within a revision.
    pub id: I,
    /// Where it is; `null` when nobody knows.
    pub geometry: Option<Geometry>,
    /// What it is.
    pub properties: P,
}

/// A GeoJSON feature collection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Layer<I, P> {
    /// Always `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// In the order of ids.
    pub features: Vec<Feature<I, P>>,
}

impl<I, P> Layer<I, P> {
    fn new(features: Vec<Feature<I, P>>) -> Self {
        Self { kind: "FeatureCollection", features }
    }
}

fn feature<I, P>(id: I, geometry: Option<Geometry>, properties: P) -> Feature<I, P> {
    Feature { kind: "Feature", id, geometry, properties }
}

/// Whether some positions touch a box; everything does without one.
fn touches(bbox: Option<&Extent>, line: impl IntoIterator<Item = LonLat>) -> bool {
    bbox.is_none_or(|bbox| Extent::around(line).is_some_and(|e| e.intersects(bbox)))
}

/// Something without position is in every box: it is never lost from a list.
fn point_touches(bbox: Option<&Extent>, position: Option<LonLat>) -> bool {
    position.is_none_or(|p| touches(bbox, [p]))
}

/// A quarter on the map.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuarterProperties {
    name: String,
    /// `indicative` or `official`.
    precision: &'static str,
    source: String,
    licence: String,
    drawn_on: Option<chrono::NaiveDate>,
}

/// The quarters' borders.
#[must_use]
pub fn quarters(area: &StudyArea, bbox: Option<&Extent>) -> Layer<String, QuarterProperties> {
    let quarters = area.quarters().map_or(&[][..], |q| q.quarters());
    let polygons = |q: &crate::domain::quarter::Quarter| {
        q.polygons
            .iter()
            .map(|p| p.iter().map(|ring| ring.iter().map(|&p| point_view(p)).collect()).collect())
            .collect::<Vec<_>>()
    };
    Layer::new(
        quarters
            .iter()
            .filter(|q| touches(bbox, q.polygons.iter().flatten().flatten().copied()))
            .map(|q| {
                let mut polygons = polygons(q);
                let geometry = if polygons.len() == 1 {
                    Geometry::Polygon(polygons.remove(0))
                } else {
                    Geometry::MultiPolygon(polygons)
                };
                let properties = QuarterProperties {
                    name: q.name.clone(),
                    precision: q.precision.code(),
                    source: q.source.clone(),
                    licence: q.licence.clone(),
                    drawn_on: q.drawn_on,
                };
                feature(q.id.clone(), Some(geometry), properties)
            })
            .collect(),
    )
}

/// Water, green and rails of the base map.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroundProperties {
    /// `water`, `green` or `rail`.
    kind: &'static str,
}

/// The base map's areas and lines, as the street file had them.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn ground(area: &StudyArea, bbox: Option<&Extent>) -> Result<Layer<usize, GroundProperties>, ServiceError> {
    let parts = area.network()?.parts();
    let features = parts.grounds.iter().enumerate().filter_map(|(i, &(kind, start, end))| {
        let line: Vec<LonLat> = parts.ground_shape[start as usize..end as usize].iter().map(|&p| lon_lat(p)).collect();
        let geometry = if kind == GroundKind::Rail {
            Geometry::LineString(line_view(&line))
        } else {
            let mut ring = line_view(&line);
            ring.extend((ring.first() != ring.last()).then(|| ring[0]));
            Geometry::Polygon(vec![ring])
        };
        touches(bbox, line).then(|| feature(i, Some(geometry), GroundProperties { kind: kind.code() }))
    });
    Ok(Layer::new(features.collect()))
}

/// A street between two junctions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreetProperties {
    name: Option<String>,
    /// OSM `highway` class.
    highway: &'static str,
    length_m: f64,
    /// The quarter that holds most of it.
    quarter: Option<String>,
    /// Walking time from the nearest volunteer with a free place along the street: `[offset_m, seconds]` where its slope
    /// changes; `null` seconds where nobody gets; empty when nobody gets to any of it, or the viewer may not know.
    volunteer: Vec<(f64, Option<f64>)>,
    /// The same from the nearest relay with a sticker.
    relay: Vec<(f64, Option<f64>)>,
}

fn envelope_view(network: &Network, reach: &Reach, edge: EdgeId) -> Vec<(f64, Option<f64>)> {
    let view = |(offset, time): (u32, Option<u32>)| {
        (f64::from(offset) / 1000.0, time.map(|t| (seconds(t) * 10.0).round() / 10.0))
    };
    reach.envelope(network, edge).into_iter().map(view).collect()
}

/// Every street with its walking times, as far as the viewer may know them: whoever draws it can cut it at any threshold.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn streets(
    area: &StudyArea,
    viewer: &Viewer,
    profile: TravelProfile,
    bbox: Option<&Extent>,
) -> Result<Seen<Layer<EdgeId, StreetProperties>>, ServiceError> {
    let network = area.network()?;
    let reach = |by| viewer.homes(by).map(|homes| area.reach(by, profile, homes)).transpose();
    let (volunteer, relay) = (reach(CoveredBy::Volunteer)?, reach(CoveredBy::Relay)?);
    let times = |reach: Option<&Reach>, edge| reach.map_or_else(Vec::new, |reach| envelope_view(network, reach, edge));
    let mut features = Vec::new();
    for pieces in area.pieces.chunk_by(|a, b| a.edge == b.edge) {
        let edge = pieces[0].edge;
        let line: Vec<LonLat> = network.shape(edge).iter().map(|&p| lon_lat(p)).collect();
        if !touches(bbox, line.iter().copied()) {
            continue;
        }
        // The longest piece names the quarter; of equal ones the first.
        let longest = pieces.iter().rev().max_by_key(|p| p.stretch.1 - p.stretch.0).and_then(|p| p.quarter);
        let e = network.edge(edge);
        let properties = StreetProperties {
            name: network.name(edge).map(str::to_owned),
            highway: e.highway.code(),
            length_m: f64::from(e.length_mm) / 1000.0,
            quarter: quarter_id(area, longest),
            volunteer: times(volunteer, edge),
            relay: times(relay, edge),
        };
        features.push(feature(edge, Some(Geometry::LineString(line_view(&line))), properties));
    }
    Ok(Seen::list(area.covering(), Layer::new(features)))
}

fn quarter_id(area: &StudyArea, index: Option<usize>) -> Option<String> {
    Some(area.quarters()?.quarters()[index?].id.clone())
}

/// A stretch of street that is covered, or is not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CoverageProperties {
    /// The street's id in the streets layer.
    edge: EdgeId,
    name: Option<String>,
    quarter: Option<String>,
    covered: bool,
    length_m: f64,
}

/// Every street cut exactly where the threshold falls and where a quarter ends.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn coverage(
    area: &StudyArea,
    query: CoverageQuery,
    bbox: Option<&Extent>,
) -> Result<Seen<Layer<usize, CoverageProperties>>, ServiceError> {
    let network = area.network()?;
    let reach = area.reach(query.by, query.profile, query.homes)?;
    let mut covered = Covered::default();
    let mut features = Vec::new();
    let mut id = 0;
    for piece in &area.pieces {
        let length = network.edge(piece.edge).length_mm;
        let stretches = covered.of(network, reach, piece.edge, query.cutoff());
        let mut cuts: Vec<(u32, u32, bool)> = stretches.iter().map(|s| (s.0, s.1, true)).collect();
        cuts.extend(complement(stretches, length).iter().map(|s| (s.0, s.1, false)));
        cuts.sort_unstable();
        for (start, end, covered) in cuts {
            let (start, end) = (start.max(piece.stretch.0), end.min(piece.stretch.1));
            if start >= end {
                continue;
            }
            id += 1;
            let line = network.stretch(piece.edge, start, end);
            if touches(bbox, line.iter().copied()) {
                let properties = CoverageProperties {
                    edge: piece.edge,
                    name: network.name(piece.edge).map(str::to_owned),
                    quarter: quarter_id(area, piece.quarter),
                    covered,
                    length_m: f64::from(end - start) / 1000.0,
                };
                features.push(feature(id, Some(Geometry::LineString(line_view(&line))), properties));
            }
        }
    }
    Ok(Seen::list(area.covering(), Layer::new(features)))
}

/// The gap, by hex cell.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn hex_layer(
    area: &StudyArea,
    query: CoverageQuery,
    resolution: Resolution,
    bbox: Option<&Extent>,
) -> Result<Seen<Layer<String, FiguresView>>, ServiceError> {
    let cells = hexes(area, query, resolution)?;
    let features = cells.into_iter().filter_map(|(cell, figures)| {
        let ring = hex::boundary(cell);
        touches(bbox, ring.iter().copied()).then(|| {
            let geometry = Geometry::Polygon(vec![ring.into_iter().map(point_view).collect()]);
            feature(cell.to_string(), Some(geometry), FiguresView::from(figures))
        })
    });
    Ok(Seen::list(area.covering(), Layer::new(features.collect())))
}

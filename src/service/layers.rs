//! Map layers: what the map draws, as GeoJSON features (RFC 7946).

use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::coverage::{CoverageQuery, Covered, hexes};
use super::matching::place_code;
use super::study_area::{CoveredBy, Located, StudyArea};
use super::views::{FiguresView, PointView, line_view, metres, point_view};
use crate::domain::case::{Case, CaseId};
use crate::domain::position::{Extent, LonLat};
use crate::domain::quarter::Sector;
use crate::domain::travel::TravelProfile;
use crate::geo::hex::{self, Resolution};
use crate::network::coverage::{Reach, complement};
use crate::network::graph::{GroundKind, UNREACHED, lon_lat, seconds};
use crate::network::route::walk;
use crate::network::search::{Search, Starts, nearest};
use crate::network::{EdgeId, Network};

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
    /// changes; `null` seconds where nobody gets; empty when nobody gets to any of it.
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

/// Every street with its walking times: whoever draws it can cut it at any threshold.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn streets(
    area: &StudyArea,
    profile: TravelProfile,
    bbox: Option<&Extent>,
) -> Result<Layer<EdgeId, StreetProperties>, ServiceError> {
    let network = area.network()?;
    let volunteer = area.reach(CoveredBy::Volunteer, profile)?;
    let relay = area.reach(CoveredBy::Relay, profile)?;
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
            volunteer: envelope_view(network, volunteer, edge),
            relay: envelope_view(network, relay, edge),
        };
        features.push(feature(edge, Some(Geometry::LineString(line_view(&line))), properties));
    }
    Ok(Layer::new(features))
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
) -> Result<Layer<usize, CoverageProperties>, ServiceError> {
    let network = area.network()?;
    let reach = area.reach(query.by, query.profile)?;
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
    Ok(Layer::new(features))
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
) -> Result<Layer<String, FiguresView>, ServiceError> {
    let cells = hexes(area, query, resolution)?;
    let features = cells.into_iter().filter_map(|(cell, figures)| {
        let ring = hex::boundary(cell);
        touches(bbox, ring.iter().copied()).then(|| {
            let geometry = Geometry::Polygon(vec![ring.into_iter().map(point_view).collect()]);
            feature(cell.to_string(), Some(geometry), FiguresView::from(figures))
        })
    });
    Ok(Layer::new(features.collect()))
}

/// Where something lies with regard to the quarters.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SectorView {
    /// The quarter that holds it.
    quarter: Option<String>,
    /// `inside`, `outside` (*hors secteur*) or `unlocated`.
    sector: &'static str,
    /// Outside: the nearest quarter.
    nearest_quarter: Option<String>,
    /// Outside: straight metres to its border.
    nearest_quarter_m: Option<f64>,
}

fn sector_view(area: &StudyArea, located: &Located) -> SectorView {
    let nothing = SectorView { quarter: None, sector: "unlocated", nearest_quarter: None, nearest_quarter_m: None };
    match located.sector {
        None => nothing,
        Some(Sector::Inside(i)) => SectorView { quarter: quarter_id(area, Some(i)), sector: "inside", ..nothing },
        Some(Sector::Outside { nearest, distance_m }) => SectorView {
            sector: "outside",
            nearest_quarter: quarter_id(area, Some(nearest)),
            nearest_quarter_m: Some(distance_m.round()),
            ..nothing
        },
    }
}

fn point(position: Option<LonLat>) -> Option<Geometry> {
    position.map(|p| Geometry::Point(point_view(p)))
}

/// A relay on the map.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RelayProperties {
    reference: String,
    name: String,
    kind: &'static str,
    address: String,
    premises: bool,
    sticker: &'static str,
    sticker_on: Option<chrono::NaiveDate>,
    bears_a_sticker: bool,
    #[serde(flatten)]
    sector: SectorView,
}

/// All relays.
#[must_use]
pub fn relays(area: &StudyArea, bbox: Option<&Extent>) -> Layer<i64, RelayProperties> {
    let all = area.relays().iter().zip(&area.located_relays);
    let features = all.filter(|((_, r), _)| point_touches(bbox, r.position)).map(|((id, r), located)| {
        let properties = RelayProperties {
            reference: r.reference.clone(),
            name: r.name.clone(),
            kind: r.kind.code(),
            address: r.address.clone(),
            premises: r.premises,
            sticker: r.sticker.code(),
            sticker_on: r.sticker_on,
            bears_a_sticker: r.bears_a_sticker(),
            sector: sector_view(area, located),
        };
        feature(id.0, point(r.position), properties)
    });
    Layer::new(features.collect())
}

/// A volunteer on the map.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VolunteerProperties {
    reference: String,
    name: String,
    active: bool,
    capacity: u32,
    load: u32,
    free: u32,
    max_walk_min: u32,
    profile: &'static str,
    languages: Vec<String>,
    /// `ok`, `unsnappable` or `unlocated`.
    snap: &'static str,
    #[serde(flatten)]
    sector: SectorView,
}

/// All volunteers.
#[must_use]
pub fn volunteers(area: &StudyArea, bbox: Option<&Extent>) -> Layer<i64, VolunteerProperties> {
    let all = area.volunteers().iter().zip(&area.located_volunteers).enumerate();
    let features = all.filter(|(_, ((_, v), _))| point_touches(bbox, v.position)).map(|(i, ((id, v), located))| {
        let properties = VolunteerProperties {
            reference: v.reference.clone(),
            name: super::views::short_name(&v.given_name, &v.family_name),
            active: v.active,
            capacity: v.capacity,
            load: area.loads[i],
            free: area.free(i),
            max_walk_min: v.max_walk_min,
            profile: v.profile.code(),
            languages: v.languages.clone(),
            snap: place_code(&located.place, v.profile),
            sector: sector_view(area, located),
        };
        feature(id.0, point(v.position), properties)
    });
    Layer::new(features.collect())
}

/// A case on the map and in the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseProperties {
    reference: String,
    name: String,
    state: &'static str,
    subject: &'static str,
    address: String,
    phone: String,
    causes: Vec<&'static str>,
    duration: &'static str,
    signs: Vec<&'static str>,
    danger: bool,
    languages: Vec<String>,
    channel: &'static str,
    reported_on: chrono::NaiveDate,
    notes: String,
    volunteer_id: Option<i64>,
    /// `ok`, `unsnappable` or `unlocated`.
    snap: &'static str,
    #[serde(flatten)]
    sector: SectorView,
}

/// One case as a feature.
#[must_use]
pub fn case_feature(area: &StudyArea, index: usize) -> Feature<i64, CaseProperties> {
    let (CaseId(id), case): &(CaseId, Case) = &area.cases()[index];
    let located = &area.located_cases[index];
    let properties = CaseProperties {
        reference: case.reference.clone(),
        name: [case.given_name.as_str(), case.family_name.as_str()].join(" ").trim().to_owned(),
        state: case.state.code(),
        subject: case.subject.code(),
        address: case.address.clone(),
        phone: case.phone.clone(),
        causes: case.causes.iter().map(|c| c.code()).collect(),
        duration: case.duration.code(),
        signs: case.signs.iter().map(|s| s.code()).collect(),
        danger: case.in_danger(),
        languages: case.languages.clone(),
        channel: case.channel.code(),
        reported_on: case.reported_on,
        notes: case.notes.clone(),
        volunteer_id: case.volunteer.as_deref().and_then(|v| area.volunteer_index(v)).map(|i| area.volunteers()[i].0.0),
        snap: place_code(&located.place, TravelProfile::Foot),
        sector: sector_view(area, located),
    };
    feature(*id, point(case.position), properties)
}

/// All cases.
#[must_use]
pub fn cases(area: &StudyArea, bbox: Option<&Extent>) -> Layer<i64, CaseProperties> {
    let features = (0..area.cases().len())
        .filter(|&i| point_touches(bbox, area.cases()[i].1.position))
        .map(|i| case_feature(area, i));
    Layer::new(features.collect())
}

/// The way between a volunteer and one of his or her people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MatchLineProperties {
    case_id: i64,
    volunteer_id: i64,
    duration_s: f64,
    length_m: f64,
    state: &'static str,
}

/// The ways from volunteers to the cases they have; the id is the case's. Cases that no street leads to have none.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn match_lines(area: &StudyArea, bbox: Option<&Extent>) -> Result<Layer<i64, MatchLineProperties>, ServiceError> {
    let network = area.network()?;
    let mut search = Search::new();
    let mut features = Vec::new();
    let mut by_volunteer = vec![Vec::new(); area.volunteers().len()];
    for (i, (_, case)) in area.cases().iter().enumerate().filter(|(_, (_, c))| c.state.takes_a_place()) {
        if let Some(v) = case.volunteer.as_deref().and_then(|v| area.volunteer_index(v)) {
            by_volunteer[v].push(i);
        }
    }
    for (v, cases) in by_volunteer.into_iter().enumerate().filter(|(_, cases)| !cases.is_empty()) {
        let (volunteer_id, volunteer) = &area.volunteers()[v];
        let profile = volunteer.profile;
        let Some(start) = area.located_volunteers[v].place.snap(profile) else { continue };
        let starts = Starts::new(network, profile, &[(start, UNREACHED - 1)]);
        for i in cases {
            let (case_id, case) = &area.cases()[i];
            let Some(origin) = area.located_cases[i].place.snap(profile) else { continue };
            let Some(found) = nearest(network, &mut search, &starts, origin, 1).first().copied() else { continue };
            let Some(way) = walk(network, &search, profile, start, origin, found.ticks) else { continue };
            if touches(bbox, way.line.iter().copied()) {
                let properties = MatchLineProperties {
                    case_id: case_id.0,
                    volunteer_id: volunteer_id.0,
                    duration_s: seconds(found.ticks),
                    length_m: metres(way.length_mm as f64 / 1000.0),
                    state: case.state.code(),
                };
                features.push(feature(case_id.0, Some(Geometry::LineString(line_view(&way.line))), properties));
            }
        }
    }
    features.sort_by_key(|f| f.id);
    Ok(Layer::new(features))
}

//! Which streets somebody is near, in figures: per street name, per quarter and in all, exact to the millimetre.

use std::collections::BTreeMap;

use super::ServiceError;
use super::study_area::{CoveredBy, Homes, StudyArea};
use super::views::{CoverageView, FiguresView, QuarterFiguresView, StreetFiguresView};
use crate::domain::position::Extent;
use crate::domain::travel::TravelProfile;
use crate::domain::units::Seconds;
use crate::geo::hex::{Cell, Resolution};
use crate::network::coverage::{Stretch, overlap_mm};
use crate::network::graph::{Ticks, lon_lat, ticks};
use crate::network::{EdgeId, Network};

/// What is asked of the coverage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoverageQuery {
    /// Who covers.
    pub by: CoveredBy,
    /// Covered within this walk, in minutes.
    pub threshold_min: f64,
    /// How they walk.
    pub profile: TravelProfile,
    /// From where volunteers are taken to start.
    pub homes: Homes,
}

impl CoverageQuery {
    /// The cut-off in the network's unit.
    #[must_use]
    pub fn cutoff(&self) -> Ticks {
        ticks(Seconds::from_minutes(self.threshold_min))
    }
}

/// Lengths and addresses, covered and not. Covered + uncovered = total, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Length of the streets.
    pub total_mm: u64,
    /// Of which covered.
    pub covered_mm: u64,
    /// Addresses on these streets.
    pub addresses: u64,
    /// Of which not covered.
    pub addresses_uncovered: u64,
}

impl Figures {
    fn add_length(&mut self, total_mm: u64, covered_mm: u64) {
        self.total_mm += total_mm;
        self.covered_mm += covered_mm;
    }

    fn add_address(&mut self, covered: bool) {
        self.addresses += 1;
        self.addresses_uncovered += u64::from(!covered);
    }
}

/// Figures by street and quarter, by quarter, and in all.
#[derive(Debug, Default, PartialEq)]
pub struct Coverage {
    /// In all quarters.
    pub total: Figures,
    /// By quarter index.
    pub quarters: BTreeMap<usize, Figures>,
    /// By name index of the network and quarter index, with the box around the street there.
    pub streets: BTreeMap<(u32, usize), (Figures, Option<Extent>)>,
}

/// Adds up the coverage of every street in the quarters. O(edges).
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn coverage(area: &StudyArea, query: CoverageQuery) -> Result<Coverage, ServiceError> {
    let network = area.network()?;
    let reach = area.reach(query.by, query.profile, query.homes)?;
    let cutoff = query.cutoff();
    let mut result = Coverage::default();
    for quarter in 0..area.quarters().map_or(0, |q| q.quarters().len()) {
        result.quarters.insert(quarter, Figures::default());
    }
    let mut covered = Covered::default();
    for piece in &area.pieces {
        let Some(quarter) = piece.quarter else { continue };
        let stretches = covered.of(network, reach, piece.edge, cutoff);
        let total_mm = u64::from(piece.stretch.1 - piece.stretch.0);
        let covered_mm = overlap_mm(stretches, piece.stretch);
        result.total.add_length(total_mm, covered_mm);
        result.quarters.entry(quarter).or_default().add_length(total_mm, covered_mm);
        let street = result.streets.entry((network.edge(piece.edge).name, quarter)).or_default();
        street.0.add_length(total_mm, covered_mm);
        street.1 = union(street.1, Extent::around(network.shape(piece.edge).iter().map(|&p| lon_lat(p))));
    }
    for &(snap, quarter) in &area.address_snaps {
        let covered = reach.ticks_at(network, snap.edge, snap.offset_mm) <= cutoff;
        result.total.add_address(covered);
        result.quarters.entry(quarter).or_default().add_address(covered);
        result.streets.entry((network.edge(snap.edge).name, quarter)).or_default().0.add_address(covered);
    }
    Ok(result)
}

/// The covered stretches of the edge asked for last: pieces of one edge follow each other.
#[derive(Default)]
pub(super) struct Covered {
    edge: Option<EdgeId>,
    stretches: Vec<Stretch>,
}

impl Covered {
    pub(super) fn of(
        &mut self,
        network: &Network,
        reach: &crate::network::coverage::Reach,
        edge: EdgeId,
        cutoff: Ticks,
    ) -> &[Stretch] {
        if self.edge != Some(edge) {
            reach.within(network, edge, cutoff, &mut self.stretches);
            self.edge = Some(edge);
        }
        &self.stretches
    }
}

fn union(a: Option<Extent>, b: Option<Extent>) -> Option<Extent> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Extent {
            west: a.west.min(b.west),
            south: a.south.min(b.south),
            east: a.east.max(b.east),
            north: a.north.max(b.north),
        }),
        (a, b) => a.or(b),
    }
}

/// Figures per hex cell of the streets in the quarters, by cell.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn hexes(
    area: &StudyArea,
    query: CoverageQuery,
    resolution: Resolution,
) -> Result<BTreeMap<Cell, Figures>, ServiceError> {
    let network = area.network()?;
    let reach = area.reach(query.by, query.profile, query.homes)?;
    let mut cells: BTreeMap<Cell, Figures> = BTreeMap::new();
    let mut covered = Covered::default();
    for &(edge, stretch, cell) in area.hex_pieces(resolution)?.iter() {
        let stretches = covered.of(network, reach, edge, query.cutoff());
        cells.entry(cell).or_default().add_length(u64::from(stretch.1 - stretch.0), overlap_mm(stretches, stretch));
    }
    Ok(cells)
}

/// The figures as they are shown: quarters by id, streets by uncovered length.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn coverage_view(area: &StudyArea, query: CoverageQuery) -> Result<CoverageView, ServiceError> {
    let result = coverage(area, query)?;
    let network = area.network()?;
    let quarters = area.quarters().map_or(&[][..], |q| q.quarters());
    let mut streets: Vec<StreetFiguresView> = result
        .streets
        .iter()
        .map(|(&(name, quarter), (figures, extent))| StreetFiguresView {
            name: Some(network.parts().names[name as usize].clone()).filter(|n| !n.is_empty()),
            quarter: quarters[quarter].id.clone(),
            extent: extent.map(|e| [e.west, e.south, e.east, e.north]),
            figures: FiguresView::from(*figures),
        })
        .collect();
    // Stable: equal lengths stay in the order of names and quarters.
    streets.sort_by(|a, b| b.figures.uncovered_m.total_cmp(&a.figures.uncovered_m));
    Ok(CoverageView {
        by: query.by,
        threshold_min: query.threshold_min,
        profile: query.profile.code(),
        total: FiguresView::from(result.total),
        quarters: result
            .quarters
            .iter()
            .map(|(&i, &figures)| QuarterFiguresView {
                id: quarters[i].id.clone(),
                name: quarters[i].name.clone(),
                figures: figures.into(),
            })
            .collect(),
        streets,
    })
}

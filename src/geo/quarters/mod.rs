//! Which quarter a position lies in, which one is nearest, and where a street passes from one to the next.
//!
//! **One rule for borders.** A quarter is a *closed* set, its border included, and a position belongs to the first
//! quarter, in the order of ids, that contains it. "Contains" is decided by exact predicates (Shewchuk, *Adaptive
//! Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates*, 1997), so that two quarters that share
//! their vertices share their border without gap or overlap: a position on it always gets the same one quarter,
//! whatever the order of the file or the place where a ring begins.
//!
//! **Why a grid.** A uniform grid over the extent knows, for most cells, the one quarter that holds the whole cell;
//! only cells that a border crosses need a crossing count, and that count reads the few edges at the position's own
//! latitude. A look-up costs tens of nanoseconds for four quarters as for five hundred.

mod area;
mod grid;
mod split;

use rstar::{AABB, PointDistance, RTree, RTreeObject};

use crate::domain::position::{Extent, LonLat};
use crate::domain::quarter::{Quarter, Sector};
use crate::geo::plane::{self, Plane, PlanePoint};

use area::Area;
use grid::Grid;
pub use split::Stretch;

/// Two borders nearer to each other than this, in metres, are equally near: the lowest id wins.
const EQUALLY_NEAR_M: f64 = 1e-6;
/// How much the fixed plane of the border tree may distort a distance before the candidates are measured again.
const DISTORTION: f64 = 1.02;

/// Quarters ready for look-ups. Immutable: a new import builds a new one.
#[derive(Debug)]
pub struct QuarterIndex {
    quarters: Vec<Quarter>,
    areas: Vec<Area>,
    grid: Grid,
    extent: Extent,
    plane: Plane,
    border: RTree<BorderEdge>,
}

/// One side of a ring, in metres of the index's plane.
#[derive(Debug, Clone, Copy)]
struct BorderEdge {
    a: PlanePoint,
    b: PlanePoint,
    from: LonLat,
    to: LonLat,
    quarter: usize,
}

impl RTreeObject for BorderEdge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.a.x, self.a.y], [self.b.x, self.b.y])
    }
}

impl PointDistance for BorderEdge {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        plane::nearest_on_segment(PlanePoint { x: point[0], y: point[1] }, self.a, self.b).1
    }
}

impl QuarterIndex {
    /// Orders the quarters by id and prepares them. `None` when no quarter has a border.
    ///
    /// Rings are read as [`Quarter::polygons`] promises them: closed, not crossing each other. Cost grows with the
    /// number of border edges, about 1 µs each.
    #[must_use]
    pub fn build(mut quarters: Vec<Quarter>) -> Option<Self> {
        quarters.sort_by(|a, b| a.id.cmp(&b.id));
        let extent = Extent::around(quarters.iter().flat_map(positions))?;
        let centre =
            LonLat::try_new(f64::midpoint(extent.west, extent.east), f64::midpoint(extent.south, extent.north)).ok()?;
        let plane = Plane::at(centre);
        let areas: Vec<Area> = quarters.iter().map(|quarter| Area::new(edges(quarter).collect())).collect();
        let border: Vec<BorderEdge> = quarters
            .iter()
            .enumerate()
            .flat_map(|(quarter, q)| {
                edges(q).map(move |(from, to)| BorderEdge {
                    a: plane.project(from),
                    b: plane.project(to),
                    from,
                    to,
                    quarter,
                })
            })
            .collect();
        if border.is_empty() {
            return None;
        }
        let grid = Grid::new(&areas, extent);
        Some(Self { quarters, areas, grid, extent, plane, border: RTree::bulk_load(border) })
    }

    /// The quarters in the order of ids: the order that every index in this module counts in.
    #[must_use]
    pub fn quarters(&self) -> &[Quarter] {
        &self.quarters
    }

    /// The smallest box around all quarters.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The quarter that holds a position, border included; the lowest id on a shared border. `None` outside all.
    #[must_use]
    pub fn quarter_at(&self, p: LonLat) -> Option<usize> {
        if self.extent.contains(p) { self.grid.find(&self.areas, p) } else { None }
    }

    /// The quarter that holds a position, or the nearest one and the metres to its border.
    ///
    /// The distance is right to 0.5 % within 50 km of the quarters. Between two equally near quarters (a shared
    /// corner) the lowest id is named.
    #[must_use]
    pub fn sector(&self, p: LonLat) -> Sector {
        self.quarter_at(p).map_or_else(|| self.nearest(p), Sector::Inside)
    }

    fn nearest(&self, p: LonLat) -> Sector {
        let here = self.plane.project(p);
        let clamped = p.lat().clamp(self.extent.south, self.extent.north);
        // A plane half-way between the position and the quarters distorts least.
        let half_way = LonLat::try_new(p.lon(), f64::midpoint(p.lat(), clamped)).map_or(self.plane, Plane::at);
        let seen_from = half_way.project(p);
        let mut limit = f64::INFINITY;
        let mut best = (f64::INFINITY, 0);
        for (edge, squared) in self.border.nearest_neighbor_iter_with_distance_2(&[here.x, here.y]) {
            if squared > limit {
                break;
            }
            if limit.is_infinite() {
                limit = (squared.sqrt() * DISTORTION + EQUALLY_NEAR_M).powi(2);
            }
            let (_, squared) =
                plane::nearest_on_segment(seen_from, half_way.project(edge.from), half_way.project(edge.to));
            let metres = squared.sqrt();
            let nearer = metres < best.0 - EQUALLY_NEAR_M;
            let as_near = metres <= best.0 + EQUALLY_NEAR_M && edge.quarter < best.1;
            if nearer || as_near {
                best = (metres, edge.quarter);
            }
        }
        Sector::Outside { nearest: best.1, distance_m: best.0 }
    }
}

/// Every vertex of a quarter's rings.
fn positions(quarter: &Quarter) -> impl Iterator<Item = LonLat> {
    quarter.polygons.iter().flatten().flatten().copied()
}

/// Every side of a quarter's rings that has a length.
fn edges(quarter: &Quarter) -> impl Iterator<Item = (LonLat, LonLat)> {
    quarter
        .polygons
        .iter()
        .flatten()
        .flat_map(|ring| ring.windows(2).map(|pair| (pair[0], pair[1])))
        .filter(|(a, b)| a != b)
}

#[cfg(test)]
mod tests;

//! What makes a drawing of quarters unusable: rings that cross themselves, holes outside, quarters over each other.

use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::domain::position::{Extent, LonLat};
use crate::domain::quarter::Ring;
use crate::geo::exact;
use crate::geo::plane::{self, Plane};

/// Two drawings of one border never agree to the last centimetre: overlaps up to this are let through, m².
const OVERLAP_M2: f64 = 1.0;
/// Beyond a town the overlay's own rounding grows with the square of the size: this share of the box is let through.
const OVERLAP_SHARE: f64 = 1e-9;

/// Twice the signed area in square degrees; positive when counter-clockwise.
pub(super) fn turn(ring: &[LonLat]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    let rel = |p: LonLat| (p.lon() - origin.lon(), p.lat() - origin.lat());
    ring.windows(2)
        .map(|side| {
            let ((ax, ay), (bx, by)) = (rel(side[0]), rel(side[1]));
            ax * by - bx * ay
        })
        .sum()
}

/// A position near which a closed ring without repeated positions touches or crosses itself.
pub(super) fn self_contact(ring: &[LonLat]) -> Option<LonLat> {
    let count = ring.len().saturating_sub(1);
    let corner = |p: LonLat| [p.lon(), p.lat()];
    let sides: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> = RTree::bulk_load(
        (0..count)
            .map(|i| GeomWithData::new(Rectangle::from_corners(corner(ring[i]), corner(ring[i + 1])), i))
            .collect(),
    );
    (0..count).find_map(|i| {
        let (a, b) = (ring[i], ring[i + 1]);
        let after = (i + 1) % count;
        if exact::folds_back(a, b, ring[after + 1]) {
            return Some(b);
        }
        let meets = sides
            .locate_in_envelope_intersecting(&AABB::from_corners(corner(a), corner(b)))
            .map(|side| side.data)
            .filter(|&j| j > i && j != after && (j + 1) % count != i)
            .any(|j| exact::segments_meet(a, b, ring[j], ring[j + 1]));
        meets.then_some(a)
    })
}

/// A quarter in metres, for areas.
pub(super) struct Flat {
    extent: Extent,
    shape: MultiPolygon,
}

impl Flat {
    pub(super) fn new(plane: Plane, polygons: &[Vec<Ring>]) -> Option<Self> {
        let extent = Extent::around(polygons.iter().flatten().flatten().copied())?;
        let line = |ring: &Ring| ring.iter().map(|&p| plane.project(p)).map(|p| (p.x, p.y)).collect::<LineString>();
        let shape = polygons
            .iter()
            .filter_map(|rings| {
                let (outer, holes) = rings.split_first()?;
                Some(Polygon::new(line(outer), holes.iter().map(line).collect()))
            })
            .collect();
        Some(Self { extent, shape })
    }

    fn overlap_m2(&self, other: &Self) -> f64 {
        if self.extent.intersects(&other.extent) { self.shape.intersection(&other.shape).unsigned_area() } else { 0.0 }
    }

    /// Square metres common to two quarters; `None` when they are too few to matter.
    pub(super) fn overlap(&self, other: &Self) -> Option<f64> {
        Some(self.overlap_m2(other)).filter(|&m2| m2 > self.tolerance_m2())
    }

    fn tolerance_m2(&self) -> f64 {
        let corner = |lon: f64, lat: f64| LonLat::try_new(lon, lat).ok();
        let size = corner(self.extent.west, self.extent.south)
            .zip(corner(self.extent.east, self.extent.north))
            .map_or(0.0, |(a, b)| plane::length(a, b));
        OVERLAP_M2.max(size * size * OVERLAP_SHARE)
    }
}

/// Something wrong between two rings of one quarter; rings are counted from 1 in the order of the file.
pub(super) enum RingTrouble {
    HoleOutside { hole: usize, outer: usize },
    HolesOverlap { first: usize, second: usize, m2: f64 },
    PartsOverlap { first: usize, second: usize, m2: f64 },
}

/// Holes that stick out or overlap and parts that overlap, in a quarter whose rings are each sound.
pub(super) fn ring_troubles(plane: Plane, polygons: &[Vec<Ring>]) -> Vec<RingTrouble> {
    let mut troubles = Vec::new();
    let mut parts: Vec<(usize, Flat)> = Vec::new();
    let mut number = 0;
    let flat = |ring: &Ring| Flat::new(plane, std::slice::from_ref(&vec![ring.clone()]));
    for rings in polygons {
        let outer = number + 1;
        let mut holes: Vec<(usize, Flat)> = Vec::new();
        for (nth, ring) in rings.iter().enumerate() {
            number += 1;
            if nth == 0 {
                continue;
            }
            let (Some(hole), Some(around)) = (flat(ring), flat(&rings[0])) else { continue };
            if hole.shape.unsigned_area() - hole.overlap_m2(&around) > around.tolerance_m2() {
                troubles.push(RingTrouble::HoleOutside { hole: number, outer });
            }
            for (first, other) in &holes {
                if let Some(m2) = hole.overlap(other) {
                    troubles.push(RingTrouble::HolesOverlap { first: *first, second: number, m2 });
                }
            }
            holes.push((number, hole));
        }
        let Some(part) = Flat::new(plane, std::slice::from_ref(rings)) else { continue };
        for (first, other) in &parts {
            if let Some(m2) = part.overlap(other) {
                troubles.push(RingTrouble::PartsOverlap { first: *first, second: outer, m2 });
            }
        }
        parts.push((outer, part));
    }
    troubles
}

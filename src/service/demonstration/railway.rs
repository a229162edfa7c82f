//! A railway along the south of the quarters: what makes a straight line and a walk differ.

use crate::geo::plane::PlanePoint;
use crate::geo::quarters::QuarterIndex;

use super::MARGIN_M;
use super::town::Frame;

/// South of the quarters' southern edge, metres.
const APART_M: f64 = 30.0;
/// Between two tracks, metres.
const GAUGE_M: f64 = 4.5;

/// Parallel straight tracks.
pub(super) struct Railway {
    origin: PlanePoint,
    direction: (f64, f64),
    /// Where it begins and ends, metres along it from its origin.
    reach: (f64, f64),
    crossings: [Vec<usize>; Self::TRACKS],
}

impl Railway {
    pub(super) const TRACKS: usize = 2;

    /// Along the side of the quarters' convex hull that lies south of their middle.
    pub(super) fn south_of(frame: &Frame, index: &QuarterIndex) -> Self {
        let mut points: Vec<PlanePoint> = frame.border(index).collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
        let mut hull: Vec<PlanePoint> = Vec::new();
        for p in points {
            while let [.., a, b] = hull.as_slice() {
                if (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0.0 {
                    break;
                }
                hull.pop();
            }
            hull.push(p);
        }
        let (west, east) = (hull.first().map_or(0.0, |p| p.x), hull.last().map_or(0.0, |p| p.x));
        let middle = f64::midpoint(west, east);
        let side = hull.windows(2).find(|side| side[0].x <= middle && middle <= side[1].x && side[0].x < side[1].x);
        let (a, b) = side.map_or((PlanePoint::default(), PlanePoint { x: 1.0, y: 0.0 }), |side| (side[0], side[1]));
        let length = (b.x - a.x).hypot(b.y - a.y);
        let direction = ((b.x - a.x) / length, (b.y - a.y) / length);
        let origin = PlanePoint { x: a.x + APART_M * direction.1, y: a.y - APART_M * direction.0 };
        let reach = (west - a.x - MARGIN_M, east - a.x + MARGIN_M);
        Self { origin, direction, reach, crossings: Default::default() }
    }

    /// Metres north of the first track.
    pub(super) fn beside(&self, p: PlanePoint) -> f64 {
        self.direction.0 * (p.y - self.origin.y) - self.direction.1 * (p.x - self.origin.x)
    }

    /// Metres along the tracks from their origin.
    pub(super) fn along(&self, p: PlanePoint) -> f64 {
        self.direction.0 * (p.x - self.origin.x) + self.direction.1 * (p.y - self.origin.y)
    }

    /// A point of a track.
    pub(super) fn point(&self, track: usize, along: f64) -> PlanePoint {
        let aside = track as f64 * GAUGE_M;
        PlanePoint {
            x: self.origin.x + along * self.direction.0 - aside * self.direction.1,
            y: self.origin.y + along * self.direction.1 + aside * self.direction.0,
        }
    }

    /// Where a street from one side to the other meets a track.
    pub(super) fn meeting(&self, track: usize, a: PlanePoint, b: PlanePoint) -> PlanePoint {
        let (from, to) = (self.beside(a), self.beside(b));
        let share = ((track as f64 * GAUGE_M - from) / (to - from)).clamp(0.01, 0.99);
        PlanePoint { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) }
    }

    pub(super) fn add_crossing(&mut self, track: usize, node: usize) {
        self.crossings[track].push(node);
    }

    pub(super) fn crossings(&self, track: usize) -> &[usize] {
        &self.crossings[track]
    }

    /// Where a track has a node, metres along it.
    pub(super) fn posts(&self) -> impl Iterator<Item = f64> + use<> {
        let (from, to) = self.reach;
        (0..).map(move |nth| from + f64::from(nth) * 120.0).take_while(move |along| *along <= to)
    }
}

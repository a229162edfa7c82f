//! A street's line cut where it passes from one quarter to the next.

use rstar::AABB;

use crate::domain::position::LonLat;
use crate::geo::plane::{self, PlanePoint};

use super::{BorderEdge, QuarterIndex};

/// A street drawn this near to a border runs along it rather than beside it, metres.
pub(super) const ALONG_M: f64 = 0.01;
/// …provided that it does so for at least this length, metres: otherwise it merely crosses.
const ALONG_AT_LEAST_M: f64 = 1.0;
/// A stretch shorter than this is given to its neighbour, metres.
const SLIVER_M: f64 = 0.001;

/// A part of a line within one quarter, as shares of the line's length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Where it begins, 0..1.
    pub from: f64,
    /// Where it ends, 0..=1, more than `from` unless the line has no length.
    pub to: f64,
    /// Index of the quarter, `None` outside all.
    pub quarter: Option<usize>,
}

/// A part of one segment that runs along a border.
struct Along {
    from: f64,
    to: f64,
    quarter: usize,
}

impl QuarterIndex {
    /// Cuts a line where it enters or leaves a quarter.
    ///
    /// The stretches are in order, contiguous and cover 0..=1; neighbours differ in quarter; none is shorter than a
    /// millimetre unless the whole line is. Shares are of the length that [`plane::length`] measures. A stretch that
    /// runs along a border, within a centimetre of it for a metre or more, belongs to the lowest id among the quarters
    /// that have this border, as its positions would. A line without length is one stretch; without positions, none.
    #[must_use]
    pub fn split_line(&self, line: &[LonLat]) -> Vec<Stretch> {
        let Some(&first) = line.first() else { return Vec::new() };
        let total: f64 = line.windows(2).map(|pair| plane::length(pair[0], pair[1])).sum();
        if total <= 0.0 {
            return vec![Stretch { from: 0.0, to: 1.0, quarter: self.quarter_at(first) }];
        }
        let mut pieces: Vec<(f64, Option<usize>)> = Vec::new();
        let mut before = 0.0;
        for pair in line.windows(2) {
            let length = plane::length(pair[0], pair[1]);
            if length > 0.0 {
                self.split_segment(pair[0], pair[1], |share, quarter| pieces.push((before + share * length, quarter)));
                before += length;
            }
        }
        merge(&pieces, total)
    }

    /// Calls `piece(share of the segment where the piece ends, quarter)` from the segment's beginning to its end.
    fn split_segment(&self, a: LonLat, b: LonLat, mut piece: impl FnMut(f64, Option<usize>)) {
        let (from, to) = (self.plane.project(a), self.plane.project(b));
        let reach = AABB::from_corners(
            [from.x.min(to.x) - ALONG_M, from.y.min(to.y) - ALONG_M],
            [from.x.max(to.x) + ALONG_M, from.y.max(to.y) + ALONG_M],
        );
        let mut cuts = vec![0.0, 1.0];
        let mut alongs: Vec<Along> = Vec::new();
        for edge in self.border.locate_in_envelope_intersecting(&reach) {
            if let Some((from, to)) = along(from, to, edge) {
                cuts.extend([from, to]);
                alongs.push(Along { from, to, quarter: edge.quarter });
            } else if let Some(cut) = crossing(from, to, edge) {
                cuts.push(cut);
            }
        }
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        for pair in cuts.windows(2) {
            let middle = f64::midpoint(pair[0], pair[1]);
            let on_border = alongs
                .iter()
                .filter(|along| (along.from..=along.to).contains(&middle))
                .map(|along| along.quarter)
                .min();
            let quarter = on_border.or_else(|| {
                let at = |from: f64, to: f64| from + middle * (to - from);
                LonLat::try_new(at(a.lon(), b.lon()), at(a.lat(), b.lat())).ok().and_then(|p| self.quarter_at(p))
            });
            piece(pair[1], quarter);
        }
    }
}

/// The share of the segment at which it meets the line of a border edge, when that is within both.
fn crossing(from: PlanePoint, to: PlanePoint, edge: &BorderEdge) -> Option<f64> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let (ex, ey) = (edge.b.x - edge.a.x, edge.b.y - edge.a.y);
    let cross = dx * ey - dy * ex;
    if cross == 0.0 {
        return None;
    }
    let (ax, ay) = (edge.a.x - from.x, edge.a.y - from.y);
    let share = (ax * ey - ay * ex) / cross;
    // A little beyond the ends: a cut too many does no harm, one too few would.
    let of_edge = (ax * dy - ay * dx) / cross;
    ((0.0..=1.0).contains(&share) && (-1e-9..=1.0 + 1e-9).contains(&of_edge)).then_some(share)
}

/// The shares of the segment between which it runs along a border edge.
fn along(from: PlanePoint, to: PlanePoint, edge: &BorderEdge) -> Option<(f64, f64)> {
    let (ex, ey) = (edge.b.x - edge.a.x, edge.b.y - edge.a.y);
    let edge_length = ex.hypot(ey);
    let (ux, uy) = (ex / edge_length, ey / edge_length);
    let beside = |p: PlanePoint| (p.y - edge.a.y) * ux - (p.x - edge.a.x) * uy;
    let forward = |p: PlanePoint| (p.x - edge.a.x) * ux + (p.y - edge.a.y) * uy;
    let (near_from, near_to) = within(beside(from), beside(to), -ALONG_M, ALONG_M)?;
    let (on_from, on_to) = within(forward(from), forward(to), 0.0, edge_length)?;
    let (start, end) = (near_from.max(on_from), near_to.min(on_to));
    let length = (to.x - from.x).hypot(to.y - from.y);
    let long_enough = (end - start) * length >= ALONG_AT_LEAST_M.min(edge_length).min(length) * 0.999;
    // A short segment or edge must be nearly parallel too, or every crossing by a short one would count.
    let parallel = ((to.x - from.x) * uy - (to.y - from.y) * ux).abs() <= 2.0 * ALONG_M;
    (start < end && long_enough && (parallel || length > ALONG_AT_LEAST_M)).then_some((start, end))
}

/// The shares 0..=1 between which a value going evenly from `a` to `b` stays in `low..=high`.
fn within(a: f64, b: f64, low: f64, high: f64) -> Option<(f64, f64)> {
    let change = b - a;
    if change.abs() < 1e-12 {
        return (low..=high).contains(&a).then_some((0.0, 1.0));
    }
    let (s, t) = ((low - a) / change, (high - a) / change);
    let (start, end) = (s.min(t).max(0.0), s.max(t).min(1.0));
    (start <= end).then_some((start, end))
}

/// Joins neighbours of one quarter, gives slivers to the piece before (the first one to the piece after).
fn merge(pieces: &[(f64, Option<usize>)], total: f64) -> Vec<Stretch> {
    let mut merged: Vec<(f64, f64, Option<usize>)> = Vec::new();
    let mut start = 0.0;
    for &(end, quarter) in pieces {
        let sliver = end - start < SLIVER_M;
        match merged.last_mut() {
            Some(last) if last.2 == quarter || sliver => last.1 = end,
            Some(last) if last.1 - last.0 < SLIVER_M => (last.1, last.2) = (end, quarter),
            _ => merged.push((start, end, quarter)),
        }
        start = end;
    }
    let count = merged.len();
    let mut from = 0.0;
    let mut stretches: Vec<Stretch> = Vec::with_capacity(count);
    for (nth, (_, end, quarter)) in merged.into_iter().enumerate() {
        let to = if nth + 1 == count { 1.0 } else { (end / total).min(1.0) };
        stretches.push(Stretch { from, to, quarter });
        from = to;
    }
    stretches
}

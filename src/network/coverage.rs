//! Who is near each street: walking time from the nearest of many starts to every point of every edge, and the exact
//! stretches within a cutoff (a *service area* with partial edges).
//!
//! One search from all starts at once labels the junctions (a multi-source Dijkstra); inside an edge the time is the
//! least of a few straight lines, so that a cutoff cuts it on whole millimetres and nothing is approximated.

use super::graph::{EdgeId, Network, Ticks, UNREACHED};
use super::search::{Search, ends};
use super::snap::Snap;
use crate::domain::travel::TravelProfile;

/// Walking times from the nearest start.
#[derive(Debug)]
pub struct Reach {
    profile: TravelProfile,
    labels: Vec<Ticks>,
    /// Starts by edge: (edge, offset), ordered.
    starts: Vec<(EdgeId, u32)>,
}

/// A stretch of an edge in millimetres from its first position, `start <= end`.
pub type Stretch = (u32, u32);

impl Reach {
    /// Walks from all starts at once, at most `cutoff` far. O(junctions · log) within the cutoff.
    #[must_use]
    pub fn from_starts(
        network: &Network,
        search: &mut Search,
        profile: TravelProfile,
        snaps: &[Snap],
        cutoff: Ticks,
    ) -> Self {
        let ends = snaps.iter().flat_map(|&snap| ends(network, snap, profile, false));
        let seeds = ends.map(|end| (end.node, end.ticks)).filter(|s| s.1 <= cutoff);
        let graph = network.graph(profile, false);
        search.label_all(graph, seeds, cutoff);
        let labels = (0..graph.nodes() as u32)
            .map(|n| Some(search.ticks(n)).filter(|&t| t <= cutoff).unwrap_or(UNREACHED))
            .collect();
        let mut starts: Vec<_> = snaps.iter().map(|s| (s.edge, s.offset_mm)).collect();
        starts.sort_unstable();
        starts.dedup();
        Self { profile, labels, starts }
    }

    fn starts_on(&self, edge: EdgeId) -> impl Iterator<Item = u32> + '_ {
        let from = self.starts.partition_point(|s| s.0 < edge);
        self.starts[from..].iter().take_while(move |s| s.0 == edge).map(|s| s.1)
    }

    /// The stretches of an edge within `cutoff` of a start, disjoint, in order, exact to the millimetre.
    /// `stretches` is cleared first; it is the caller's so that a sweep over all edges allocates once.
    pub fn within(&self, network: &Network, edge: EdgeId, cutoff: Ticks, stretches: &mut Vec<Stretch>) {
        stretches.clear();
        let e = network.edge(edge);
        let length = e.length_mm;
        let pace = e.pace(self.profile);
        let (forward, backward) = e.directions(self.profile);
        let [from, to] = network.ends(edge, self.profile);
        let spare = |label: Ticks| cutoff.checked_sub(label).map(|t| (t / pace).min(length));
        if forward && let Some(reach) = spare(self.labels[from as usize]) {
            if reach == length {
                stretches.push((0, length));
                return;
            }
            stretches.push((0, reach));
        }
        for offset in self.starts_on(edge) {
            let back = if backward { (cutoff / pace).min(offset) } else { 0 };
            let ahead = if forward { (cutoff / pace).min(length - offset) } else { 0 };
            stretches.push((offset - back, offset + ahead));
        }
        if backward && let Some(reach) = spare(self.labels[to as usize]) {
            stretches.push((length - reach, length));
        }
        if stretches.len() > 1 {
            stretches.sort_unstable();
            stretches.dedup_by(|next, kept| {
                let joined = next.0 <= kept.1;
                if joined {
                    kept.1 = kept.1.max(next.1);
                }
                joined
            });
        }
        stretches.retain(|s| s.0 < s.1);
    }

    /// Walking time to one point of an edge; [`UNREACHED`] when nobody gets there.
    #[must_use]
    pub fn ticks_at(&self, network: &Network, edge: EdgeId, offset_mm: u32) -> Ticks {
        let e = network.edge(edge);
        let pace = e.pace(self.profile);
        let (forward, backward) = e.directions(self.profile);
        let [from, to] = network.ends(edge, self.profile);
        let mut best = UNREACHED;
        if forward {
            best = best.min(self.labels[from as usize].saturating_add(offset_mm.saturating_mul(pace)));
        }
        if backward {
            best = best.min(self.labels[to as usize].saturating_add((e.length_mm - offset_mm).saturating_mul(pace)));
        }
        for start in self.starts_on(edge) {
            if start == offset_mm || if start < offset_mm { forward } else { backward } {
                best = best.min(start.abs_diff(offset_mm).saturating_mul(pace));
            }
        }
        best
    }

    /// The walking time along an edge as a piecewise linear function: (offset, time) where its slope changes, both ends
    /// included. `None` stands for "nobody gets there"; two entries at one offset are a jump (one-way edges only).
    /// Empty when no part of the edge is reached.
    #[must_use]
    pub fn envelope(&self, network: &Network, edge: EdgeId) -> Vec<(u32, Option<Ticks>)> {
        let e = network.edge(edge);
        let pace = e.pace(self.profile);
        let (forward, backward) = e.directions(self.profile);
        let mut knots: Vec<u32> = [0, e.length_mm].into_iter().chain(self.starts_on(edge)).collect();
        knots.sort_unstable();
        knots.dedup();
        let mut line: Vec<(u32, Option<Ticks>)> = Vec::with_capacity(2 * knots.len());
        let known = |t: Ticks| (t != UNREACHED).then_some(t);
        let times: Vec<Ticks> = knots.iter().map(|&k| self.ticks_at(network, edge, k)).collect();
        for (i, &knot) in knots.iter().enumerate() {
            if i > 0 {
                let (a, ta, tb) = (knots[i - 1], times[i - 1], times[i]);
                let gap = knot - a;
                match (forward.then(|| known(ta)).flatten(), backward.then(|| known(tb)).flatten()) {
                    // Rising from the left and falling to the right: they meet at a peak (kept on a whole millimetre).
                    (Some(ta), Some(tb)) => {
                        let rise =
                            (i64::from(gap) * i64::from(pace) + i64::from(tb) - i64::from(ta)) / (2 * i64::from(pace));
                        let peak = rise.clamp(0, i64::from(gap)) as u32;
                        if peak > 0 && peak < gap {
                            line.push((a + peak, Some(ta.saturating_add(peak.saturating_mul(pace)))));
                        }
                    }
                    (Some(ta), None) if Some(ta.saturating_add(gap.saturating_mul(pace))) != known(tb) => {
                        line.push((knot, Some(ta.saturating_add(gap.saturating_mul(pace)))));
                    }
                    (None, Some(tb)) if Some(tb.saturating_add(gap.saturating_mul(pace))) != known(ta) => {
                        line.push((a, Some(tb.saturating_add(gap.saturating_mul(pace)))));
                    }
                    _ => {}
                }
            }
            line.push((knot, known(times[i])));
        }
        if line.iter().all(|(_, t)| t.is_none()) {
            line.clear();
        }
        line
    }
}

/// Total length of some stretches, in millimetres.
#[must_use]
pub fn length_mm(stretches: &[Stretch]) -> u64 {
    stretches.iter().map(|s| u64::from(s.1 - s.0)).sum()
}

/// What some stretches leave of `0..length`.
#[must_use]
pub fn complement(stretches: &[Stretch], length: u32) -> Vec<Stretch> {
    let mut rest = Vec::with_capacity(stretches.len() + 1);
    let mut at = 0;
    for &(start, end) in stretches {
        if at < start {
            rest.push((at, start));
        }
        at = end;
    }
    if at < length {
        rest.push((at, length));
    }
    rest
}

/// Length that some ordered, disjoint stretches share with one stretch, in millimetres.
#[must_use]
pub fn overlap_mm(stretches: &[Stretch], (start, end): Stretch) -> u64 {
    stretches.iter().map(|s| u64::from(s.1.min(end).saturating_sub(s.0.max(start)))).sum()
}

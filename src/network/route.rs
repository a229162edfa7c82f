//! The way of a walk, drawn after a search.

use super::graph::{Network, NodeId, Ticks};
use super::search::{Search, along_edge, ends};
use super::snap::Snap;
use crate::domain::position::LonLat;
use crate::domain::travel::TravelProfile;

/// A walk along streets.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// Positions from start to end, at least two.
    pub line: Vec<LonLat>,
    /// Length along the streets.
    pub length_mm: u64,
}

/// The walk from `start` to `origin` that [`super::search::nearest`] found to last `ticks`, read from its labels.
///
/// `None` when the labels do not hold such a walk (another search came between).
#[must_use]
pub fn walk(
    network: &Network,
    search: &Search,
    profile: TravelProfile,
    start: Snap,
    origin: Snap,
    ticks: Ticks,
) -> Option<Walk> {
    let direct = (start.edge == origin.edge)
        .then(|| along_edge(network, start.edge, start.offset_mm, origin.offset_mm, profile))
        .flatten();
    if direct == Some(ticks) {
        return Some(Walk {
            line: network.stretch(start.edge, start.offset_mm, origin.offset_mm),
            length_mm: u64::from(start.offset_mm.abs_diff(origin.offset_mm)),
        });
    }
    let leaves =
        ends(network, start, profile, false).find(|end| search.ticks(end.node).saturating_add(end.ticks) == ticks)?;
    let mut trail = search.trail(leaves.node);
    trail.reverse();
    let arrives_at = trail.last().copied()?;
    let arrives = ends(network, origin, profile, true)
        .find(|end| end.node == arrives_at && search.ticks(end.node) == end.ticks)?;
    let mut walk = Walk { line: Vec::new(), length_mm: 0 };
    walk.append(network, start.edge, start.offset_mm, leaves.offset_mm);
    for pair in trail.windows(2) {
        let edge = cheapest_edge(network, profile, pair[0], pair[1])?;
        let length = network.edge(edge).length_mm;
        let (from_mm, to_mm) = if network.ends(edge, profile)[0] == pair[0] { (0, length) } else { (length, 0) };
        walk.append(network, edge, from_mm, to_mm);
    }
    walk.append(network, origin.edge, arrives.offset_mm, origin.offset_mm);
    Some(walk)
}

fn cheapest_edge(network: &Network, profile: TravelProfile, tail: NodeId, head: NodeId) -> Option<u32> {
    let arcs = network.graph(profile, false).arcs_with_edges(tail);
    arcs.filter(|(arc, _)| arc.head == head).min_by_key(|(arc, edge)| (arc.ticks, *edge)).map(|(_, edge)| edge)
}

impl Walk {
    fn append(&mut self, network: &Network, edge: u32, from_mm: u32, to_mm: u32) {
        let stretch = network.stretch(edge, from_mm, to_mm);
        let skip = usize::from(!self.line.is_empty());
        self.line.extend(stretch.into_iter().skip(skip));
        self.length_mm += u64::from(from_mm.abs_diff(to_mm));
    }
}

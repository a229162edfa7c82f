//! Shortest walks: a bounded Dijkstra over the junction graph (Dijkstra 1959, with a lazy binary heap).
//!
//! A [`Search`] owns its arrays and is used again and again: a generation number makes clearing free.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::graph::{EdgeId, Network, NodeId, SearchGraph, Ticks, UNREACHED};
use super::snap::Snap;
use crate::domain::travel::TravelProfile;

/// Labels of one search over a graph of a fixed number of junctions.
#[derive(Debug, Default)]
pub struct Search {
    labels: Vec<Label>,
    generation: u32,
    heap: BinaryHeap<Reverse<u64>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Label {
    generation: u32,
    ticks: Ticks,
    parent: NodeId,
}

/// No junction before this one: the search began here.
const ROOT: NodeId = NodeId::MAX;

impl Search {
    /// A search that knows no label yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn begin(&mut self, nodes: usize) {
        self.heap.clear();
        if self.labels.len() != nodes || self.generation == u32::MAX {
            self.labels.clear();
            self.labels.resize(nodes, Label::default());
            self.generation = 0;
        }
        self.generation += 1;
    }

    #[inline]
    fn relax(&mut self, node: NodeId, ticks: Ticks, parent: NodeId) {
        let label = &mut self.labels[node as usize];
        if label.generation != self.generation || ticks < label.ticks {
            *label = Label { generation: self.generation, ticks, parent };
            self.heap.push(Reverse(u64::from(ticks) << 32 | u64::from(node)));
        }
    }

    /// The next junction to settle, with its final label; `None` past `cutoff` or when all is settled.
    #[inline]
    fn settle(&mut self, cutoff: Ticks) -> Option<(NodeId, Ticks)> {
        while let Some(Reverse(key)) = self.heap.pop() {
            let (ticks, node) = ((key >> 32) as Ticks, key as NodeId);
            if ticks > cutoff {
                self.heap.clear();
                return None;
            }
            if self.labels[node as usize].ticks == ticks {
                return Some((node, ticks));
            }
        }
        None
    }

    #[inline]
    fn expand(&mut self, graph: &SearchGraph, node: NodeId, ticks: Ticks) {
        for arc in graph.arcs(node) {
            self.relax(arc.head, ticks.saturating_add(arc.ticks), node);
        }
    }

    /// The label of a junction after a search; [`UNREACHED`] when it has none.
    #[must_use]
    pub fn ticks(&self, node: NodeId) -> Ticks {
        let label = self.labels[node as usize];
        if label.generation == self.generation { label.ticks } else { UNREACHED }
    }

    /// Labels every junction within `cutoff` of the seeds (junction and ticks already spent there).
    pub fn label_all(&mut self, graph: &SearchGraph, seeds: impl IntoIterator<Item = (NodeId, Ticks)>, cutoff: Ticks) {
        self.begin(graph.nodes());
        for (node, ticks) in seeds {
            self.relax(node, ticks, ROOT);
        }
        while let Some((node, ticks)) = self.settle(cutoff) {
            self.expand(graph, node, ticks);
        }
    }

    /// Junctions from the search's beginning to `node`.
    #[must_use]
    pub fn trail(&self, mut node: NodeId) -> Vec<NodeId> {
        let mut trail = vec![node];
        while self.labels[node as usize].parent != ROOT {
            node = self.labels[node as usize].parent;
            trail.push(node);
        }
        trail.reverse();
        trail
    }
}

/// One way from a snapped position to an end of its edge, or from there to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The junction, as the profile's graph numbers it.
    pub node: NodeId,
    /// Walking time between it and the position.
    pub ticks: Ticks,
    /// Where on the edge it is: 0 or the edge's length.
    pub offset_mm: u32,
}

/// The ends of a snapped position's edge for a walk that leaves the position (`arriving == false`) or arrives at it.
pub fn ends(
    network: &Network,
    snap: Snap,
    profile: TravelProfile,
    arriving: bool,
) -> impl Iterator<Item = End> + use<> {
    let edge = network.edge(snap.edge);
    let pace = edge.pace(profile);
    let (forward, backward) = edge.directions(profile);
    let [from, to] = network.ends(snap.edge, profile);
    let length = edge.length_mm;
    let to_first = End { node: from, ticks: snap.offset_mm.saturating_mul(pace), offset_mm: 0 };
    let to_last = End { node: to, ticks: (length - snap.offset_mm).saturating_mul(pace), offset_mm: length };
    // Leaving to the first junction walks backward; arriving from it walks forward.
    let (first, last) = if arriving { (forward, backward) } else { (backward, forward) };
    [first.then_some(to_first), last.then_some(to_last)].into_iter().flatten()
}

/// Ticks of the walk from one offset to another along one edge, if it may be walked that way.
#[must_use]
pub fn along_edge(network: &Network, edge: EdgeId, from_mm: u32, to_mm: u32, profile: TravelProfile) -> Option<Ticks> {
    let e = network.edge(edge);
    let (forward, backward) = e.directions(profile);
    let allowed = from_mm == to_mm || if from_mm < to_mm { forward } else { backward };
    allowed.then(|| from_mm.abs_diff(to_mm).saturating_mul(e.pace(profile)))
}

/// Snapped positions from which somebody may walk to a case, arranged for a search that expands from the case.
#[derive(Debug)]
pub struct Starts {
    profile: TravelProfile,
    /// By junction: `first[n]..first[n + 1]` into `at_node`.
    first: Vec<u32>,
    /// (ticks from the start to the junction, start).
    at_node: Vec<(Ticks, u32)>,
    /// (edge, offset, start), ordered.
    on_edge: Vec<(EdgeId, u32, u32)>,
    /// Longest walk of each start.
    limit: Vec<Ticks>,
}

/// A start found by [`nearest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Walking time from the start to the origin.
    pub ticks: Ticks,
    /// Index of the start.
    pub start: u32,
}

impl Starts {
    /// Arranges the starts; index i is `snaps[i]`, whose walk may last `snaps[i].1` at most. O(n log n + junctions).
    #[must_use]
    pub fn new(network: &Network, profile: TravelProfile, snaps: &[(Snap, Ticks)]) -> Self {
        let mut by_node: Vec<(NodeId, Ticks, u32)> = Vec::with_capacity(2 * snaps.len());
        let mut on_edge = Vec::with_capacity(snaps.len());
        for (start, &(snap, _)) in snaps.iter().enumerate() {
            by_node.extend(ends(network, snap, profile, false).map(|end| (end.node, end.ticks, start as u32)));
            on_edge.push((snap.edge, snap.offset_mm, start as u32));
        }
        by_node.sort_unstable();
        on_edge.sort_unstable();
        let nodes = network.graph(profile, true).nodes();
        let mut first = vec![0_u32; nodes + 1];
        for &(node, ..) in &by_node {
            first[node as usize + 1] += 1;
        }
        for i in 1..first.len() {
            first[i] += first[i - 1];
        }
        Self {
            profile,
            first,
            at_node: by_node.into_iter().map(|(_, ticks, start)| (ticks, start)).collect(),
            on_edge,
            limit: snaps.iter().map(|s| s.1).collect(),
        }
    }
}

/// The `k` starts with the shortest walk to `origin`, each within its own limit, ordered by walk and then by index.
///
/// Expands from the origin against the walk and stops as soon as nothing nearer can follow, so the cost depends on how
/// far the k-th start is, not on the size of the town. The search keeps its labels for [`Search::trail`].
pub fn nearest(network: &Network, search: &mut Search, starts: &Starts, origin: Snap, k: usize) -> Vec<Found> {
    let profile = starts.profile;
    let graph = network.graph(profile, true);
    let mut best = Best { k, found: Vec::new(), limit: &starts.limit };
    let same_edge = starts.on_edge.partition_point(|s| s.0 < origin.edge)..;
    for &(edge, offset_mm, start) in starts.on_edge[same_edge].iter().take_while(|s| s.0 == origin.edge) {
        if let Some(ticks) = along_edge(network, edge, offset_mm, origin.offset_mm, profile) {
            best.offer(ticks, start);
        }
    }
    search.begin(graph.nodes());
    for end in ends(network, origin, profile, true) {
        search.relax(end.node, end.ticks, ROOT);
    }
    while let Some((node, ticks)) = search.settle(best.worst()) {
        let range = starts.first[node as usize] as usize..starts.first[node as usize + 1] as usize;
        for &(more, start) in &starts.at_node[range] {
            best.offer(ticks.saturating_add(more), start);
        }
        search.expand(graph, node, ticks);
    }
    best.found
}

/// The k best starts seen so far, ordered; each start once.
struct Best<'a> {
    k: usize,
    found: Vec<Found>,
    limit: &'a [Ticks],
}

impl Best<'_> {
    /// Nothing slower than this can still enter.
    fn worst(&self) -> Ticks {
        if self.found.len() < self.k { UNREACHED - 1 } else { self.found.last().map_or(0, |f| f.ticks) }
    }

    fn offer(&mut self, ticks: Ticks, start: u32) {
        if ticks > self.worst() || ticks > self.limit[start as usize] {
            return;
        }
        let found = Found { ticks, start };
        if let Some(known) = self.found.iter().position(|f| f.start == start) {
            if self.found[known] <= found {
                return;
            }
            self.found.remove(known);
        }
        let place = self.found.partition_point(|f| *f < found);
        self.found.insert(place, found);
        self.found.truncate(self.k);
    }
}

//! The compiled street network: junctions, edges with their geometry, and one compact graph per profile and direction.
//!
//! Searches run on the junction graph in compressed rows (CSR), 8 bytes an arc, with junctions numbered along a Hilbert
//! curve so that neighbours share cache lines; geometry is kept apart and touched only to draw.

use std::collections::BTreeMap;

use super::snap::SegmentGrid;
use super::walking::{Access, Highway, NodeBlocks};
use crate::domain::position::{Extent, LonLat};
use crate::domain::travel::TravelProfile;
use crate::domain::units::Seconds;
use crate::geo::plane::Plane;

/// Index of a junction.
pub type NodeId = u32;
/// Index of an edge: a stretch of street between two junctions.
pub type EdgeId = u32;
/// Walking time in tenths of a millisecond; [`UNREACHED`] when there is no way.
pub type Ticks = u32;

/// No way leads there.
pub const UNREACHED: Ticks = Ticks::MAX;

/// Seconds of some ticks.
#[must_use]
pub fn seconds(ticks: Ticks) -> f64 {
    f64::from(ticks) / 10_000.0
}

/// Ticks of some seconds, saturating just below [`UNREACHED`].
#[must_use]
pub fn ticks(duration: Seconds) -> Ticks {
    (duration.0 * 10_000.0).round().clamp(0.0, f64::from(UNREACHED - 1)) as Ticks
}

/// A position in whole 10⁻⁷ degrees (lon, lat): OSM's own resolution, about a centimetre.
pub type FixedPoint = [i32; 2];

/// Degrees of a fixed-point position.
#[must_use]
pub fn lon_lat(p: FixedPoint) -> LonLat {
    LonLat::try_new(f64::from(p[0]) / 1e7, f64::from(p[1]) / 1e7)
        .expect("fixed-point positions are checked when the network is built or read")
}

/// One stretch of street between two junctions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Junction at the first position.
    pub from: NodeId,
    /// Junction at the last position.
    pub to: NodeId,
    /// Length along the geometry, at least 1 mm.
    pub length_mm: u32,
    /// Index into [`Parts::names`]; 0 is "no name".
    pub name: u32,
    /// Class of the way.
    pub highway: Highway,
    /// Who may walk it in which direction.
    pub access: Access,
}

impl Edge {
    /// Ticks per millimetre of this edge: 4.5 km/h is 8, 3 km/h is 12, steps take twice as long.
    #[must_use]
    pub const fn pace(&self, profile: TravelProfile) -> u32 {
        match (profile, self.highway) {
            (TravelProfile::Foot, Highway::Steps) => 16,
            (TravelProfile::Foot, _) => 8,
            (TravelProfile::ReducedMobility, _) => 12,
        }
    }

    /// Whether the profile may walk it (forward, backward).
    #[must_use]
    pub const fn directions(&self, profile: TravelProfile) -> (bool, bool) {
        let bits = match profile {
            TravelProfile::Foot => self.access.0,
            TravelProfile::ReducedMobility => self.access.0 >> 2,
        };
        (bits & 1 != 0, bits & 2 != 0)
    }
}

/// What an area on the base map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroundKind {
    /// A lake, a basin, the sea.
    Water,
    /// A park, a garden, a wood, a cemetery.
    Green,
    /// A railway line.
    Rail,
}

impl GroundKind {
    /// Every kind, in the order of their codes in a file.
    pub const ALL: [Self; 3] = [Self::Water, Self::Green, Self::Rail];

    /// Stable ASCII code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Green => "green",
            Self::Rail => "rail",
        }
    }
}

/// The plain content of a network: what [`super::build`] makes and [`super::file`] stores.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// Junctions.
    pub nodes: Vec<FixedPoint>,
    /// What each junction stops.
    pub node_blocks: Vec<NodeBlocks>,
    /// Edges, ordered by their first junction.
    pub edges: Vec<Edge>,
    /// `edges.len() + 1` offsets into `shape`.
    pub shape_start: Vec<u32>,
    /// Geometry of all edges, end positions included.
    pub shape: Vec<FixedPoint>,
    /// Street names; the first is empty.
    pub names: Vec<String>,
    /// Areas and lines of the base map: kind, and offsets into `ground_shape`.
    pub grounds: Vec<(GroundKind, u32, u32)>,
    /// Geometry of the base map.
    pub ground_shape: Vec<FixedPoint>,
}

/// One arc of a search graph.
#[derive(Debug, Clone, Copy)]
pub struct Arc {
    /// The junction it leads to (in the search's direction).
    pub head: NodeId,
    /// What it costs.
    pub ticks: Ticks,
}

/// A directed graph in compressed rows. A *backward* graph holds each arc at its head, for searches against the walk.
#[derive(Debug, Clone, Default)]
pub struct SearchGraph {
    first: Vec<u32>,
    arcs: Vec<Arc>,
    edge_of: Vec<EdgeId>,
}

impl SearchGraph {
    /// `ends` gives each edge's first and last junction in this graph, of which there are `nodes`.
    fn build(parts: &Parts, (ends, nodes): (&Ends, usize), profile: TravelProfile, backward: bool) -> Self {
        // Each entry: where the search stands, where it goes, at which cost.
        let entries = || {
            parts.edges.iter().enumerate().flat_map(move |(id, edge)| {
                let (forward, back) = edge.directions(profile);
                let ticks = edge.length_mm.saturating_mul(edge.pace(profile));
                let (with, against) = if backward { (back, forward) } else { (forward, back) };
                let [from, to] = ends.of(edge, id as EdgeId);
                [(with, from, to), (against, to, from)]
                    .into_iter()
                    .filter(|&(allowed, ..)| allowed)
                    .map(move |(_, tail, head)| (tail, Arc { head, ticks }, id as EdgeId))
            })
        };
        let mut first = vec![0_u32; nodes + 1];
        for (tail, ..) in entries() {
            first[tail as usize + 1] += 1;
        }
        for i in 1..first.len() {
            first[i] += first[i - 1];
        }
        let total = first.last().copied().unwrap_or(0) as usize;
        let mut next = first.clone();
        let mut arcs = vec![Arc { head: 0, ticks: 0 }; total];
        let mut edge_of = vec![0; total];
        for (tail, arc, edge) in entries() {
            let slot = &mut next[tail as usize];
            arcs[*slot as usize] = arc;
            edge_of[*slot as usize] = edge;
            *slot += 1;
        }
        Self { first, arcs, edge_of }
    }

    /// Number of junctions.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// The arcs that leave a junction in the search's direction.
    #[inline]
    #[must_use]
    pub fn arcs(&self, node: NodeId) -> &[Arc] {
        &self.arcs[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// The arcs of a junction, each with the edge it runs along.
    pub fn arcs_with_edges(&self, node: NodeId) -> impl Iterator<Item = (Arc, EdgeId)> + '_ {
        let range = self.first[node as usize] as usize..self.first[node as usize + 1] as usize;
        range.map(|i| (self.arcs[i], self.edge_of[i]))
    }

    /// The rows as `indptr`, heads and ticks: what a peer needs to search the same graph.
    pub fn rows(&self) -> (&[u32], impl Iterator<Item = Arc> + '_) {
        (&self.first, self.arcs.iter().copied())
    }
}

/// Which junctions an edge joins in a profile's graph. A junction that the profile cannot pass (a raised kerb, a stile)
/// is one dead end per edge there: it is reached, never crossed.
#[derive(Debug, Default)]
struct Ends {
    /// Edges with an end at such a junction.
    split: BTreeMap<EdgeId, [NodeId; 2]>,
}

impl Ends {
    fn of(&self, edge: &Edge, id: EdgeId) -> [NodeId; 2] {
        if self.split.is_empty() {
            return [edge.from, edge.to];
        }
        self.split.get(&id).copied().unwrap_or([edge.from, edge.to])
    }

    /// The ends for *Mobilité réduite*, and how many junctions its graph has.
    fn reduced(parts: &Parts) -> (Self, usize) {
        let mut ends = Self::default();
        let mut nodes = parts.nodes.len();
        for (id, edge) in parts.edges.iter().enumerate() {
            let both = [edge.from, edge.to];
            if !both.iter().any(|&n| parts.node_blocks[n as usize].reduced()) {
                continue;
            }
            let split = both.map(|n| {
                if !parts.node_blocks[n as usize].reduced() {
                    return n;
                }
                nodes += 1;
                nodes as NodeId - 1
            });
            ends.split.insert(id as EdgeId, split);
        }
        (ends, nodes)
    }
}

/// A street network ready to search.
#[derive(Debug)]
pub struct Network {
    parts: Parts,
    plane: Plane,
    extent: Extent,
    graphs: [[SearchGraph; 2]; 2],
    reduced_ends: Ends,
    grid: SegmentGrid,
}

impl Network {
    /// Makes the search structures for some parts: O(edges + shape points), a few milliseconds for a city.
    /// The parts must be consistent (see [`Parts::check`]).
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let extent = Extent::around(parts.shape.iter().map(|&p| lon_lat(p))).unwrap_or(Extent {
            west: 0.0,
            south: 0.0,
            east: 0.0,
            north: 0.0,
        });
        let centre =
            LonLat::try_new(f64::midpoint(extent.west, extent.east), f64::midpoint(extent.south, extent.north))
                .expect("the middle of valid positions is a valid position");
        let plane = Plane::at(centre);
        let (reduced_ends, reduced_nodes) = Ends::reduced(&parts);
        let (graphs, grid) = std::thread::scope(|scope| {
            let grid = scope.spawn(|| SegmentGrid::build(&parts, &plane));
            let foot = (&Ends::default(), parts.nodes.len());
            let reduced = (&reduced_ends, reduced_nodes);
            let graphs =
                [(TravelProfile::Foot, foot), (TravelProfile::ReducedMobility, reduced)].map(|(profile, ends)| {
                    [false, true].map(|backward| SearchGraph::build(&parts, ends, profile, backward))
                });
            (graphs, grid.join().expect("building the grid does not panic on checked parts"))
        });
        Self { parts, plane, extent, graphs, reduced_ends, grid }
    }

    /// The plain content.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// All edges, by id.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.parts.edges
    }

    /// One edge.
    #[must_use]
    pub fn edge(&self, id: EdgeId) -> &Edge {
        &self.parts.edges[id as usize]
    }

    /// An edge's geometry, end positions included.
    #[must_use]
    pub fn shape(&self, id: EdgeId) -> &[FixedPoint] {
        self.parts.shape_of(id)
    }

    /// An edge's street name; `None` when it has none.
    #[must_use]
    pub fn name(&self, id: EdgeId) -> Option<&str> {
        let name = &self.parts.names[self.edge(id).name as usize];
        (!name.is_empty()).then_some(name)
    }

    /// The graph to search from the walk's start (`backward == false`) or from its end.
    #[must_use]
    pub fn graph(&self, profile: TravelProfile, backward: bool) -> &SearchGraph {
        &self.graphs[usize::from(profile == TravelProfile::ReducedMobility)][usize::from(backward)]
    }

    /// The junctions at an edge's first and last position, as the profile's graph numbers them.
    #[must_use]
    pub fn ends(&self, id: EdgeId, profile: TravelProfile) -> [NodeId; 2] {
        let edge = self.edge(id);
        match profile {
            TravelProfile::Foot => [edge.from, edge.to],
            TravelProfile::ReducedMobility => self.reduced_ends.of(edge, id),
        }
    }

    /// The plane in which positions are snapped.
    #[must_use]
    pub fn plane(&self) -> &Plane {
        &self.plane
    }

    /// The box around all streets.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    pub(super) fn grid(&self) -> &SegmentGrid {
        &self.grid
    }

    /// Length of all edges.
    #[must_use]
    pub fn length_mm(&self) -> u64 {
        self.parts.edges.iter().map(|e| u64::from(e.length_mm)).sum()
    }

    /// The geometry between two offsets along an edge, in millimetres from its first position.
    /// `start > end` gives it backwards. Offsets beyond the edge are clamped.
    #[must_use]
    pub fn stretch(&self, id: EdgeId, start_mm: u32, end_mm: u32) -> Vec<LonLat> {
        if start_mm > end_mm {
            let mut line = self.stretch(id, end_mm, start_mm);
            line.reverse();
            return line;
        }
        let shape: Vec<LonLat> = self.shape(id).iter().map(|&p| lon_lat(p)).collect();
        let steps: Vec<f64> = shape.windows(2).map(|w| crate::geo::plane::length(w[0], w[1])).collect();
        let drawn: f64 = steps.iter().sum();
        let scale = if drawn > 0.0 { drawn / f64::from(self.edge(id).length_mm) } else { 0.0 };
        let (start, end) = (f64::from(start_mm) * scale, f64::from(end_mm) * scale);
        let at = |i: usize, along: f64| {
            let t = if steps[i] > 0.0 { (along / steps[i]).clamp(0.0, 1.0) } else { 0.0 };
            let (a, b) = (shape[i], shape[i + 1]);
            LonLat::try_new(a.lon() + t * (b.lon() - a.lon()), a.lat() + t * (b.lat() - a.lat())).unwrap_or(a)
        };
        let mut line = Vec::with_capacity(shape.len());
        let mut along = 0.0;
        for (i, step) in steps.iter().enumerate() {
            if line.is_empty() && (start <= along + step || i + 1 == steps.len()) {
                line.push(at(i, start - along));
            }
            if !line.is_empty() {
                if end <= along + step || i + 1 == steps.len() {
                    line.push(at(i, end - along));
                    return line;
                }
                line.push(shape[i + 1]);
            }
            along += step;
        }
        line
    }
}

impl Parts {
    /// An edge's geometry, end positions included.
    #[must_use]
    pub fn shape_of(&self, id: EdgeId) -> &[FixedPoint] {
        &self.shape[self.shape_start[id as usize] as usize..self.shape_start[id as usize + 1] as usize]
    }

    /// Whether every index points somewhere and every position is one: what a file must prove before it is used.
    ///
    /// # Errors
    /// The first inconsistency, in words.
    pub fn check(&self) -> Result<(), &'static str> {
        let on_earth = |p: &FixedPoint| p[0].unsigned_abs() <= 1_800_000_000 && p[1].unsigned_abs() <= 900_000_000;
        if self.node_blocks.len() != self.nodes.len() || self.shape_start.len() != self.edges.len() + 1 {
            return Err("tables of different lengths");
        }
        if self.names.first().is_none_or(|n| !n.is_empty()) {
            return Err("the first name is not the empty one");
        }
        if self.shape_start.first() != Some(&0)
            || self.shape_start.last().copied() != u32::try_from(self.shape.len()).ok()
        {
            return Err("geometry offsets do not span the geometry");
        }
        if !self.shape_start.windows(2).all(|w| w[0].checked_add(2).is_some_and(|n| n <= w[1])) {
            return Err("an edge has fewer than two positions");
        }
        let nodes = self.nodes.len() as u64;
        if !self.edges.iter().all(|e| {
            u64::from(e.from) < nodes
                && u64::from(e.to) < nodes
                && (e.name as usize) < self.names.len()
                && e.length_mm > 0
        }) {
            return Err("an edge points nowhere or has no length");
        }
        if !self.nodes.iter().chain(&self.shape).chain(&self.ground_shape).all(on_earth) {
            return Err("a position is not on Earth");
        }
        if !self.grounds.iter().all(|&(_, start, end)| start <= end && end as usize <= self.ground_shape.len()) {
            return Err("an area points nowhere");
        }
        Ok(())
    }
}

//! The skeleton of the town: a warped lattice of junctions and the edges between them.
//!
//! Old towns are lattices that were bent, cut and mended; so is this one: uneven rows and columns, turned and warped,
//! with missing sides.

use crate::domain::quarter::Sector;
use crate::geo::plane::PlanePoint;
use crate::geo::quarters::QuarterIndex;

use super::MARGIN_M;
use super::dice::Dice;
use super::town::{Frame, Node};

/// Larger grids get wider blocks instead.
const MAX_CELLS: f64 = 4_000.0;

/// What an edge is when it is not simply part of its row's or column's street.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Steps,
    Pedestrian,
    FootTunnel,
    Bridge,
}

/// What depends on an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Role {
    /// Nothing: it may be removed by chance.
    #[default]
    Ordinary,
    /// Something beside it, or the only way over the railway.
    Kept,
    /// An avenue.
    Avenue,
    /// An avenue with pavements mapped apart: no alley may start from it.
    Boulevard,
}

impl Role {
    pub(super) fn is_avenue(self) -> bool {
        matches!(self, Self::Avenue | Self::Boulevard)
    }
}

/// One side of a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Edge {
    /// Node numbers from one end to the other; empty when an end is missing.
    pub(super) nodes: Vec<usize>,
    pub(super) alive: bool,
    pub(super) special: Option<Special>,
    pub(super) role: Role,
}

/// Junctions by column and row, edges along rows, columns and diagonals.
pub(super) struct Lattice {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// How much longer than usual its blocks are; 1 for a town.
    pub(super) wider: f64,
    /// Node number of each junction, column by column; `None` outside the town.
    junctions: Vec<Option<usize>>,
    pub(super) edges: Vec<Edge>,
}

impl Lattice {
    pub(super) fn build(index: &QuarterIndex, frame: &Frame, nodes: &mut Vec<Node>, dice: &mut Dice) -> Self {
        let (low, high) = frame.bounds(index);
        let (width, height) = (high.x - low.x + 2.0 * MARGIN_M, high.y - low.y + 2.0 * MARGIN_M);
        let wider = (width / 78.0 * height / 108.0 / MAX_CELLS).sqrt().max(1.0);
        let mut offsets = |from: f64, length: f64, narrow: f64, wide: f64| {
            let mut offsets = vec![from - MARGIN_M];
            let mut last = from - MARGIN_M;
            while last < from - MARGIN_M + length {
                last += dice.between(narrow, wide) * wider;
                offsets.push(last);
            }
            offsets
        };
        let xs = offsets(low.x, width, 58.0, 100.0);
        let ys = offsets(low.y, height, 82.0, 136.0);
        let mut lattice = Self { columns: xs.len(), rows: ys.len(), wider, junctions: Vec::new(), edges: Vec::new() };
        let (phase_x, phase_y) = (dice.between(0.0, 6.0), dice.between(0.0, 6.0));
        for x in &xs {
            for y in &ys {
                let warped = PlanePoint {
                    x: x + 32.0 * (y / 390.0 + phase_x).sin() + 12.0 * (y / 130.0).sin() + dice.between(-7.0, 7.0),
                    y: y + 30.0 * (x / 430.0 + phase_y).sin() + 9.0 * (x / 150.0).cos() + dice.between(-8.0, 8.0),
                };
                let at = frame.to_plane(warped);
                let inside = match index.sector(frame.position(at)) {
                    Sector::Inside(_) => true,
                    Sector::Outside { distance_m, .. } => distance_m <= MARGIN_M,
                };
                lattice.junctions.push(inside.then(|| {
                    nodes.push(Node::new(at));
                    nodes.len() - 1
                }));
            }
        }
        for id in 0..lattice.across_count() + lattice.up_count() {
            let (from, to) = lattice.ends(id);
            let mut edge = Edge::default();
            if let (Some(a), Some(b)) = (lattice.junction(from), lattice.junction(to)) {
                edge.alive = true;
                edge.nodes.push(a);
                if dice.chance(0.45) {
                    edge.nodes.push(bend(nodes, a, b, dice));
                }
                edge.nodes.push(b);
            }
            lattice.edges.push(edge);
        }
        lattice
    }

    fn across_count(&self) -> usize {
        (self.columns - 1) * self.rows
    }

    fn up_count(&self) -> usize {
        self.columns * (self.rows - 1)
    }

    /// Node number of a junction.
    pub(super) fn junction(&self, (column, row): (usize, usize)) -> Option<usize> {
        if column < self.columns && row < self.rows { self.junctions[column * self.rows + row] } else { None }
    }

    /// The edge from (column, row) to the next column.
    pub(super) fn across(&self, column: usize, row: usize) -> usize {
        row * (self.columns - 1) + column
    }

    /// The edge from (column, row) to the next row.
    pub(super) fn up(&self, column: usize, row: usize) -> usize {
        self.across_count() + column * (self.rows - 1) + row
    }

    /// Junctions at both ends of a row's or column's edge.
    pub(super) fn ends(&self, id: usize) -> ((usize, usize), (usize, usize)) {
        if let Some(up) = id.checked_sub(self.across_count()) {
            let from = (up / (self.rows - 1), up % (self.rows - 1));
            (from, (from.0, from.1 + 1))
        } else {
            let from = (id % (self.columns - 1), id / (self.columns - 1));
            (from, (from.0 + 1, from.1))
        }
    }

    /// Whether an edge goes along a column.
    pub(super) fn goes_up(&self, id: usize) -> bool {
        (self.across_count()..self.across_count() + self.up_count()).contains(&id)
    }

    /// South, north, west and east side of a block.
    pub(super) fn sides(&self, (column, row): (usize, usize)) -> [usize; 4] {
        [self.across(column, row), self.across(column, row + 1), self.up(column, row), self.up(column + 1, row)]
    }

    /// Corners of a block of several cells, counter-clockwise from the south-west; `None` when one is missing.
    pub(super) fn corners(&self, (column, row): (usize, usize), size: usize) -> Option<[usize; 4]> {
        let (east, north) = (column + size, row + size);
        Some([
            self.junction((column, row))?,
            self.junction((east, row))?,
            self.junction((east, north))?,
            self.junction((column, north))?,
        ])
    }

    /// Every cell, row by row.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let columns = self.columns - 1;
        (0..self.rows - 1).flat_map(move |row| (0..columns).map(move |column| (column, row)))
    }

    /// Kills every edge that is not linked to the largest group of junctions.
    pub(super) fn keep_largest_group(&mut self, node_count: usize) {
        let mut group: Vec<usize> = (0..node_count).collect();
        for edge in self.edges.iter().filter(|edge| edge.alive) {
            let (a, b) = (root(&mut group, edge.nodes[0]), root(&mut group, edge.nodes[edge.nodes.len() - 1]));
            group[a.max(b)] = a.min(b);
        }
        let mut sizes = vec![0usize; node_count];
        for edge in self.edges.iter().filter(|edge| edge.alive) {
            sizes[root(&mut group, edge.nodes[0])] += 1;
        }
        let largest = (0..node_count).max_by_key(|&node| (sizes[node], std::cmp::Reverse(node))).unwrap_or_default();
        for edge in self.edges.iter_mut().filter(|edge| edge.alive) {
            edge.alive = root(&mut group, edge.nodes[0]) == largest;
        }
    }
}

/// The node that stands for a group, with its path halved on the way (union and find).
fn root(group: &mut [usize], mut node: usize) -> usize {
    while group[node] != node {
        group[node] = group[group[node]];
        node = group[node];
    }
    node
}

/// A node a few metres beside the middle of two others.
pub(super) fn bend(nodes: &mut Vec<Node>, a: usize, b: usize, dice: &mut Dice) -> usize {
    let (p, q) = (nodes[a].at, nodes[b].at);
    let (dx, dy) = (q.x - p.x, q.y - p.y);
    let length = dx.hypot(dy).max(1.0);
    let (share, aside) = (dice.between(0.35, 0.65), dice.between(-5.0, 5.0) / length);
    nodes.push(Node::new(PlanePoint { x: p.x + share * dx - aside * dy, y: p.y + share * dy + aside * dx }));
    nodes.len() - 1
}

//! The streets of the town, and the house numbers along them.

use crate::domain::address::Address;
use crate::domain::position::LonLat;
use crate::geo::plane::{Plane, PlanePoint};
use crate::geo::quarters::QuarterIndex;

use super::dice::Dice;
use super::layout::Builder;

/// A point of the town.
pub(super) struct Node {
    pub(super) at: PlanePoint,
    pub(super) tags: Vec<(&'static str, &'static str)>,
    /// Index of the quarter; `None` in the margin.
    pub(super) quarter: Option<usize>,
}

impl Node {
    pub(super) fn new(at: PlanePoint) -> Self {
        Self { at, tags: Vec::new(), quarter: None }
    }
}

/// A line or, closed, an area, with OSM tags.
pub(super) struct Way {
    pub(super) nodes: Vec<usize>,
    pub(super) tags: Vec<(&'static str, String)>,
}

impl Way {
    pub(super) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str())
    }

    /// A way that anybody may walk along.
    pub(super) fn is_walkable(&self) -> bool {
        self.tag("highway").is_some() && self.tag("access").is_none()
    }
}

/// A named street, for its house numbers.
pub(super) struct Street {
    pub(super) name: String,
    /// Lines of nodes; a gap in a street makes two of them.
    pub(super) pieces: Vec<Vec<usize>>,
    /// Shops settle here first.
    pub(super) busy: bool,
}

/// A house number and where its door is on the network.
pub(super) struct Home {
    pub(super) address: Address,
    /// The two street nodes it lies between, with metres to each.
    pub(super) between: [(usize, f64); 2],
    /// Index of the quarter; `None` in the margin.
    pub(super) quarter: Option<usize>,
    pub(super) busy: bool,
}

/// Turns the lattice's own axes into the plane's.
pub(super) struct Frame {
    plane: Plane,
    pub(super) sin: f64,
    pub(super) cos: f64,
}

impl Frame {
    pub(super) fn to_plane(&self, p: PlanePoint) -> PlanePoint {
        PlanePoint { x: self.cos * p.x - self.sin * p.y, y: self.sin * p.x + self.cos * p.y }
    }

    /// Plane metres to degrees, to seven decimals, as the files that are written hold them.
    pub(super) fn position(&self, p: PlanePoint) -> LonLat {
        let origin = self.plane.origin();
        let exact = self.plane.unproject(p).unwrap_or(origin);
        let kept = |degrees: f64| (degrees * 1e7).round() / 1e7;
        LonLat::try_new(kept(exact.lon()), kept(exact.lat())).unwrap_or(origin)
    }

    /// Corners of the box around the quarters in the lattice's axes.
    pub(super) fn bounds(&self, index: &QuarterIndex) -> (PlanePoint, PlanePoint) {
        let mut low = PlanePoint { x: f64::INFINITY, y: f64::INFINITY };
        let mut high = PlanePoint { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY };
        for p in self.border(index) {
            let turned = PlanePoint { x: self.cos * p.x + self.sin * p.y, y: self.cos * p.y - self.sin * p.x };
            (low.x, low.y) = (low.x.min(turned.x), low.y.min(turned.y));
            (high.x, high.y) = (high.x.max(turned.x), high.y.max(turned.y));
        }
        (low, high)
    }

    /// The quarters' corners in the plane.
    pub(super) fn border(&self, index: &QuarterIndex) -> impl Iterator<Item = PlanePoint> {
        index.quarters().iter().flat_map(|q| q.polygons.iter().flatten().flatten()).map(|&p| self.plane.project(p))
    }
}

/// The generated town.
pub(super) struct Town {
    pub(super) frame: Frame,
    pub(super) nodes: Vec<Node>,
    pub(super) ways: Vec<Way>,
    pub(super) streets: Vec<Street>,
    /// How much farther apart than usual its houses are; 1 for a town.
    pub(super) wider: f64,
}

impl Town {
    pub(super) fn build(index: &QuarterIndex, dice: &mut Dice) -> Self {
        let extent = index.extent();
        let centre = (f64::midpoint(extent.west, extent.east), f64::midpoint(extent.south, extent.north));
        let plane = LonLat::try_new(centre.0, centre.1)
            .map_or_else(|_| Plane::at(index.quarters()[0].polygons[0][0][0]), Plane::at);
        let (sin, cos) = dice.between(5.0, 10.0).to_radians().sin_cos();
        let town = Self {
            frame: Frame { plane, sin, cos },
            nodes: Vec::new(),
            ways: Vec::new(),
            streets: Vec::new(),
            wider: 1.0,
        };
        Builder::new(town, index, dice).build(dice)
    }

    pub(super) fn position(&self, at: PlanePoint) -> LonLat {
        self.frame.position(at)
    }

    pub(super) fn metres(&self, a: usize, b: usize) -> f64 {
        metres(self.nodes[a].at, self.nodes[b].at)
    }

    /// House numbers along every named street, odd on the left, even on the right, in the order of streets and numbers.
    pub(super) fn homes(&self, index: &QuarterIndex, dice: &mut Dice) -> Vec<Home> {
        let mut ways_at = vec![0u32; self.nodes.len()];
        for way in self.ways.iter().filter(|way| way.tag("highway").is_some()) {
            for pair in way.nodes.windows(2) {
                ways_at[pair[0]] += 1;
                ways_at[pair[1]] += 1;
            }
        }
        let mut homes = Vec::new();
        for (nth, street) in self.streets.iter().enumerate() {
            let mut numbered = Vec::new();
            for (side, first) in [(1.0, 1), (-1.0, 2)] {
                for (number, at, between) in self.number_side(street, &ways_at, side, first, dice) {
                    let suffix = if dice.chance(0.03) { "bis" } else { "" };
                    let position = self.position(at);
                    let address = Address {
                        id: format!("demo-{:04}-{number:04}{suffix}", nth + 1),
                        number,
                        suffix: suffix.to_owned(),
                        street: street.name.clone(),
                        postcode: "76600".to_owned(),
                        city: "Le Havre (fictif)".to_owned(),
                        position,
                    };
                    let quarter = index.quarter_at(position);
                    numbered.push(Home { address, between, quarter, busy: street.busy });
                }
            }
            numbered.sort_by(|a, b| (a.address.number, &a.address.suffix).cmp(&(b.address.number, &b.address.suffix)));
            homes.extend(numbered);
        }
        homes
    }

    /// Numbers of one side of a street: number, door, street nodes beside it.
    fn number_side(&self, street: &Street, ways_at: &[u32], side: f64, first: u32, dice: &mut Dice) -> Vec<Door> {
        let mut doors = Vec::new();
        let mut number = first;
        for piece in &street.pieces {
            let mut next = dice.between(12.0, 18.0);
            let mut walked = 0.0;
            for pair in piece.windows(2) {
                let (a, b) = (self.nodes[pair[0]].at, self.nodes[pair[1]].at);
                let length = metres(a, b);
                let (ux, uy) = ((b.x - a.x) / length.max(0.1), (b.y - a.y) / length.max(0.1));
                while next < walked + length {
                    let along = next - walked;
                    let left = length - along;
                    next += dice.between(12.0, 20.0) * self.wider;
                    if (along < 11.0 && ways_at[pair[0]] > 2) || (left < 11.0 && ways_at[pair[1]] > 2) {
                        // A corner belongs to neither street.
                        continue;
                    }
                    let aside = side * dice.between(7.0, 10.0);
                    let at = PlanePoint { x: a.x + along * ux - aside * uy, y: a.y + along * uy + aside * ux };
                    doors.push((number, at, [(pair[0], along + aside.abs()), (pair[1], left + aside.abs())]));
                    number += 2;
                }
                walked += length;
            }
        }
        doors
    }
}

/// House number, where the door is, the two street nodes it lies between with metres to each.
type Door = (u32, PlanePoint, [(usize, f64); 2]);

fn metres(a: PlanePoint, b: PlanePoint) -> f64 {
    (b.x - a.x).hypot(b.y - a.y)
}

pub(super) fn towards(a: PlanePoint, b: PlanePoint, share: f64) -> PlanePoint {
    PlanePoint { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) }
}

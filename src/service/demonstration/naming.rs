//! Streets out of edges: where one begins and ends, what it is called, what it is made of.

use super::dice::Dice;
use super::lattice::{Role, Special};
use super::layout::Builder;
use super::town::Street;

impl Builder<'_> {
    /// Cuts rows, columns and diagonals into streets, names them and writes their ways.
    pub(super) fn name_streets(&mut self, dice: &mut Dice) {
        let (columns, rows) = (self.lattice.columns, self.lattice.rows);
        let along_rows = (0..rows).map(|row| (0..columns - 1).map(|column| self.lattice.across(column, row)).collect());
        let along_columns = (0..columns).map(|column| (0..rows - 1).map(|row| self.lattice.up(column, row)).collect());
        let lines: Vec<Vec<usize>> = along_rows.chain(along_columns).chain(self.diagonals.clone()).collect();
        for line in lines {
            let avenue = line.first().is_some_and(|&edge| self.lattice.edges[edge].role.is_avenue());
            let class = if avenue { self.avenue_class(&line) } else { StreetClass::ordinary(dice) };
            self.name_line(&line, class, avenue, dice);
        }
    }

    fn avenue_class(&self, line: &[usize]) -> StreetClass {
        let pavements = line.iter().any(|&edge| self.lattice.edges[edge].role == Role::Boulevard);
        let (kind, highway) = if pavements { ("Boulevard", "secondary") } else { ("Avenue", "tertiary") };
        let mut tags = vec![("highway", highway), ("maxspeed", "50")];
        tags.push(("sidewalk", if pavements { "separate" } else { "both" }));
        StreetClass { kind, name: None, tags, busy: true }
    }

    /// Cuts one line into ways; an avenue keeps its name to the end, another street some hundred metres.
    fn name_line(&mut self, line: &[usize], mut class: StreetClass, avenue: bool, dice: &mut Dice) {
        let mut run: Vec<usize> = Vec::new();
        let mut length = dice.between(350.0, 900.0);
        for &edge in line {
            let alive = self.lattice.edges[edge].alive;
            let full = !avenue && self.length(&run) > length;
            if !run.is_empty() && (!alive || full || !self.follows(&run, edge)) {
                self.close(&mut run, &mut class);
                if !avenue {
                    class = StreetClass::ordinary(dice);
                    length = dice.between(350.0, 900.0);
                }
            }
            if alive {
                run.push(edge);
            }
        }
        self.close(&mut run, &mut class);
    }

    /// Whether an edge can be part of the way that the run is.
    fn follows(&self, run: &[usize], edge: usize) -> bool {
        run.last().is_none_or(|&last| {
            let (last, next) = (&self.lattice.edges[last], &self.lattice.edges[edge]);
            last.special == next.special && last.nodes.last() == next.nodes.first()
        })
    }

    fn length(&self, run: &[usize]) -> f64 {
        run.iter()
            .flat_map(|&edge| self.lattice.edges[edge].nodes.windows(2))
            .map(|pair| self.town.metres(pair[0], pair[1]))
            .sum()
    }

    /// Writes a run of edges as one way of the street, or as what its edges are instead.
    fn close(&mut self, run: &mut Vec<usize>, class: &mut StreetClass) {
        let edges = std::mem::take(run);
        let Some(&first) = edges.first() else { return };
        let mut nodes: Vec<usize> = edges.iter().flat_map(|&edge| self.lattice.edges[edge].nodes.clone()).collect();
        nodes.dedup();
        let special = self.lattice.edges[first].special;
        let own = match special {
            Some(Special::Steps) => {
                Some(("Escalier", vec![("highway", "steps"), ("step_count", "24"), ("incline", "up")]))
            }
            Some(Special::Pedestrian) => Some(("Rue", vec![("highway", "pedestrian")])),
            Some(Special::FootTunnel) => {
                Some(("Passage", vec![("highway", "footway"), ("tunnel", "yes"), ("layer", "-1"), ("lit", "yes")]))
            }
            Some(Special::Bridge) | None => None,
        };
        let (name, mut tags, busy) = if let Some((kind, tags)) = own {
            (self.names.next(kind), tags, special == Some(Special::Pedestrian))
        } else {
            let name = class.name.get_or_insert_with(|| self.names.next(class.kind)).clone();
            (name, class.tags.clone(), class.busy)
        };
        if special == Some(Special::Bridge) {
            tags.extend([("bridge", "yes"), ("layer", "1")]);
        }
        tags.push(("name", &name));
        self.way(nodes.clone(), &tags);
        let numbered = matches!(special, None | Some(Special::Pedestrian));
        if numbered {
            self.number(name, nodes, busy);
        }
    }

    /// Gives a line house numbers, after those of the same street's other pieces.
    pub(super) fn number(&mut self, name: String, nodes: Vec<usize>, busy: bool) {
        match self.town.streets.iter_mut().rev().find(|street| street.name == name) {
            Some(street) => street.pieces.push(nodes),
            None => self.town.streets.push(Street { name, pieces: vec![nodes], busy }),
        }
    }
}

/// What a street is, apart from where it runs.
struct StreetClass {
    kind: &'static str,
    /// Given when the first way is written.
    name: Option<String>,
    tags: Vec<(&'static str, &'static str)>,
    busy: bool,
}

impl StreetClass {
    fn ordinary(dice: &mut Dice) -> Self {
        let (kind, highway) = match dice.share() {
            s if s < 0.08 => ("Allée", "living_street"),
            s if s < 0.16 => ("Passage", "residential"),
            s if s < 0.26 => ("Rue", "unclassified"),
            _ => ("Rue", "residential"),
        };
        let mut tags = vec![("highway", highway), ("surface", "asphalt")];
        match dice.share() {
            s if s < 0.20 => tags.push(("oneway", "yes")),
            s if s < 0.25 => tags.push(("incline", "8%")),
            s if s < 0.30 => tags.push(("sidewalk", "no")),
            _ => tags.push(("sidewalk", "both")),
        }
        Self { kind, name: None, tags, busy: dice.chance(0.12) }
    }
}

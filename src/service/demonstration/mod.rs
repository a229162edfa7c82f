//! The demonstration: a fictitious town over the quarters that are given, and the people in it.
//!
//! Nothing in it exists: streets, names and shops are invented, and telephone numbers come from the blocks that ARCEP
//! keeps for fiction. It is laid over real quarters so that the page shows what it will show, and it is uneven on
//! purpose: volunteers live together, so that some streets are far from all of them. The same quarters and the same
//! seed give the same bytes.

mod blocks;
mod dice;
mod lattice;
mod layout;
mod names;
mod naming;
mod osm;
mod people;
mod railway;
mod reach;
mod relays;
mod reports;
mod town;

use crate::domain::address::Address;
use crate::domain::case::Case;
use crate::domain::quarter::Quarter;
use crate::domain::relay::Relay;
use crate::domain::volunteer::Volunteer;
use crate::geo::quarters::QuarterIndex;

use dice::Dice;

pub use reports::ToldOf;

/// How far around the quarters the town goes on, metres.
const MARGIN_M: f64 = 400.0;

/// A fictitious town and its people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Demonstration {
    /// Streets, railway, parks and water as OSM XML.
    pub streets_osm_xml: String,
    /// House numbers along the streets.
    pub addresses: Vec<Address>,
    /// Ten volunteers, `BV-01` to `BV-10`.
    pub volunteers: Vec<Volunteer>,
    /// Sixty cases, `C-0001` to `C-0060`, of which 25 are accompanied.
    pub cases: Vec<Case>,
    /// What was told of a few of them, and by whom.
    pub reports: Vec<ToldOf>,
    /// Eighty relays, `R-001` to `R-080`.
    pub relays: Vec<Relay>,
}

/// Makes a town over some quarters; empty without quarters. Takes about a second for a few square kilometres.
#[must_use]
pub fn generate(quarters: &[Quarter], seed: u64) -> Demonstration {
    let Some(index) = QuarterIndex::build(quarters.to_vec()) else { return Demonstration::default() };
    let mut dice = Dice::new(seed);
    let town = town::Town::build(&index, &mut dice);
    let homes = town.homes(&index, &mut dice);
    let (volunteers, cases) = people::people(&town, &homes, &mut dice);
    let relays = relays::relays(&homes, &mut dice);
    let reports = reports::reports(&cases, &mut dice);
    Demonstration {
        streets_osm_xml: osm::write(&town),
        addresses: homes.into_iter().map(|home| home.address).collect(),
        volunteers,
        cases,
        reports,
        relays,
    }
}

#[cfg(test)]
mod tests;

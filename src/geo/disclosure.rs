//! Disclosure control: counts per cell that name nobody, and walking times in buckets.
//!
//! **Primary suppression.** A cell is hidden when fewer than [`LEAST_HOUSEHOLDS`] households live in it or fewer than
//! [`LEAST_COUNT`] persons are counted. *Zero is hidden too*, like 1 to 4: a shown zero clears every home of its cell, and
//! with a masked point whose donut's group lies across that cell's border it would leave fewer than 11 homes to guess.
//! So a reader cannot tell an empty cell from one with four.
//!
//! **Complementary suppression.** Cells add up to their quarter's total, which is published. What is hidden must not
//! follow from what is shown, so as soon as a quarter has a hidden cell, *helpers* are hidden with it: cells that could be
//! shown, fewest households first, until the hidden ones hold `SLACK` persons more than 5 for each helper. When there
//! are not helpers enough, nothing of the quarter is shown. The total of all quarters is shown when each of them is:
//! otherwise it would tell of the one that is not, and must not be shown elsewhere to the same reader either.
//!
//! *Why this suffices*, even against a reader who runs this code on every possible world (a *minimality attack*: Wong, Fu,
//! Wang and Pei, *Minimality Attack in Privacy Preserving Data Publishing*, VLDB 2007; choosing the smallest count as
//! helper, as is usual, falls to it). Take a small cell and any count v of 0 to 3 – the feasibility interval of Hundepool
//! et al., *Handbook on Statistical Disclosure Control*. Let S be the hidden sum and J the number of helpers. The world
//! in which that cell holds v, the other small cells nobody, the first helper 8 − v, the next 5 each, the last S + 2 − 5J
//! (with one helper: S − v) has the same small cells, so the same helpers in the same order; the slack is 3 after each
//! helper but the last, and after the last what it truly is. So it is published in the same way: the reader cannot
//! exclude v. Where nothing of a quarter is shown, v persons in that cell and nobody elsewhere look the same. A slow twin
//! in the tests runs through all worlds of small tables.
//!
//! **Differences.** Two exact tables, of two days or two filters, differ by persons. So a shown count leaves the
//! service as a [`Band`], in which one person more or less shows only at an edge. The suppression is computed for exact
//! counts: bands tell less. A table may be filtered by nothing that describes a person, and one resolution is chosen for
//! the table, not by its reader: two resolutions of one day differ by slivers.
//!
//! **Buckets.** A walking time is a distance, and some distances make a position. A [`WalkingBucket`] alone only slows
//! that down: who asks from enough places finds the home to a few metres (shown in the tests). Take the walk from the masked
//! point: then it finds that point, which tells nothing new.

use std::collections::BTreeMap;

use super::hex::Resolution;
use crate::domain::closed_list::closed_list;
use crate::domain::units::Seconds;

/// Households below which a cell is hidden.
pub const LEAST_HOUSEHOLDS: u32 = 11;
/// Persons below which a cell is hidden.
pub const LEAST_COUNT: u32 = 5;
/// Persons by which hidden cells must exceed what a reader knows to be in them.
const SLACK: u64 = 4;

closed_list!(
    /// How many persons, as far as it is told.
    Band {
        FromFive = "5_to_9",
        FromTen = "10_to_19",
        FromTwenty = "20_to_49",
        FromFifty = "50_or_more",
    }
);

closed_list!(
    /// How long a walk is, as far as it is told. A time on an edge belongs to the longer bucket.
    WalkingBucket {
        UnderFive = "under_5",
        FiveToTen = "5_to_10",
        TenToFifteen = "10_to_15",
        FifteenToTwenty = "15_to_20",
        OverTwenty = "over_20",
    }
);

/// The persons counted in one cell of one quarter. A hexagon on a border is one cell per quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellCount {
    /// The quarter whose total it adds to.
    pub quarter: usize,
    /// Persons.
    pub count: u32,
    /// Households (addresses) in the cell, which anybody may know.
    pub households: u32,
}

/// A count, or the silence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disclosed {
    /// May be published; see [`band`].
    Shown(u32),
    /// May not. Nobody, a few, or hidden for the sake of others.
    Suppressed,
}

/// What may be published of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Table {
    /// In the order of the cells given.
    pub cells: Vec<Disclosed>,
    /// By quarter.
    pub quarters: BTreeMap<usize, Disclosed>,
    /// All quarters together.
    pub total: Disclosed,
}

/// Decides what may be published of some cells.
///
/// Give all cells that any address lies in, counted or not, in an order that does not depend on the counts (by cell
/// number), and draw hidden cells like cells that are not there. Persons outside all quarters do not belong in it.
#[must_use]
pub fn disclose(cells: &[CellCount]) -> Table {
    let mut by_quarter: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, cell) in cells.iter().enumerate() {
        by_quarter.entry(cell.quarter).or_default().push(i);
    }
    let mut table = Table {
        cells: vec![Disclosed::Suppressed; cells.len()],
        quarters: BTreeMap::new(),
        total: Disclosed::Suppressed,
    };
    for (&quarter, members) in &by_quarter {
        let shown = shown(cells, members);
        for &i in shown.iter().flatten() {
            table.cells[i] = Disclosed::Shown(cells[i].count);
        }
        let total = members.iter().map(|&i| cells[i].count).fold(0, u32::saturating_add);
        table.quarters.insert(quarter, if shown.is_some() { Disclosed::Shown(total) } else { Disclosed::Suppressed });
    }
    // One hidden quarter hides the sum: `Option`s add up to nothing as soon as one is missing.
    let totals = table.quarters.values().map(|total| match total {
        Disclosed::Shown(count) => Some(*count),
        Disclosed::Suppressed => None,
    });
    let sum: Option<u32> = totals.sum();
    if let (Some(sum), false) = (sum, by_quarter.is_empty()) {
        table.total = Disclosed::Shown(sum);
    }
    table
}

/// Which cells of one quarter to show under its total; `None` when not even the total may be.
fn shown(cells: &[CellCount], members: &[usize]) -> Option<Vec<usize>> {
    let is_small =
        |count: u64, households: u64| count < u64::from(LEAST_COUNT) || households < u64::from(LEAST_HOUSEHOLDS);
    let sum = |of: fn(&CellCount) -> u32| members.iter().map(|&i| u64::from(of(&cells[i]))).sum::<u64>();
    if is_small(sum(|cell| cell.count), sum(|cell| cell.households)) {
        return None;
    }
    let (small, mut shown): (Vec<usize>, Vec<usize>) =
        members.iter().partition(|&&i| is_small(cells[i].count.into(), cells[i].households.into()));
    if small.is_empty() {
        return Some(shown);
    }
    // The next helper stands last.
    shown.sort_by_key(|&i| std::cmp::Reverse((cells[i].households, i)));
    let mut slack: u64 = small.iter().map(|&i| u64::from(cells[i].count)).sum();
    loop {
        slack += u64::from(cells[shown.pop()?].count - LEAST_COUNT);
        if slack >= SLACK {
            return Some(shown);
        }
    }
}

/// The finest resolution of 10 to 7 at which more than half of the cells with anybody counted are shown; 7 if none is.
#[must_use]
pub fn best_resolution(mut cells_at: impl FnMut(Resolution) -> Vec<CellCount>) -> Resolution {
    let resolution = |number: u8| Resolution::try_from(number).expect("7 to 10 are resolutions");
    let most_are_shown = |resolution: &Resolution| {
        let cells = cells_at(*resolution);
        let shown = disclose(&cells).cells.iter().filter(|cell| **cell != Disclosed::Suppressed).count();
        2 * shown > cells.iter().filter(|cell| cell.count > 0).count()
    };
    (8..=10).rev().map(resolution).find(most_are_shown).unwrap_or_else(|| resolution(7))
}

/// The band of a count that may be shown; `None` below [`LEAST_COUNT`].
#[must_use]
pub const fn band(count: u32) -> Option<Band> {
    match count {
        0..LEAST_COUNT => None,
        LEAST_COUNT..10 => Some(Band::FromFive),
        10..20 => Some(Band::FromTen),
        20..50 => Some(Band::FromTwenty),
        50.. => Some(Band::FromFifty),
    }
}

/// The bucket of a walk.
#[must_use]
pub fn walking_bucket(walk: Seconds) -> WalkingBucket {
    let minutes = walk.0 / 60.0;
    if minutes < 5.0 {
        WalkingBucket::UnderFive
    } else if minutes < 10.0 {
        WalkingBucket::FiveToTen
    } else if minutes < 15.0 {
        WalkingBucket::TenToFifteen
    } else if minutes < 20.0 {
        WalkingBucket::FifteenToTwenty
    } else {
        WalkingBucket::OverTwenty
    }
}

#[cfg(test)]
mod tests;

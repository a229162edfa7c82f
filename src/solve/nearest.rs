//! Choosing the closest suitable volunteers for one case, and saying why each other one is left out.
//!
//! A volunteer is suitable when active, with a free place, and within his or her own longest walk. The first constraint
//! that fails, in the order of [`Reason`], is the one that is told.

use crate::domain::closed_list::closed_list;

closed_list!(
    /// Why a volunteer is not among the matches.
    Reason {
        Inactive = "inactive",
        Full = "full",
        Unlocated = "unlocated",
        Unsnappable = "unsnappable",
        Unreachable = "unreachable",
        TooFar = "too_far",
        BeyondK = "beyond_k",
    }
);

/// How a walk to the case looks from one volunteer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalkCost {
    /// Nobody knows where the volunteer starts.
    Unlocated,
    /// The volunteer lives too far from any street.
    Unsnappable,
    /// No street leads from one to the other.
    Unreachable,
    /// Walking time, in the network's ticks.
    Ticks(u32),
}

/// What the choice needs to know of one volunteer. Index i of the list is volunteer i, in the order of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Takes new cases.
    pub active: bool,
    /// Free places.
    pub free: u32,
    /// Longest walk agreed to, in ticks.
    pub limit: u32,
    /// The walk.
    pub cost: WalkCost,
}

/// The chosen and the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Indices, nearest first; equal walks in the order of the list.
    pub chosen: Vec<usize>,
    /// Indices in the order of the list, each with the first constraint that failed.
    pub left_out: Vec<(usize, Reason)>,
}

fn failure(candidate: &Candidate) -> Result<u32, Reason> {
    if !candidate.active {
        return Err(Reason::Inactive);
    }
    if candidate.free == 0 {
        return Err(Reason::Full);
    }
    match candidate.cost {
        WalkCost::Unlocated => Err(Reason::Unlocated),
        WalkCost::Unsnappable => Err(Reason::Unsnappable),
        WalkCost::Unreachable => Err(Reason::Unreachable),
        WalkCost::Ticks(ticks) if ticks > candidate.limit => Err(Reason::TooFar),
        WalkCost::Ticks(ticks) => Ok(ticks),
    }
}

/// The `k` suitable candidates with the shortest walk. O(n log n).
#[must_use]
pub fn choose(candidates: &[Candidate], k: usize) -> Choice {
    let mut suitable = Vec::new();
    let mut left_out = Vec::new();
    for (i, candidate) in candidates.iter().enumerate() {
        match failure(candidate) {
            Ok(ticks) => suitable.push((ticks, i)),
            Err(reason) => left_out.push((i, reason)),
        }
    }
    suitable.sort_unstable();
    left_out.extend(suitable.iter().skip(k).map(|&(_, i)| (i, Reason::BeyondK)));
    left_out.sort_unstable();
    Choice { chosen: suitable.iter().take(k).map(|&(_, i)| i).collect(), left_out }
}

/// Whether a choice is right: everybody is in it once, only suitable candidates are chosen, and nobody left out for
/// being beyond k walks less than somebody chosen.
#[must_use]
pub fn check(candidates: &[Candidate], k: usize, choice: &Choice) -> bool {
    let mut seen: Vec<usize> = choice.chosen.iter().copied().chain(choice.left_out.iter().map(|l| l.0)).collect();
    seen.sort_unstable();
    let walks: Option<Vec<(u32, usize)>> =
        choice.chosen.iter().map(|&i| Some((failure(candidates.get(i)?).ok()?, i))).collect();
    let Some(walks) = walks else { return false };
    seen.iter().copied().eq(0..candidates.len())
        && walks.is_sorted()
        && walks.len() <= k
        && choice.left_out.iter().all(|&(i, reason)| match failure(&candidates[i]) {
            Err(failed) => reason == failed,
            Ok(ticks) => reason == Reason::BeyondK && walks.len() == k && walks.last().is_none_or(|w| *w <= (ticks, i)),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let cost = prop_oneof![
            Just(WalkCost::Unlocated),
            Just(WalkCost::Unsnappable),
            Just(WalkCost::Unreachable),
            (0_u32..20).prop_map(WalkCost::Ticks)
        ];
        prop::collection::vec(
            (any::<bool>(), 0_u32..3, 0_u32..20, cost).prop_map(|(active, free, limit, cost)| Candidate {
                active,
                free,
                limit,
                cost,
            }),
            0..20,
        )
    }

    proptest! {
        #[test]
        fn every_choice_passes_its_checker(candidates in candidates(), k in 0_usize..6) {
            let choice = choose(&candidates, k);
            prop_assert!(check(&candidates, k, &choice));
        }

        #[test]
        fn the_checker_refuses_a_choice_that_drops_its_first(candidates in candidates(), k in 1_usize..6) {
            let mut choice = choose(&candidates, k);
            if !choice.chosen.is_empty() {
                let dropped = choice.chosen.remove(0);
                choice.left_out.push((dropped, Reason::BeyondK));
                prop_assert!(!check(&candidates, k, &choice));
            }
        }
    }
}

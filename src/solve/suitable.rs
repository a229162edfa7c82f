//! Which volunteers suit one case, in what order, and why each other one does not.
//!
//! What cannot be passed over comes first: each constraint that fails is told, in the order of [`Reason`]. Who is left is
//! ranked by points, fewest first; a point is a second of walking. The weights are published: `docs/MATCHING.md`.

use crate::domain::closed_list::closed_list;

closed_list!(
    /// Why a volunteer is not among the matches.
    Reason {
        Inactive = "inactive",
        NotCleared = "not_cleared",
        Absent = "absent",
        Conflict = "conflict",
        SameHousehold = "same_household",
        Declined = "declined",
        Need = "need",
        Language = "language",
        Full = "full",
        Unlocated = "unlocated",
        Unsnappable = "unsnappable",
        Unreachable = "unreachable",
        TooFar = "too_far",
        Excluded = "excluded",
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
    /// Walking time, in the network's ticks of 0.1 ms.
    Ticks(u32),
}

/// Points for each person whom a volunteer has already: nobody carries it all.
pub const LOAD_POINTS: i32 = 45;
/// Points for knowing the person from before.
pub const KNOWS_PERSON_POINTS: i32 = -180;
/// Points for visiting somebody at the same address.
pub const KNOWS_BUILDING_POINTS: i32 = -60;
/// Points when the person's first language is not the volunteer's.
pub const OTHER_LANGUAGE_POINTS: i32 = 90;
/// So long after a new case a volunteer is given some rest, in days.
pub const REST_DAYS: i32 = 28;
/// Points for each day of that rest that is left.
pub const REST_POINTS: i32 = 3;

/// What makes a volunteer more or less suited, beside the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traits {
    /// People whom the volunteer has already.
    pub load: u32,
    /// Has accompanied this person before.
    pub knows_person: bool,
    /// Visits somebody at the same address.
    pub knows_building: bool,
    /// The person's first language is not one of the volunteer's.
    pub other_language: bool,
    /// Days since the volunteer took the last case; `None` when never, or unknown.
    pub days_since: Option<u32>,
}

/// The points of a volunteer, term by term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Points {
    /// Seconds of walking, rounded up.
    pub walk: i32,
    /// [`LOAD_POINTS`] for each person.
    pub load: i32,
    /// [`KNOWS_PERSON_POINTS`], [`KNOWS_BUILDING_POINTS`] or 0.
    pub continuity: i32,
    /// [`OTHER_LANGUAGE_POINTS`] or 0.
    pub language: i32,
    /// [`REST_POINTS`] for each day of rest that is left.
    pub rest: i32,
}

impl Points {
    /// The points of a walk in ticks by somebody with these traits.
    #[must_use]
    pub fn of(ticks: u32, traits: Traits) -> Self {
        let days = traits.days_since.map_or(REST_DAYS, |days| i32::try_from(days).unwrap_or(REST_DAYS));
        Self {
            walk: ticks.div_ceil(10_000) as i32,
            load: LOAD_POINTS * i32::try_from(traits.load).unwrap_or(i32::from(u16::MAX)),
            continuity: match traits {
                Traits { knows_person: true, .. } => KNOWS_PERSON_POINTS,
                Traits { knows_building: true, .. } => KNOWS_BUILDING_POINTS,
                _ => 0,
            },
            language: if traits.other_language { OTHER_LANGUAGE_POINTS } else { 0 },
            rest: REST_POINTS * (REST_DAYS - days).max(0),
        }
    }

    /// Their sum; the fewest come first.
    #[must_use]
    pub const fn total(self) -> i32 {
        self.walk + self.load + self.continuity + self.language + self.rest
    }

    /// The sum as a cost that is never negative: the same constant is added to each.
    #[must_use]
    pub const fn cost(self) -> u32 {
        (self.total() - KNOWS_PERSON_POINTS) as u32
    }
}

/// What the choice needs to know of one volunteer. Index i of the list is volunteer i, in the order of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Constraints that fail and have nothing to do with walks or places.
    pub barred: Vec<Reason>,
    /// Free places.
    pub free: u32,
    /// Longest walk agreed to, in ticks.
    pub limit: u32,
    /// The walk.
    pub walk: WalkCost,
    /// What else counts.
    pub traits: Traits,
}

impl Candidate {
    /// Every constraint that fails, in the order of [`Reason`].
    #[must_use]
    pub fn failures(&self) -> Vec<Reason> {
        let mut failures = self.barred.clone();
        if self.free == 0 {
            failures.push(Reason::Full);
        }
        failures.extend(match self.walk {
            WalkCost::Unlocated => Some(Reason::Unlocated),
            WalkCost::Unsnappable => Some(Reason::Unsnappable),
            WalkCost::Unreachable => Some(Reason::Unreachable),
            WalkCost::Ticks(ticks) => (ticks > self.limit).then_some(Reason::TooFar),
        });
        failures.sort_unstable();
        failures.dedup();
        failures
    }

    /// The points; `None` for a walk that does not exist.
    #[must_use]
    pub fn points(&self) -> Option<Points> {
        if let WalkCost::Ticks(ticks) = self.walk { Some(Points::of(ticks, self.traits)) } else { None }
    }

    /// In which order the suitable come: by points, then by walk.
    fn rank(&self) -> Option<(i32, u32)> {
        let WalkCost::Ticks(ticks) = self.walk else { return None };
        Some((Points::of(ticks, self.traits).total(), ticks))
    }
}

/// The chosen and the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Indices, fewest points first; equals by walk, then in the order of the list.
    pub chosen: Vec<usize>,
    /// Indices in the order of the list, each with every constraint that failed, the first one first.
    pub left_out: Vec<(usize, Vec<Reason>)>,
}

/// The `k` best of the suitable candidates. O(n log n).
#[must_use]
pub fn choose(candidates: &[Candidate], k: usize) -> Choice {
    let mut suitable = Vec::new();
    let mut left_out = Vec::new();
    for (i, candidate) in candidates.iter().enumerate() {
        let failures = candidate.failures();
        match candidate.rank().filter(|_| failures.is_empty()) {
            Some(rank) => suitable.push((rank, i)),
            None => left_out.push((i, failures)),
        }
    }
    suitable.sort_unstable();
    left_out.extend(suitable.iter().skip(k).map(|&(_, i)| (i, vec![Reason::BeyondK])));
    left_out.sort_unstable();
    Choice { chosen: suitable.iter().take(k).map(|&(_, i)| i).collect(), left_out }
}

/// Whether a choice is right: everybody is in it once, only suitable candidates are chosen, and nobody left out for
/// being beyond k suits better than somebody chosen.
#[must_use]
pub fn check(candidates: &[Candidate], k: usize, choice: &Choice) -> bool {
    let mut seen: Vec<usize> = choice.chosen.iter().copied().chain(choice.left_out.iter().map(|l| l.0)).collect();
    seen.sort_unstable();
    let suits = |i: usize| candidates.get(i).filter(|c| c.failures().is_empty()).and_then(|c| Some((c.rank()?, i)));
    let ranks: Option<Vec<_>> = choice.chosen.iter().map(|&i| suits(i)).collect();
    let Some(ranks) = ranks else { return false };
    seen.iter().copied().eq(0..candidates.len())
        && ranks.is_sorted()
        && ranks.len() <= k
        && choice.left_out.iter().all(|(i, reasons)| match suits(*i) {
            None => *reasons == candidates[*i].failures() && !reasons.is_empty(),
            Some(rank) => {
                reasons[..] == [Reason::BeyondK] && ranks.len() == k && ranks.last().is_none_or(|last| *last <= rank)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let walk = prop_oneof![
            Just(WalkCost::Unlocated),
            Just(WalkCost::Unsnappable),
            Just(WalkCost::Unreachable),
            (0_u32..20_000_000).prop_map(WalkCost::Ticks)
        ];
        let barred = prop::sample::subsequence(vec![Reason::Inactive, Reason::Absent, Reason::Language], 0..=2);
        let traits = (0_u32..7, any::<[bool; 3]>(), prop::option::of(0_u32..60)).prop_map(|(load, is, days_since)| {
            let [knows_person, knows_building, other_language] = is;
            Traits { load, knows_person, knows_building, other_language, days_since }
        });
        let barred = prop_oneof![3 => Just(Vec::new()), 1 => barred];
        let one = (barred, 0_u32..3, 0_u32..20_000_000, walk, traits)
            .prop_map(|(barred, free, limit, walk, traits)| Candidate { barred, free, limit, walk, traits });
        prop::collection::vec(one, 0..20)
    }

    #[test]
    fn each_term_counts_as_it_is_published() {
        let new = Points::of(4_205_000, Traits::default());
        assert_eq!(new, Points { walk: 421, ..Points::default() });
        let busy =
            Traits { load: 3, knows_building: true, other_language: true, days_since: Some(8), ..Traits::default() };
        let points = Points::of(0, busy);
        assert_eq!(points, Points { walk: 0, load: 135, continuity: -60, language: 90, rest: 60 });
        assert_eq!(points.total(), 225);
        let dear = Points::of(0, Traits { knows_person: true, knows_building: true, ..Traits::default() });
        assert_eq!((dear.total(), dear.cost()), (-180, 0));
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
                choice.left_out.push((dropped, vec![Reason::BeyondK]));
                prop_assert!(!check(&candidates, k, &choice));
            }
        }
    }
}

//! What somebody told of a person on one day. The case is the person; a report is one telling of it, and whoever told it
//! stands apart from both.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::case::{ReportChannel, Sign};
use super::closed_list::closed_list;

/// Key of a report in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportId(pub i64);

closed_list!(
    /// How the person moves.
    Mobility { Autonome = "autonome", AvecAide = "avec_aide", NeSortPas = "ne_sort_pas", Inconnue = "inconnue" }
);

/// The largest household that is believed.
pub const PEOPLE_MAX: u32 = 30;

/// Who told it, as far as they said. Personal data of somebody else than the person concerned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reporter {
    /// Name; may be empty.
    pub name: String,
    /// As written; may be empty.
    pub phone: String,
    /// What they are to the person, e.g. `voisine du dessus`; may be empty.
    pub relation: String,
}

/// One report. Personal data: not `Serialize`, leaves only through a view that `service` builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When it was written down.
    pub at: DateTime<Utc>,
    /// Through whom it came.
    pub channel: ReportChannel,
    /// What was seen, objective, at most [`super::case::NOTES_MAX_CHARS`] characters.
    pub seen: String,
    /// Signs that were noticed.
    pub signs: BTreeSet<Sign>,
    /// What was done at once about a danger; empty without one.
    pub danger_action: String,
    /// Who told it.
    pub reporter: Reporter,
    /// The account that typed it; `None` from the command line or when the account is gone.
    pub account: Option<i64>,
}

/// With how many the person lives, and how the person moves. Personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Household {
    /// How the person moves.
    pub mobility: Mobility,
    /// People in the household, 1..=[`PEOPLE_MAX`]; `None` when nobody knows.
    pub people: Option<u32>,
}

impl Household {
    /// Nothing is known of it.
    pub const UNKNOWN: Self = Self { mobility: Mobility::Inconnue, people: None };

    /// What is known, completed with what somebody else knows.
    #[must_use]
    pub fn completed(self, other: Self) -> Self {
        Self {
            mobility: if self.mobility == Mobility::Inconnue { other.mobility } else { self.mobility },
            people: self.people.or(other.people),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_household_is_completed_and_never_overwritten() {
        let helped = Household { mobility: Mobility::AvecAide, people: None };
        let two = Household { mobility: Mobility::Autonome, people: Some(2) };
        assert_eq!(helped.completed(two), Household { mobility: Mobility::AvecAide, people: Some(2) });
        assert_eq!(Household::UNKNOWN.completed(two), two);
        assert_eq!(two.completed(Household::UNKNOWN), two);
    }
}

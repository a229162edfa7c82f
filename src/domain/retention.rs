//! How long things are kept, whose time has come, and what proves that they are gone.
//!
//! References: CNIL, *Référentiel relatif à la gestion des activités sociales et médico-sociales* (deliberation 2021-028):
//! two years after the last contact; CNIL, recommendation on logging (deliberation 2021-122): six months to a year.

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::case::CaseState;

/// A request of a person concerned is kept this many years after it was answered, to be able to show that it was: the time
/// within which somebody may go to court (French civil code, article 2224).
pub const REQUEST_YEARS: u32 = 5;

/// What an installation may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durations {
    /// A case goes this many years after the last contact; 1..=10.
    pub years: u32,
    /// The trail is kept for this many whole months; 6..=12.
    pub audit_months: u32,
    /// The keyed hash of somebody who refused gives a warning for this many months; 1..=120.
    pub opposition_months: u32,
}

impl Default for Durations {
    fn default() -> Self {
        Self { years: 2, audit_months: 12, opposition_months: 24 }
    }
}

impl Durations {
    /// A case whose last contact is on this day or before it goes.
    #[must_use]
    pub fn cutoff(&self, today: NaiveDate) -> NaiveDate {
        today.checked_sub_months(Months::new(12 * self.years)).unwrap_or(NaiveDate::MIN)
    }

    /// The first month of the trail that is kept, e.g. `2025-11`.
    #[must_use]
    pub fn first_month_kept(&self, today: NaiveDate) -> String {
        let first = today.checked_sub_months(Months::new(self.audit_months)).unwrap_or(NaiveDate::MIN);
        first.format("%Y-%m").to_string()
    }

    /// A request that was answered before this day goes.
    #[must_use]
    pub fn requests_kept_from(&self, today: NaiveDate) -> NaiveDate {
        today.checked_sub_months(Months::new(12 * REQUEST_YEARS)).unwrap_or(NaiveDate::MIN)
    }

    /// A notice of before this day goes with the trail that tells the same, once it was seen.
    #[must_use]
    pub fn notices_kept_from(&self, today: NaiveDate) -> NaiveDate {
        today.checked_sub_months(Months::new(self.audit_months)).unwrap_or(NaiveDate::MIN)
    }

    /// The last day on which an opposition that is recorded today gives a warning.
    #[must_use]
    pub fn opposition_expires(&self, today: NaiveDate) -> NaiveDate {
        today.checked_add_months(Months::new(self.opposition_months)).unwrap_or(NaiveDate::MAX)
    }
}

/// The days of a case that retention looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseDays {
    /// Where the case stands.
    pub state: CaseState,
    /// Day of the report.
    pub reported_on: NaiveDate,
    /// Day on which the person was told.
    pub informed_on: Option<NaiveDate>,
    /// Day of the last contact.
    pub last_contact_on: Option<NaiveDate>,
}

/// What retention says of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Its time has not come.
    Kept,
    /// Its time has come, but somebody still visits: a person looks at it first, for its dates are probably wrong.
    StillFollowed,
    /// It goes.
    Goes,
}

impl CaseDays {
    /// The last day on which something happened with the person.
    #[must_use]
    pub fn last_on(&self) -> NaiveDate {
        let others = [self.informed_on, self.last_contact_on];
        others.into_iter().flatten().fold(self.reported_on, NaiveDate::max)
    }

    /// Whether the case goes at this cut-off, whatever its state, unless somebody still visits.
    #[must_use]
    pub fn due(&self, cutoff: NaiveDate) -> Due {
        if self.last_on() > cutoff {
            Due::Kept
        } else if self.state.takes_a_place() {
            Due::StillFollowed
        } else {
            Due::Goes
        }
    }
}

/// What was looked for after a purge, where, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// Persons erased.
    pub cases: usize,
    /// Ciphertexts, blind indexes and references that were noted before and looked for after.
    pub needles: usize,
    /// How many of them were found again: 0, or something is wrong.
    pub found: usize,
    /// Each place with what was read there and found, in French.
    pub places: Vec<String>,
    /// What the program cannot reach, in French.
    pub remarks: Vec<String>,
    /// When cases were exported to files since the oldest of these persons was reported.
    pub exports_at: Vec<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day")
    }

    fn case(state: CaseState) -> CaseDays {
        CaseDays { state, reported_on: day(2024, 1, 10), informed_on: None, last_contact_on: None }
    }

    #[test]
    fn the_last_contact_counts_whichever_it_was() {
        let told = CaseDays { informed_on: Some(day(2024, 2, 1)), ..case(CaseState::Closed) };
        assert_eq!(told.last_on(), day(2024, 2, 1));
        assert_eq!(CaseDays { last_contact_on: Some(day(2025, 5, 5)), ..told }.last_on(), day(2025, 5, 5));
        assert_eq!(CaseDays { last_contact_on: Some(day(2020, 1, 1)), ..told }.last_on(), day(2024, 2, 1));
    }

    #[test]
    fn the_day_itself_goes_and_the_day_after_stays() {
        let durations = Durations::default();
        assert_eq!(case(CaseState::Reported).due(durations.cutoff(day(2026, 1, 10))), Due::Goes);
        assert_eq!(case(CaseState::Reported).due(durations.cutoff(day(2026, 1, 9))), Due::Kept);
        assert_eq!(durations.cutoff(day(2028, 2, 29)), day(2026, 2, 28));
    }

    #[test]
    fn whoever_is_still_visited_does_not_go_and_everybody_else_does() {
        for state in CaseState::ALL {
            let expected = if state.takes_a_place() { Due::StillFollowed } else { Due::Goes };
            assert_eq!(case(*state).due(day(2026, 1, 1)), expected, "{state}");
        }
    }

    #[test]
    fn a_request_is_kept_five_years_after_its_answer_and_a_notice_as_long_as_the_trail() {
        let durations = Durations { audit_months: 6, ..Durations::default() };
        assert_eq!(durations.requests_kept_from(day(2026, 11, 23)), day(2021, 11, 23));
        assert_eq!(durations.notices_kept_from(day(2026, 11, 23)), day(2026, 5, 23));
    }

    #[test]
    fn whole_months_of_the_trail_are_kept() {
        let durations = Durations { audit_months: 6, ..Durations::default() };
        assert_eq!(durations.first_month_kept(day(2026, 11, 30)), "2026-05");
        assert_eq!(durations.first_month_kept(day(2026, 8, 31)), "2026-02");
        assert_eq!(Durations::default().first_month_kept(day(2026, 11, 1)), "2025-11");
    }
}

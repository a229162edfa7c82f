//! The rights of the persons concerned: what may be asked for, and until when it is answered.
//!
//! A month is counted as Regulation (EEC, Euratom) 1182/71, article 3 does: it ends on the day of the same number, or on
//! the last day of a month that has no such day. A deadline on a Sunday or holiday may lawfully be met the day after; here
//! it is not moved, so that nobody is late for having counted on it.

use chrono::{Months, NaiveDate};

use super::closed_list::closed_list;

closed_list!(
    /// What a person asks for (GDPR, articles 15, 16, 17 and 21).
    RequestKind {
        Access = "access",
        Rectification = "rectification",
        Erasure = "erasure",
        Opposition = "opposition",
    }
);

impl RequestKind {
    /// Whether carrying it out erases the person.
    #[must_use]
    pub const fn erases(self) -> bool {
        matches!(self, Self::Erasure | Self::Opposition)
    }
}

closed_list!(
    /// How a request ended.
    RequestOutcome { Granted = "granted", Refused = "refused" }
);

closed_list!(
    /// Why somebody was erased.
    ErasureReason {
        Erasure = "erasure",
        Opposition = "opposition",
        Refusal = "refusal",
        Retention = "retention",
    }
);

/// The last day of the month that begins with `day`: to answer a request (GDPR, article 12.3), or to tell a person of a
/// report made by somebody else (article 14.3).
#[must_use]
pub fn one_month_after(day: NaiveDate) -> NaiveDate {
    day.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

/// Days until a deadline; negative when it has passed.
#[must_use]
pub fn days_left(due_on: NaiveDate, today: NaiveDate) -> i64 {
    (due_on - today).num_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day")
    }

    #[test]
    fn a_month_ends_on_the_same_number_or_on_the_last_day() {
        assert_eq!(one_month_after(day(2026, 11, 23)), day(2026, 12, 23));
        assert_eq!(one_month_after(day(2027, 1, 31)), day(2027, 2, 28));
        assert_eq!(one_month_after(day(2028, 1, 30)), day(2028, 2, 29));
        assert_eq!(one_month_after(day(2026, 12, 31)), day(2027, 1, 31));
        assert_eq!(one_month_after(NaiveDate::MAX), NaiveDate::MAX);
    }

    #[test]
    fn the_last_day_is_still_in_time() {
        assert_eq!(days_left(day(2026, 12, 23), day(2026, 12, 23)), 0);
        assert_eq!(days_left(day(2026, 12, 23), day(2026, 12, 24)), -1);
    }
}

//! The days of the town: an instant is kept in UTC, a day is one of Le Havre's. Between midnight and one o'clock (two in
//! summer) the two differ: what came in today is not of yesterday, and not "still to come".

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Where the town's clocks are.
pub const TIME_ZONE: Tz = chrono_tz::Europe::Paris;

/// The day on which an instant falls in the town.
#[must_use]
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&TIME_ZONE).date_naive()
}

/// The first instant of a day of the town.
#[must_use]
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    // Both changes of the clocks are at one o'clock UTC on a Sunday: midnight there is always one instant.
    TIME_ZONE.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use chrono::{Days, TimeDelta};

    use super::*;

    #[test]
    fn an_instant_late_in_the_evening_utc_is_of_the_next_day_in_the_town() {
        let day = |text: &str| day_of(text.parse().expect("an instant")).to_string();
        assert_eq!(day("2026-11-23T22:59:59Z"), "2026-11-23");
        assert_eq!(day("2026-11-23T23:00:00Z"), "2026-11-24");
        assert_eq!(day("2026-07-01T21:59:59Z"), "2026-07-01");
        assert_eq!(day("2026-07-01T22:00:00Z"), "2026-07-02");
    }

    #[test]
    fn a_day_begins_at_its_first_instant_through_both_changes_of_the_clocks() {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        for day in (0..730).map(|n| first + Days::new(n)) {
            let start = start_of(day);
            assert_eq!(day_of(start), day);
            assert_eq!(day_of(start - TimeDelta::seconds(1)), day - Days::new(1));
        }
    }
}

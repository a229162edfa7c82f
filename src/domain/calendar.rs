//! The days of the town, and its working hours. An instant is kept in UTC, a day is one of Le Havre's: between midnight and
//! one o'clock (two in summer) the two differ, and what came in today is not of yesterday, nor "still to come".
//!
//! Business time is Monday to Friday, 08:00 to 17:00 on the town's clocks, without French public holidays (Code du travail,
//! article L3133-1). The clocks change on Sundays, so each business day has nine whole hours.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
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

/// When the desk opens and closes, on the town's clocks.
const HOURS: [u32; 2] = [8, 17];

/// Easter Sunday of a year of the Gregorian calendar (Butcher's rule; Meeus, *Astronomical Algorithms*, 1991, ch. 8).
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let at = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, (at / 31) as u32, (at % 31 + 1) as u32)
}

/// Whether a day is a public holiday in the whole of France.
#[must_use]
pub fn is_public_holiday(day: NaiveDate) -> bool {
    const FIXED: [(u32, u32); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    // Easter Monday, Ascension Day, Whit Monday.
    const AFTER_EASTER: [i64; 3] = [1, 39, 50];
    FIXED.contains(&(day.month(), day.day()))
        || easter(day.year()).is_some_and(|easter| AFTER_EASTER.contains(&(day - easter).num_days()))
}

/// Whether the desk is open on a day at all.
#[must_use]
pub fn is_business_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_public_holiday(day)
}

/// When the desk opens and closes on a business day.
fn hours_of(day: NaiveDate) -> Option<[DateTime<Utc>; 2]> {
    if !is_business_day(day) {
        return None;
    }
    let at = |hour| {
        let local = day.and_hms_opt(hour, 0, 0)?;
        TIME_ZONE.from_local_datetime(&local).single().map(|at| at.to_utc())
    };
    Some([at(HOURS[0])?, at(HOURS[1])?])
}

/// The instant at which so much business time has passed since another: the first one, when it falls on a closing hour.
///
/// From outside business time it counts from the next opening. Nothing to wait for is over at once.
#[must_use]
pub fn after_business_time(from: DateTime<Utc>, wait: TimeDelta) -> DateTime<Utc> {
    let mut left = wait;
    if left <= TimeDelta::zero() {
        return from;
    }
    let mut day = day_of(from);
    loop {
        if let Some([opens, closes]) = hours_of(day) {
            let begins = opens.max(from);
            if closes - begins >= left {
                return begins + left;
            }
            left -= (closes - begins).max(TimeDelta::zero());
        }
        day = match day.checked_add_days(Days::new(1)) {
            Some(next) => next,
            None => return DateTime::<Utc>::MAX_UTC,
        };
    }
}

/// Business time between two instants; nothing when the second is not later.
#[must_use]
pub fn business_time_between(from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
    let days = day_of(from).iter_days().take_while(|day| *day <= day_of(to));
    let within = days.filter_map(hours_of).map(|[opens, closes]| closes.min(to) - opens.max(from));
    within.filter(|time| *time > TimeDelta::zero()).fold(TimeDelta::zero(), |sum, time| sum + time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

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

    #[test]
    fn the_public_holidays_of_two_years_are_those_of_the_official_calendar() {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        let days: Vec<String> =
            first.iter_days().take(730).filter(|day| is_public_holiday(*day)).map(|day| day.to_string()).collect();
        let expected = [
            "2026-01-01",
            "2026-04-06",
            "2026-05-01",
            "2026-05-08",
            "2026-05-14",
            "2026-05-25",
            "2026-07-14",
            "2026-08-15",
            "2026-11-01",
            "2026-11-11",
            "2026-12-25",
            "2027-01-01",
            "2027-03-29",
            "2027-05-01",
            "2027-05-06",
            "2027-05-08",
            "2027-05-17",
            "2027-07-14",
            "2027-08-15",
            "2027-11-01",
            "2027-11-11",
            "2027-12-25",
        ];
        assert_eq!(days, expected);
    }

    #[test]
    fn easter_falls_where_the_tables_say() {
        for (year, day) in [
            (1961, "1961-04-02"),
            (2000, "2000-04-23"),
            (2008, "2008-03-23"),
            (2011, "2011-04-24"),
            (2038, "2038-04-25"),
            (2285, "2285-03-22"),
        ] {
            assert_eq!(easter(year).expect("a day").to_string(), day);
        }
    }

    #[test]
    fn two_working_days_go_over_a_week_end_a_holiday_and_a_change_of_the_clocks() {
        let wait = TimeDelta::hours(18);
        for (from, to) in [
            // Monday 10:00 → Wednesday 10:00.
            ("2026-11-23T09:00:00Z", "2026-11-25T09:00:00Z"),
            // Friday at closing time counts from Monday's opening → Tuesday 17:00.
            ("2026-11-20T16:00:00Z", "2026-11-24T16:00:00Z"),
            // Saturday night likewise.
            ("2026-11-21T23:30:00Z", "2026-11-24T16:00:00Z"),
            // Friday noon in winter → Tuesday noon in summer time: an hour less on the clock of UTC.
            ("2026-03-27T11:00:00Z", "2026-03-31T10:00:00Z"),
            // And back in autumn.
            ("2026-10-23T10:00:00Z", "2026-10-27T11:00:00Z"),
            // The Wednesday before Ascension Day → Monday.
            ("2026-05-13T08:00:00Z", "2026-05-18T08:00:00Z"),
        ] {
            assert_eq!(after_business_time(at(from), wait), at(to), "{from}");
        }
        assert_eq!(after_business_time(at("2026-11-21T23:30:00Z"), TimeDelta::zero()), at("2026-11-21T23:30:00Z"));
    }

    #[test]
    fn every_minute_of_two_years_adds_what_it_should_and_the_wait_ends_when_it_has_passed() {
        let begin = at("2025-12-31T23:00:00Z");
        let minutes = 2 * 365 * 24 * 60;
        let wait = TimeDelta::hours(18);
        let mut before = after_business_time(begin, wait);
        let mut open_minutes = 0;
        for n in 0..minutes {
            let now = begin + TimeDelta::minutes(n);
            let local = now.with_timezone(&TIME_ZONE).naive_local();
            let is_open = is_business_day(local.date())
                && local.time() >= NaiveTime::from_hms_opt(8, 0, 0).expect("a time")
                && local.time() < NaiveTime::from_hms_opt(17, 0, 0).expect("a time");
            open_minutes += i64::from(is_open);
            let passed = business_time_between(now, now + TimeDelta::minutes(1));
            assert_eq!(passed, TimeDelta::minutes(i64::from(is_open)), "{now}");
            // What is due never moves back, and moves on by a minute just when one has passed.
            let due = after_business_time(now, wait);
            assert!(due >= before, "{now}");
            if n % 97 == 0 {
                assert_eq!(business_time_between(now, due), wait, "{now}");
                assert!(business_time_between(now, due - TimeDelta::minutes(1)) < wait, "{now}");
            }
            before = due;
        }
        assert_eq!(business_time_between(begin, begin + TimeDelta::minutes(minutes)), TimeDelta::minutes(open_minutes));
        // 522 week days of 2026 and 2027, less 16 holidays that fall on one.
        assert_eq!(open_minutes, (522 - 16) * 9 * 60);
    }
}

//! How wrong attempts to sign in are slowed down: a pause that doubles, for an account and for an address; and how often
//! what needs no account may be done.
//!
//! CNIL, recommendation 2022-100: at most 25 attempts a day on one account.

use chrono::TimeDelta;

/// Wrong attempts on one account before the first pause.
pub const ACCOUNT_FREE: u32 = 5;
/// Wrong attempts from one address before the first pause: a whole office may share one.
pub const ADDRESS_FREE: u32 = 20;
/// Wrong codes or receipts from one address before the first pause.
pub const GUESSES_FREE: u32 = 20;
/// Without an attempt for so long, what was wrong before is forgotten.
pub const MEMORY: TimeDelta = TimeDelta::hours(24);
/// The longest pause, in minutes.
const LONGEST_MIN: i64 = 120;

/// How often something may be done within a window of time; what is beyond waits for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// So often.
    pub most: u32,
    /// Within so long. No longer than [`MEMORY`].
    pub window: TimeDelta,
}

/// Reports with one sticker's code: no shop knows of so many people in a day.
pub const REPORTS_OF_A_CODE: Quota = Quota { most: 20, window: TimeDelta::days(1) };
/// Reports from one address, which a whole shopping centre may share.
pub const REPORTS_FROM_AN_ADDRESS: Quota = Quota { most: 30, window: TimeDelta::hours(1) };
/// Reports in all: the desk could not read more, and a stolen sheet of codes fills no database.
pub const REPORTS_IN_ALL: Quota = Quota { most: 300, window: TimeDelta::hours(1) };
/// Wrong codes and receipts in all that are looked at and noted.
pub const GUESSES_IN_ALL: Quota = Quota { most: 1000, window: TimeDelta::hours(1) };

/// The pause after so many wrong attempts, of which `free` cost none.
#[must_use]
pub fn pause(failures: u32, free: u32) -> Option<TimeDelta> {
    let doublings = failures.checked_sub(free)?;
    Some(TimeDelta::minutes(1_i64.checked_shl(doublings.min(8)).unwrap_or(LONGEST_MIN).min(LONGEST_MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_begins_with_the_fifth_wrong_attempt_and_doubles_to_two_hours() {
        let minutes: Vec<i64> = (0..16).filter_map(|n| pause(n, ACCOUNT_FREE)).map(|p| p.num_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120]);
        assert_eq!(pause(u32::MAX, ACCOUNT_FREE), Some(TimeDelta::minutes(120)));
    }

    #[test]
    fn nobody_tries_more_than_25_times_a_day_on_one_account() {
        let (mut at, mut attempts) = (TimeDelta::zero(), 0);
        while at < TimeDelta::days(1) {
            attempts += 1;
            at += pause(attempts, ACCOUNT_FREE).unwrap_or_default();
        }
        assert!(attempts <= 25, "{attempts}");
    }
}

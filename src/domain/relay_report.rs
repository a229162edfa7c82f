//! Reports of relays, without an account: the code on a sticker, the receipt, and how much of a case's way is told.
//!
//! A code is ten characters of Crockford's base 32 (<https://www.crockford.com/base32.html>), 50 random bits: it is read
//! aloud and typed from a window, so it knows no I, L, O and U, and takes them for what they look like. A receipt is 15
//! random digits and a check digit (Luhn, ISO/IEC 7812-1, annex B): one wrong digit, and nearly every two neighbours that
//! changed places, are told apart from a number that nobody was given.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, TimeDelta};

use super::case::CaseState;
use super::closed_list::closed_list;
use super::relay::{Relay, StickerState};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARS: usize = 10;
const RECEIPT_DIGITS: usize = 16;

/// A receipt is answered, and who reported is known, for so long after the report.
pub const RECEIPT_LIFETIME: TimeDelta = TimeDelta::days(180);

/// The code on a relay's sticker.
#[derive(Clone, PartialEq, Eq)]
pub struct StickerCode(String);

impl StickerCode {
    /// The code of the lowest 50 bits.
    #[must_use]
    pub fn of_bits(bits: u64) -> Self {
        let char_at = |at: usize| char::from(ALPHABET[(bits >> (5 * at)) as usize & 31]);
        Self((0..CODE_CHARS).rev().map(char_at).collect())
    }

    /// Reads a code as somebody types it: small letters, spaces and hyphens, and the letters that look like digits.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(CODE_CHARS);
        for c in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '\u{2011}')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            if code.len() == CODE_CHARS || !u8::try_from(c).is_ok_and(|c| ALPHABET.contains(&c)) {
                return None;
            }
            code.push(c);
        }
        (code.len() == CODE_CHARS).then_some(Self(code))
    }

    /// The ten characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StickerCode {
    /// As it is printed: `7K3QX-M0T9A`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", &self.0[..CODE_CHARS / 2], &self.0[CODE_CHARS / 2..])
    }
}

impl fmt::Debug for StickerCode {
    /// Not the code: it would stand in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StickerCode")
    }
}

/// The number that whoever reported takes away.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    /// The receipt of random bits: so many that each number is as likely as any other.
    #[must_use]
    pub fn of_bits(bits: u128) -> Self {
        let digits = format!("{:015}", bits % 1_000_000_000_000_000);
        let check = (10 - luhn_sum(&format!("{digits}0")) % 10) % 10;
        Self(format!("{digits}{check}"))
    }

    /// Reads a receipt as somebody types it; `None` when it cannot be one, which tells a typing error.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.')).collect();
        let plausible = digits.len() == RECEIPT_DIGITS && digits.bytes().all(|c| c.is_ascii_digit());
        (plausible && luhn_sum(&digits).is_multiple_of(10)).then_some(Self(digits))
    }

    /// The sixteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Receipt {
    /// In groups of four.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", &self.0[..4], &self.0[4..8], &self.0[8..12], &self.0[12..])
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}

/// The sum whose last digit is 0 for a number that is right: every second digit from the right counts double.
fn luhn_sum(digits: &str) -> u32 {
    let value = |(at, digit): (usize, u8)| match (u32::from(digit - b'0'), at % 2) {
        (digit, 0) => digit,
        (digit, _) => digit * 2 / 10 + digit * 2 % 10,
    };
    digits.bytes().rev().enumerate().map(value).sum()
}

closed_list!(
    /// How far a case has come, as far as whoever reported is told.
    Progress {
        Received = "received",
        InProgress = "in_progress",
        Accompanied = "accompanied",
        Closed = "closed",
    }
);

impl Progress {
    /// What is told of a state. Why a case was closed is nobody's but the person's and the city's.
    #[must_use]
    pub const fn of(state: CaseState) -> Self {
        match state {
            CaseState::Reported | CaseState::ToQualify => Self::Received,
            CaseState::Informing | CaseState::Qualified | CaseState::Proposed => Self::InProgress,
            CaseState::Accepted | CaseState::Accompanied | CaseState::Paused => Self::Accompanied,
            CaseState::Closed | CaseState::Archived | CaseState::Purged => Self::Closed,
        }
    }
}

/// The Monday of a day's week: the day itself is not told.
#[must_use]
pub fn week_of(day: NaiveDate) -> NaiveDate {
    let since_monday = Days::new(u64::from(day.weekday().num_days_from_monday()));
    day.checked_sub_days(since_monday).unwrap_or(day)
}

impl Relay {
    /// Whether its sticker's code is taken: from when the sheet is printed until the sticker comes off. A neighbour has no
    /// sticker, and a report in his or her name would name a private person.
    #[must_use]
    pub fn reports_by_code(&self) -> bool {
        let sticks = !matches!(self.sticker, StickerState::Proposed | StickerState::Removed);
        sticks && !self.kind.is_private_person()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_typed_from_a_window() {
        let code = StickerCode::typed("0123456789").expect("a code");
        assert_eq!(code.to_string(), "01234-56789");
        for same in ["o123456789", "OI234-56789", " oL2 34 – 567 89 ", "01234\u{2011}56789"] {
            assert_eq!(StickerCode::typed(same).as_ref(), Some(&code), "{same}");
        }
        for wrong in ["", "012345678", "01234567890", "U123456789", "é123456789", "0123/56789"] {
            assert_eq!(StickerCode::typed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_numbers_of_the_standard_hold_and_neither_number_shows_in_a_log() {
        assert!(Receipt::typed("4539 3195 0343 6467").is_some() && Receipt::typed("8273 1232 7352 0569").is_none());
        let (code, receipt) = (StickerCode::of_bits(7), Receipt::of_bits(7));
        assert_eq!(format!("{code:?} {receipt:?}"), "StickerCode Receipt");
        assert_eq!(receipt.to_string(), "0000 0000 0000 0075");
    }

    #[test]
    fn a_week_is_told_by_its_monday() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for in_it in ["2026-11-23", "2026-11-25", "2026-11-29"] {
            assert_eq!(week_of(day(in_it)), day("2026-11-23"));
        }
        assert_eq!(week_of(day("2026-11-30")), day("2026-11-30"));
    }

    proptest! {
        #[test]
        fn what_was_drawn_is_read_back(bits in any::<u128>()) {
            let code = StickerCode::of_bits(bits as u64);
            prop_assert_eq!(StickerCode::typed(&code.to_string().to_lowercase()), Some(code));
            let receipt = Receipt::of_bits(bits);
            prop_assert_eq!(Receipt::typed(&receipt.to_string()), Some(receipt));
        }

        #[test]
        fn one_wrong_digit_is_told_from_a_number_that_nobody_was_given(
            bits in any::<u128>(), at in 0_usize..16, more in 1_u8..10,
        ) {
            let mut digits = Receipt::of_bits(bits).as_str().as_bytes().to_vec();
            digits[at] = (digits[at] - b'0' + more) % 10 + b'0';
            prop_assert_eq!(Receipt::typed(std::str::from_utf8(&digits).expect("digits")), None);
        }

        #[test]
        fn two_codes_of_other_bits_are_other_codes(a in 0_u64..1 << 50, b in 0_u64..1 << 50) {
            prop_assert_eq!(a == b, StickerCode::of_bits(a) == StickerCode::of_bits(b));
        }
    }
}

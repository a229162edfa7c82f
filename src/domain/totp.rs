//! One-time codes of six digits, a new one every 30 seconds (RFC 6238 over RFC 4226, HMAC-SHA-1 as every phone knows it).

use std::fmt::Write;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Bytes of a secret: as long as the hash (RFC 4226, section 4).
pub const SECRET_BYTES: usize = 20;
/// Seconds that a code lives.
const STEP_S: i64 = 30;
/// Steps before and after the present one that are taken too, for clocks that differ.
const SLACK: i64 = 1;
const DIGITS: u32 = 6;

/// The code of one time step.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let offset = usize::from(hash[19] & 0xf);
    let four = [hash[offset] & 0x7f, hash[offset + 1], hash[offset + 2], hash[offset + 3]];
    format!("{:0width$}", u32::from_be_bytes(four) % 10_u32.pow(DIGITS), width = DIGITS as usize)
}

/// The time step of a moment.
#[must_use]
pub fn step(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(STEP_S)
}

/// The step that a typed code belongs to, later than `last`: no code works twice. Spaces do not count.
#[must_use]
pub fn accepted_step(secret: &[u8], typed: &str, at: DateTime<Utc>, last: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let now = step(at);
    // Every step is compared, whatever the ones before said.
    let mut found = None;
    for step in now - SLACK..=now + SLACK {
        let equal = bool::from(code(secret, step).as_bytes().ct_eq(typed.as_bytes()));
        if equal && step > last && found.is_none() {
            found = Some(step);
        }
    }
    found
}

/// The address that a phone's authenticator reads from a QR code. `secret` is base32 without padding.
#[must_use]
pub fn uri(secret: &str, login: &str) -> String {
    let mut label = String::new();
    for byte in login.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            label.push(char::from(byte));
        } else {
            let _ = write!(label, "%{byte:02X}");
        }
    }
    format!(
        "otpauth://totp/BienVeilleurs:{label}?secret={secret}&issuer=BienVeilleurs&algorithm=SHA1&digits=6&period=30"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a moment")
    }

    #[test]
    fn the_codes_of_rfc_6238_appendix_b_come_out() {
        for (seconds, eight_digits) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code(SECRET, step(at(seconds))), eight_digits[2..], "{seconds}");
        }
    }

    #[test]
    fn the_codes_of_rfc_4226_appendix_d_come_out() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, expected) in codes.iter().enumerate() {
            assert_eq!(code(SECRET, step as i64), *expected);
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_or_late_and_never_twice() {
        let now = at(1_234_567_890);
        let typed = |steps: i64| code(SECRET, step(now) + steps);
        assert_eq!(accepted_step(SECRET, &typed(0), now, 0), Some(step(now)));
        assert_eq!(accepted_step(SECRET, &typed(-1), now, 0), Some(step(now) - 1));
        assert_eq!(accepted_step(SECRET, &typed(1), now, 0), Some(step(now) + 1));
        assert_eq!(accepted_step(SECRET, &typed(2), now, 0), None);
        assert_eq!(accepted_step(SECRET, &typed(-2), now, 0), None);
        assert_eq!(accepted_step(SECRET, &typed(0), now, step(now)), None, "used already");
        assert_eq!(accepted_step(SECRET, &typed(-1), now, step(now)), None, "older than one that was used");
        let spaced = format!(" {} {}", &typed(0)[..3], &typed(0)[3..]);
        assert_eq!(accepted_step(SECRET, &spaced, now, 0), Some(step(now)));
        assert_eq!(accepted_step(SECRET, "", now, 0), None);
    }

    #[test]
    fn a_login_is_written_into_the_address_without_breaking_it() {
        assert_eq!(
            uri("ABC", "zoé & co"),
            "otpauth://totp/BienVeilleurs:zo%C3%A9%20%26%20co?secret=ABC&issuer=BienVeilleurs&algorithm=SHA1&digits=6&period=30"
        );
    }
}

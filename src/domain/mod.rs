//! The words of the field and their rules. No I/O, no JSON, no clock, no randomness.

pub mod access;
pub mod address;
pub mod audit;
pub mod calendar;
pub mod case;
pub mod case_life;
pub mod closed_list;
pub mod input;
pub mod password;
pub mod position;
pub mod quarter;
pub mod relay;
pub mod relay_report;
pub mod report;
pub mod retention;
pub mod rights;
pub mod settings;
pub mod text;
pub mod throttle;
pub mod totp;
pub mod travel;
pub mod units;
pub mod visit;
pub mod volunteer;

//! The words of the field and their rules. No I/O, no JSON, no clock, no randomness.

pub mod address;
pub mod case;
pub mod closed_list;
pub mod input;
pub mod position;
pub mod quarter;
pub mod relay;
pub mod settings;
pub mod text;
pub mod travel;
pub mod units;
pub mod volunteer;

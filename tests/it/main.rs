//! The one integration test binary.

mod access;
mod accounts;
mod app;
mod attacker;
mod canaries;
mod case_life;
mod databases;
mod demonstration;
mod fuzz_corpus;
mod house;
mod http;
mod import_people;
mod intake;
mod keys;
mod quarters;
mod rectification;
mod relay_reports;
mod reports;
mod retention;
mod rights;
mod store_contract;
mod streets;
mod tidy;
mod trail;
mod ways_in;

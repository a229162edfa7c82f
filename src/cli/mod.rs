//! The command line: one file per subcommand.

pub mod error;
pub mod export_people;
pub mod import_addresses;
pub mod import_people;
mod whole_file;

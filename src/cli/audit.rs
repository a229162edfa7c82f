//! `audit verify`, `audit retain`: the trail of who saw what.

use std::io::Write;

use super::error::{CliError, DONE, DONE_IN_PART};
use crate::domain::audit::Author;
use crate::domain::retention::Durations;
use crate::service::trail;
use crate::service::upkeep::{Upkept, upkeep};
use crate::store::{Store, Verification};

/// `audit …`
#[derive(Debug, Clone, clap::Subcommand)]
pub enum AuditCommand {
    /// Read every chain and say what was edited, removed, reordered or inserted; exit code 1 when something was
    Verify,
    /// Let the months go that are older than is kept; the rest can still be verified. Requests that were answered five
    /// years ago, notices as old as the trail and expired hashes of refusals go, too
    Retain(RetainArgs),
}

/// `audit retain`
#[derive(Debug, Clone, clap::Args)]
pub struct RetainArgs {
    /// Keep this many whole months
    #[arg(long, env = "BV_AUDIT_MONTHS", default_value_t = Durations::default().audit_months, value_parser = clap::value_parser!(u32).range(6..=12))]
    pub months: u32,
}

/// What goes beside the trail, in words.
fn print_upkeep(went: Upkept, out: &mut dyn Write) -> std::io::Result<()> {
    let Upkept { oppositions, requests, notices, reporters, forms, proofs } = went;
    writeln!(out, "{requests} answered requests, {notices} notices and {oppositions} expired hashes of refusals gone")?;
    if reporters > 0 {
        writeln!(out, "{reporters} receipts of relays gone, with who reported")?;
    }
    if forms > 0 {
        writeln!(out, "{forms} keys of forms that were sent more than a day ago gone")?;
    }
    if proofs > 0 {
        writeln!(out, "{proofs} erasures without a proof were looked for again: their pages show what was found")?;
    }
    Ok(())
}

/// Runs one of them.
///
/// # Errors
/// [`CliError`] when the database does not answer.
pub async fn run(command: &AuditCommand, store: &Store, by: Author, out: &mut dyn Write) -> Result<u8, CliError> {
    match command {
        AuditCommand::Verify => {
            let found = trail::verify(store, by).await?;
            print(&found, out)?;
            Ok(if found.intact() { DONE } else { DONE_IN_PART })
        }
        AuditCommand::Retain(args) => {
            let durations = Durations { audit_months: args.months, ..Durations::default() };
            // Segments of the trail are months of UTC.
            let first_kept = durations.first_month_kept(by.at.date_naive());
            match trail::retain(store, &first_kept, by).await? {
                Ok(gone) => {
                    writeln!(out, "{gone} rows gone; the trail is kept from {first_kept}")?;
                    print_upkeep(upkeep(store, &durations, by).await?, out)?;
                    Ok(DONE)
                }
                Err(found) => {
                    print(&found, out)?;
                    writeln!(out, "Nothing was let go: what is wrong with the trail must be looked into first.")?;
                    Ok(DONE_IN_PART)
                }
            }
        }
    }
}

fn print(found: &Verification, out: &mut dyn Write) -> std::io::Result<()> {
    for chain in &found.chains {
        let end: String = data_encoding::HEXLOWER.encode(chain.end.get(..8).unwrap_or(&chain.end));
        writeln!(
            out,
            "{}: {} rows, {} to {}, ends with {end}",
            chain.chain_id, chain.rows, chain.first_seq, chain.last_seq
        )?;
    }
    for finding in &found.findings {
        writeln!(out, "{} {}: {} ({})", finding.chain_id, finding.seq, finding.flaw.says(), finding.flaw)?;
    }
    if found.more > 0 {
        writeln!(out, "and {} more", found.more)?;
    }
    if found.intact() {
        writeln!(out, "The trail is intact. An end noted elsewhere shows later that no older copy was put back.")?;
    }
    Ok(())
}

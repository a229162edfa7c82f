//! `match REFERENCE [-k N]`

use std::io::Write;

use super::error::{CliError, DONE};
use crate::domain::audit::Author;
use crate::service::ServiceError;
use crate::service::matching::{entries_of, match_case};
use crate::service::study_area::StudyAreas;

/// Arguments of a match.
#[derive(Debug, Clone, clap::Args)]
pub struct MatchArgs {
    /// The case's reference, e.g. C-0042
    pub reference: String,
    /// How many volunteers to list
    #[arg(short, long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub k: u8,
    /// Farthest street that a position is snapped to, and other choices
    #[command(flatten)]
    pub settings: super::SettingsArgs,
}

/// Prints the closest suitable volunteers and why each other one is left out.
///
/// # Errors
/// [`CliError`] when there is no such case, no street network, or the database does not answer.
pub async fn run(args: &MatchArgs, areas: &StudyAreas, by: Author, out: &mut dyn Write) -> Result<u8, CliError> {
    let area = areas.fresh().await?;
    let case = area.cases().iter().find(|(_, c)| c.reference == args.reference);
    let (id, _) = case.ok_or(ServiceError::NotFound("case"))?;
    let view = match_case(&area, *id, usize::from(args.k), by.today())?;
    areas.store().record(&entries_of(&view, by)).await?;
    if view.danger {
        writeln!(
            out,
            "{}: a sign of danger keeps this case out of every matching until a person clears it",
            args.reference
        )?;
    } else if !view.open {
        writeln!(out, "{}: this case is closed", args.reference)?;
    } else if view.located != "ok" {
        writeln!(
            out,
            "{}: {} (no position, or no street within {} m of it)",
            args.reference, view.located, area.settings.snap_m
        )?;
    }
    for (i, found) in view.matches.iter().enumerate() {
        writeln!(
            out,
            "{}. {} — {:.1} min on foot, {:.0} m, {} free",
            i + 1,
            found.name,
            found.duration_s / 60.0,
            found.length_m,
            found.free
        )?;
    }
    for left in &view.left_out {
        let walk = left.duration_s.map_or_else(String::new, |s| format!(" ({:.1} min)", s / 60.0));
        writeln!(out, "-  {} — {}{walk}", left.name, left.reason)?;
    }
    Ok(DONE)
}

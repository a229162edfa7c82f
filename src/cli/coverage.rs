//! `coverage [--by volunteer|relay] [--threshold-min M] [--profile P]`

use std::io::Write;

use super::error::{CliError, DONE};
use crate::domain::audit::{Act, Author, Resource};
use crate::domain::travel::TravelProfile;
use crate::service::coverage::{CoverageQuery, coverage_view};
use crate::service::study_area::{CoveredBy, Homes, StudyAreas};
use crate::service::views::FiguresView;

/// Who covers.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum By {
    /// Volunteers with a free place
    Volunteer,
    /// Shops with a sticker
    Relay,
}

/// Arguments of the coverage.
#[derive(Debug, Clone, clap::Args)]
pub struct CoverageArgs {
    /// Who covers
    #[arg(long, value_enum, default_value = "volunteer")]
    pub by: By,
    /// Covered within this walk, in minutes [default: 10 for volunteers, 5 for relays]
    #[arg(long, value_parser = super::minutes)]
    pub threshold_min: Option<f64>,
    /// How they walk: foot or `reduced_mobility`
    #[arg(long, default_value = "foot")]
    pub profile: TravelProfile,
    /// The installation's choices
    #[command(flatten)]
    pub settings: super::SettingsArgs,
}

/// Prints the figures per quarter and the twenty streets with the longest uncovered length.
///
/// # Errors
/// [`CliError`] without streets, or when the database does not answer.
pub async fn run(args: &CoverageArgs, areas: &StudyAreas, by: Author, out: &mut dyn Write) -> Result<u8, CliError> {
    let area = areas.fresh().await?;
    let (covered_by, default) = match args.by {
        By::Volunteer => (CoveredBy::Volunteer, area.settings.volunteer_threshold_min),
        By::Relay => (CoveredBy::Relay, area.settings.relay_threshold_min),
    };
    let query = CoverageQuery {
        by: covered_by,
        threshold_min: args.threshold_min.unwrap_or(default),
        profile: args.profile,
        homes: Homes::Exact,
    };
    let view = coverage_view(&area, query)?;
    // Computed from exact homes, it gives them away.
    if covered_by == CoveredBy::Volunteer {
        let entry = by.entry(Act::List, Resource::Volunteers).over(area.covering());
        areas.store().record(&[entry]).await?;
    }
    let line = |out: &mut dyn Write, name: &str, f: &FiguresView| {
        writeln!(
            out,
            "{name:<40} {:>12.3} {:>12.3} {:>12.3} {:>6.1} % {:>6} of {:>6}",
            f.total_m,
            f.covered_m,
            f.uncovered_m,
            f.uncovered_share * 100.0,
            f.addresses_uncovered,
            f.addresses
        )
    };
    writeln!(
        out,
        "{:<40} {:>12} {:>12} {:>12} {:>8} {:>16}",
        "", "total m", "covered m", "uncovered m", "", "addresses"
    )?;
    line(out, "all quarters", &view.total)?;
    for quarter in &view.quarters {
        line(out, &quarter.name, &quarter.figures)?;
    }
    writeln!(out)?;
    for street in view.streets.iter().filter(|s| s.figures.uncovered_m > 0.0).take(20) {
        line(out, &format!("{} ({})", street.name.as_deref().unwrap_or("(no name)"), street.quarter), &street.figures)?;
    }
    Ok(DONE)
}

//! What was reported of somebody, each time, built for the one who looks: whoever told it is for those who take reports.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::layers::whose_case;
use super::study_area::StudyAreas;
use super::viewer::Viewer;
use crate::domain::access::{Fields, Record};
use crate::domain::audit::{Act, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::report::{Report, ReportId};

/// Who told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReporterView {
    /// Name; may be empty.
    name: String,
    /// As written; may be empty.
    phone: String,
    /// What they are to the person; may be empty.
    relation: String,
}

/// One report. What the viewer may not see is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportView {
    /// Key.
    id: i64,
    /// When it was written down.
    at: DateTime<Utc>,
    /// Through whom it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    /// Who told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reporter: Option<ReporterView>,
    /// What was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
    /// Signs that were noticed.
    #[serde(skip_serializing_if = "Option::is_none")]
    signs: Option<Vec<&'static str>>,
    /// What was done at once about a danger; empty without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    danger_action: Option<String>,
}

/// Everything that was reported of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportsView {
    /// The oldest first; none when the case came from a file.
    reports: Vec<ReportView>,
    /// How the person moves: `autonome`, `avec_aide`, `ne_sort_pas` or `inconnue`.
    #[serde(skip_serializing_if = "Option::is_none")]
    mobility: Option<&'static str>,
    /// People in the household, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<u32>,
}

/// What was reported of a case. The reading is in the trail before it is answered.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a case, or when the viewer may not know who it is.
pub async fn reports_of(areas: &StudyAreas, viewer: &Viewer, id: CaseId) -> Result<ReportsView, ServiceError> {
    let area = areas.fresh().await?;
    let not_there = || ServiceError::NotFound("case");
    let index = area.cases().binary_search_by_key(&id, |case| case.0).map_err(|_| not_there())?;
    let whose = whose_case(&area, viewer, &area.cases()[index].1);
    let sees = |fields| viewer.sees(Record::Cases, whose, fields);
    if !sees(Fields::Identity) {
        return Err(not_there());
    }
    let store = areas.store();
    let view = |(ReportId(id), report): (ReportId, Report)| ReportView {
        id,
        at: report.at,
        channel: sees(Fields::Reporter).then(|| report.channel.code()),
        reporter: sees(Fields::Reporter).then_some(ReporterView {
            name: report.reporter.name,
            phone: report.reporter.phone,
            relation: report.reporter.relation,
        }),
        seen: sees(Fields::Notes).then_some(report.seen),
        signs: sees(Fields::Situation).then(|| report.signs.iter().map(|sign| sign.code()).collect()),
        danger_action: sees(Fields::Notes).then_some(report.danger_action),
    };
    let reports = store.reports_of(id).await?.into_iter().map(view).collect();
    let household = if sees(Fields::Situation) { Some(store.household_of(id).await?) } else { None };
    let entry = viewer.author().entry(Act::Read, Resource::Reports).about(Subject::Case(id));
    store.record(&[entry.because(viewer.why())]).await?;
    Ok(ReportsView {
        reports,
        mobility: household.map(|household| household.mobility.code()),
        people: household.and_then(|household| household.people),
    })
}

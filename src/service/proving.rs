//! Looking whether the erased are gone: the proof, again and again until nothing is found.
//!
//! An erasure is committed before it can be proved. What must be sought is committed with it, so a look that was cut short
//! (a kill, a full disk, a lock) or that found something is asked for again: on the page, at the server's start, each day.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use crate::domain::audit::{Act, Author, Resource};
use crate::domain::calendar::start_of;
use crate::domain::retention::Proof;
use crate::format::proof::write_proof;
use crate::store::{AuditFilter, Search, Store, Traces, TracesOf};

/// How often is looked at once: a reader may hold the log of the database up for a moment.
const LOOKS: u32 = 4;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// What was looked for after an erasure, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProofView {
    /// Persons erased.
    pub cases: usize,
    /// Ciphertexts, blind indexes and references noted before.
    pub needles: usize,
    /// How many of them were found again; 0, or something is wrong.
    pub found: usize,
    /// Each place with what was read there, in French.
    #[serde(rename = "where")]
    pub places: Vec<String>,
    /// What the program cannot reach, in French.
    pub remarks: Vec<String>,
    /// When cases were exported to files since the oldest of these persons was reported.
    pub exports_at: Vec<DateTime<Utc>>,
}

impl From<Proof> for ProofView {
    fn from(proof: Proof) -> Self {
        let Proof { cases, needles, found, places, remarks, exports_at } = proof;
        Self { cases, needles, found, places, remarks, exports_at }
    }
}

/// Rewrites the database without what was erased, seeks what was noted before, and keeps what was found. Answers how much
/// of it was found; nothing is done where everything was proved already.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer or has no room for a second copy of itself: what must be
/// sought stays kept.
pub(super) async fn prove(store: &Store, of: TracesOf, by: Author) -> Result<Vec<Proof>, ServiceError> {
    let mut proofs = Vec::new();
    for traces in store.traces(of).await? {
        let proof = proof_of(store, &traces).await?;
        let (resource, which) = match (traces.run, traces.request) {
            (Some(run), _) => (Resource::Retention, format!("run {run}")),
            (_, Some(request)) => (Resource::Rights, format!("request {request}")),
            _ => (Resource::Cases, "refusal".to_owned()),
        };
        let says = format!("{which}: {} needles, {} found", proof.needles, proof.found);
        let entry = by.entry(Act::Verify, resource).over(proof.cases).because(says);
        store.keep_proof(&traces, &write_proof(&proof), proof.found == 0, entry).await?;
        proofs.push(proof);
    }
    Ok(proofs)
}

/// Proves an erasure that was just committed. That it cannot be proved at this moment does not undo it: it is logged, and
/// the page says that there is no proof yet.
pub(super) async fn prove_or_later(store: &Store, traces: i64, by: Author) {
    if let Err(error) = prove(store, TracesOf::Erasure(traces), by).await {
        tracing::error!(error = %error, "an erasure is done and cannot be proved yet");
    }
}

async fn proof_of(store: &Store, traces: &Traces) -> Result<Proof, ServiceError> {
    let mut look = 1;
    let search = loop {
        store.scrub().await?;
        let search = store.seek(&traces.needles).await?;
        if search.found == 0 || look == LOOKS {
            break search;
        }
        look += 1;
        tokio::time::sleep(PAUSE).await;
    };
    let exports_at = exports_since(store, traces.since).await?;
    let mut remarks = remarks(&search, exports_at.len());
    if traces.kept > 0 {
        let kept = traces.kept;
        remarks.insert(
            0,
            format!("{kept} situation(s) de la liste gardée(s) : un contact a eu lieu depuis, ou elles ont déjà été effacées."),
        );
    }
    Ok(Proof {
        cases: traces.needles.people,
        needles: traces.needles.count(),
        found: search.found,
        remarks,
        places: places(&search),
        exports_at,
    })
}

/// When cases were exported since a day.
async fn exports_since(store: &Store, since: Option<NaiveDate>) -> Result<Vec<DateTime<Utc>>, ServiceError> {
    let Some(day) = since else { return Ok(Vec::new()) };
    let filter = AuditFilter {
        from: Some(start_of(day)),
        act: Some(Act::Export),
        resource: Some(Resource::Cases),
        ..AuditFilter::default()
    };
    Ok(store.audit(&filter).await?.into_iter().map(|row| row.at).collect())
}

/// Each file on a line; tables of which nothing is left together on one.
fn places(search: &Search) -> Vec<String> {
    let (files, tables): (Vec<_>, Vec<_>) = search.places.iter().partition(|place| place.file);
    let mut lines: Vec<String> =
        files.iter().map(|f| format!("fichier {} : {} octets lus, {} trace(s)", f.place, f.read, f.found)).collect();
    let (clean, dirty): (Vec<_>, Vec<_>) = tables.into_iter().partition(|place| place.found == 0);
    lines.extend(dirty.iter().map(|t| format!("table {} : {} lignes lues, {} trace(s)", t.place, t.read, t.found)));
    if !clean.is_empty() {
        let names: Vec<&str> = clean.iter().map(|place| place.place.as_str()).collect();
        let rows: u64 = clean.iter().map(|place| place.read).sum();
        lines.push(format!("tables {} : {rows} valeurs lues, 0 trace", names.join(", ")));
    }
    lines
}

fn remarks(search: &Search, exports: usize) -> Vec<String> {
    let mut lines = vec![
        "Un serveur en marche relit les situations à la prochaine demande : son index en mémoire ne les contient plus."
            .to_owned(),
        "Les sauvegardes faites avant contiennent encore ces personnes, chiffrées : elles disparaissent avec elles."
            .to_owned(),
    ];
    if let Some([size, time, archive]) = &search.wal {
        lines.push(format!(
            "PostgreSQL : le journal (WAL) garde les pages effacées jusqu’à son recyclage, après quelques points de contrôle \
             (checkpoint_timeout = {time}, max_wal_size = {size}) ; archivage du journal : {archive}. Un journal archivé suit \
             la durée des sauvegardes."
        ));
    }
    lines.push(if exports == 0 {
        "Journal : aucun export de fichier depuis le premier de ces signalements.".to_owned()
    } else {
        format!(
            "Journal : {exports} export(s) de fichier depuis le premier de ces signalements. Ces fichiers sont hors du \
             programme : à détruire à la main."
        )
    });
    lines
}

//! The study area: quarters, streets and people in memory, swapped whole when the database has changed.
//!
//! Every write notes itself in `changes`; [`StudyAreas::fresh`] asks for the last number before each answer and reloads
//! only the tables that moved. An import beside a running server, or a second server, is so seen at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use super::ServiceError;
use super::addresses::AddressIndex;
use super::case_index::CaseIndex;
use super::streets::open_network;
use super::viewer::Viewer;
use crate::domain::access::{Fields, Precision, Record, Whose};
use crate::domain::audit::Subject;
use crate::domain::calendar::day_of;
use crate::domain::case::{Case, CaseId};
use crate::domain::case_life::CaseAct;
use crate::domain::position::LonLat;
use crate::domain::quarter::Sector;
use crate::domain::relay::{Relay, RelayId};
use crate::domain::settings::Settings;
use crate::domain::text::fold;
use crate::domain::travel::TravelProfile;
use crate::domain::units::Meters;
use crate::domain::visit::Absence;
use crate::domain::volunteer::{Volunteer, VolunteerId};
use crate::geo::hex::{self, Cell, Resolution};
use crate::geo::mask::{HOUSEHOLDS, MaskIndex, MaskKey};
use crate::geo::quarters::QuarterIndex;
use crate::network::coverage::Reach;
use crate::network::graph::{UNREACHED, lon_lat};
use crate::network::search::Search;
use crate::network::snap::Snap;
use crate::network::{EdgeId, Network};
use crate::store::{NetworkRecord, Store};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};

/// What the database holds, table by table; a table that did not change is shared with the snapshot before.
#[derive(Debug, Clone, Default)]
struct Tables {
    quarters: Arc<Option<QuarterIndex>>,
    network: Option<Arc<(NetworkRecord, Network)>>,
    cases: Arc<Vec<(CaseId, Case)>>,
    /// Made when somebody is first looked for among them.
    case_index: Arc<OnceLock<CaseIndex>>,
    volunteers: Arc<Vec<(VolunteerId, Volunteer)>>,
    relays: Arc<Vec<(RelayId, Relay)>>,
    addresses: Arc<AddressIndex>,
    demonstration: bool,
    mask: Option<MaskKey>,
    /// What volunteers and cases had to do with each other.
    ties: Arc<Ties>,
    /// Number of the last write to anything but the cases.
    beside_cases: i64,
}

/// What volunteers and cases had to do with each other before, and what keeps them apart.
#[derive(Debug, Clone, Default)]
pub struct Ties {
    /// The version of each case: read before the cases, so that it is never newer than what was read of them.
    pub versions: BTreeMap<CaseId, i64>,
    /// Who has accompanied whom.
    pub knows: BTreeSet<(CaseId, VolunteerId)>,
    /// Who has declined whom.
    pub declined: BTreeSet<(CaseId, VolunteerId)>,
    /// Who is not to meet whom.
    pub conflicts: BTreeSet<(CaseId, VolunteerId)>,
    /// The day on which each volunteer took the last case.
    pub last_case_on: BTreeMap<VolunteerId, NaiveDate>,
    /// Days away, with their keys.
    pub absences: BTreeMap<VolunteerId, Vec<(i64, Absence)>>,
}

/// Where something lies: on which street, for each profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// Nobody knows where.
    Unlocated,
    /// Known, with the nearest street within the snapping limit for *À pied* and *Mobilité réduite*.
    At([Option<Snap>; 2]),
}

impl Place {
    /// The snap for a profile; `None` when there is no position or no street near it.
    #[must_use]
    pub fn snap(&self, profile: TravelProfile) -> Option<Snap> {
        match self {
            Self::Unlocated => None,
            Self::At(snaps) => snaps[profile_index(profile)],
        }
    }
}

pub(super) fn profile_index(profile: TravelProfile) -> usize {
    usize::from(profile == TravelProfile::ReducedMobility)
}

/// Sector and street of one person or place.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Inside a quarter, outside all, or `None` without position or quarters.
    pub sector: Option<Sector>,
    /// The street.
    pub place: Place,
}

/// A part of an edge that lies in one quarter (or outside all), in millimetres from the edge's first position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarterPiece {
    /// The edge.
    pub edge: EdgeId,
    /// Where the part begins and ends.
    pub stretch: (u32, u32),
    /// Index of the quarter.
    pub quarter: Option<usize>,
}

/// Who covers a street.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CoveredBy {
    /// A volunteer who is active and has a free place.
    Volunteer,
    /// A shop with its sticker in the window.
    Relay,
}

/// From where volunteers are taken to start when it is told what they cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Homes {
    /// Where they live.
    Exact,
    /// Where their mask lies: what is computed from it tells no more than the mask does.
    Masked,
}

/// Part of an edge in one hex cell.
pub type HexPiece = (EdgeId, (u32, u32), Cell);

/// Everything about one moment, ready to answer; immutable.
pub struct StudyArea {
    tables: Tables,
    /// Changes whenever an answer may change.
    pub revision: String,
    /// The same, but for what is written to the cases.
    revision_beside_cases: String,
    /// What the product leaves to the installation.
    pub settings: Settings,
    seq: i64,
    /// Like [`Self::cases`], by index.
    pub located_cases: Vec<Located>,
    /// Like [`Self::volunteers`], by index.
    pub located_volunteers: Vec<Located>,
    /// Like [`Self::relays`], by index.
    pub located_relays: Vec<Located>,
    /// Cases that take a place, by volunteer index.
    pub loads: Vec<u32>,
    /// Indices of those cases, by volunteer index.
    cases_of: Vec<Vec<usize>>,
    /// Edges cut at the quarters' borders, ordered by edge and offset.
    pub pieces: Vec<QuarterPiece>,
    /// Addresses on streets of the quarters: snap, quarter.
    pub address_snaps: Vec<(Snap, usize)>,
    volunteer_indices: BTreeMap<String, usize>,
    reaches: [[OnceLock<Reach>; 2]; 3],
    hexes: Mutex<BTreeMap<u8, Arc<Vec<HexPiece>>>>,
    masks: OnceLock<MaskIndex>,
}

impl StudyArea {
    /// The quarters; `None` before any was imported.
    #[must_use]
    pub fn quarters(&self) -> Option<&QuarterIndex> {
        self.tables.quarters.as_ref().as_ref()
    }

    /// Changes whenever an answer to this viewer may change, and tells nothing else: not how much is written, not what
    /// somebody else's answer bears, and of a case that the viewer sees nothing of not even that it is there.
    #[must_use]
    pub fn revision_for(&self, viewer: &Viewer) -> String {
        let who = format!("{:?} {:?} {}", viewer.account, viewer.roles, viewer.glass);
        let what = if viewer.precision(Record::Cases, Whose::Anybody, Fields::Place) > Precision::Nothing {
            self.revision.clone()
        } else {
            let own = viewer.volunteer.and_then(|id| self.volunteers().binary_search_by_key(&id, |v| v.0).ok());
            let own: Vec<_> = own.iter().flat_map(|&v| &self.cases_of[v]).map(|&i| &self.cases()[i]).collect();
            // Coverage follows who has a free place.
            let free = viewer
                .homes(CoveredBy::Volunteer)
                .map(|_| (0..self.volunteers().len()).map(|v| self.free(v) > 0).collect::<Vec<_>>());
            format!("{} {own:?} {free:?}", self.revision_beside_cases)
        };
        data_encoding::HEXLOWER.encode(&Sha256::digest(format!("{what} {who}"))[..8])
    }

    /// How many volunteers cover streets: they are active and have a free place.
    #[must_use]
    pub fn covering(&self) -> usize {
        (0..self.volunteers().len()).filter(|&v| self.free(v) > 0).count()
    }

    /// The streets.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] before any was imported.
    pub fn network(&self) -> Result<&Network, ServiceError> {
        self.tables.network.as_ref().map(|n| &n.1).ok_or(ServiceError::Missing { what: "streets" })
    }

    /// Where the streets came from.
    #[must_use]
    pub fn network_record(&self) -> Option<&NetworkRecord> {
        self.tables.network.as_ref().map(|n| &n.0)
    }

    /// All cases, by id.
    #[must_use]
    pub fn cases(&self) -> &[(CaseId, Case)] {
        &self.tables.cases
    }

    /// The same, searchable.
    #[must_use]
    pub fn case_index(&self) -> &CaseIndex {
        self.tables.case_index.get_or_init(|| CaseIndex::build(self.cases()))
    }

    /// All volunteers, by id.
    #[must_use]
    pub fn volunteers(&self) -> &[(VolunteerId, Volunteer)] {
        &self.tables.volunteers
    }

    /// What volunteers and cases had to do with each other.
    #[must_use]
    pub fn ties(&self) -> &Ties {
        &self.tables.ties
    }

    /// The version of a case.
    #[must_use]
    pub fn version(&self, case: CaseId) -> i64 {
        self.tables.ties.versions.get(&case).copied().unwrap_or(0)
    }

    /// The index of a case.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] without such a case.
    pub fn index_of_case(&self, id: CaseId) -> Result<usize, ServiceError> {
        self.cases().binary_search_by_key(&id, |c| c.0).map_err(|_| ServiceError::NotFound("case"))
    }

    /// The index of a volunteer.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] without such a volunteer.
    pub fn index_of_volunteer(&self, id: VolunteerId) -> Result<usize, ServiceError> {
        self.volunteers().binary_search_by_key(&id, |v| v.0).map_err(|_| ServiceError::NotFound("volunteer"))
    }

    /// The cases of a volunteer that take a place, by index.
    #[must_use]
    pub fn cases_of(&self, volunteer: usize) -> &[usize] {
        &self.cases_of[volunteer]
    }

    /// All relays, by id.
    #[must_use]
    pub fn relays(&self) -> &[(RelayId, Relay)] {
        &self.tables.relays
    }

    /// All addresses, searchable.
    #[must_use]
    pub fn addresses(&self) -> &AddressIndex {
        &self.tables.addresses
    }

    /// Whether the data is the fictitious demonstration.
    #[must_use]
    pub fn is_demonstration(&self) -> bool {
        self.tables.demonstration
    }

    /// Index of the volunteer who bears a reference.
    #[must_use]
    pub fn volunteer_index(&self, reference: &str) -> Option<usize> {
        self.volunteer_indices.get(reference).copied()
    }

    /// Free places of a volunteer (by index); 0 when inactive.
    #[must_use]
    pub fn free(&self, volunteer: usize) -> u32 {
        let v = &self.volunteers()[volunteer].1;
        if v.active { v.capacity.saturating_sub(self.loads[volunteer]) } else { 0 }
    }

    /// Where somebody is shown to those who may not know the home; `None` when the quarter is all that may be shown.
    #[must_use]
    pub fn masked(&self, subject: Subject, home: LonLat) -> Option<LonLat> {
        let quarters = self.quarters()?;
        let masks = self.masks.get_or_init(|| {
            let addresses: Vec<LonLat> = self.addresses().addresses().iter().map(|a| a.position).collect();
            MaskIndex::build(&addresses, quarters, HOUSEHOLDS)
        });
        masks.donut_mask(quarters, self.tables.mask.as_ref()?, &subject.to_string(), home).map(|masked| masked.at)
    }

    /// Walking times from everybody who covers streets in this way, computed once per snapshot.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] without streets.
    pub fn reach(&self, by: CoveredBy, profile: TravelProfile, homes: Homes) -> Result<&Reach, ServiceError> {
        let network = self.network()?;
        let row = match (by, homes) {
            (CoveredBy::Relay, _) => 0,
            (CoveredBy::Volunteer, Homes::Exact) => 1,
            (CoveredBy::Volunteer, Homes::Masked) => 2,
        };
        Ok(self.reaches[row][profile_index(profile)].get_or_init(|| {
            let snaps: Vec<Snap> = match by {
                CoveredBy::Volunteer => (0..self.volunteers().len())
                    .filter(|&i| self.free(i) > 0)
                    .filter_map(|i| match homes {
                        Homes::Exact => self.located_volunteers[i].place.snap(profile),
                        Homes::Masked => {
                            let (id, v) = &self.volunteers()[i];
                            let at = self.masked(Subject::Volunteer(*id), v.position?)?;
                            network.snap(at, profile, Meters(self.settings.snap_m))
                        }
                    })
                    .collect(),
                CoveredBy::Relay => (self.relays().iter().zip(&self.located_relays))
                    .filter(|((_, relay), _)| relay.is_public())
                    .filter_map(|(_, located)| located.place.snap(profile))
                    .collect(),
            };
            Reach::from_starts(network, &mut Search::new(), profile, &snaps, UNREACHED - 1)
        }))
    }

    /// The streets of the quarters in hex cells, cut where they change cell on a step of at most 5 m; kept per
    /// resolution.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] without streets.
    pub fn hex_pieces(&self, resolution: Resolution) -> Result<Arc<Vec<HexPiece>>, ServiceError> {
        let network = self.network()?;
        let mut kept = self.hexes.lock().unwrap_or_else(PoisonError::into_inner);
        let pieces =
            kept.entry(u8::from(resolution)).or_insert_with(|| Arc::new(hex_pieces(network, &self.pieces, resolution)));
        Ok(Arc::clone(pieces))
    }

    fn build(tables: Tables, settings: Settings, seq: i64, instance: &str) -> Self {
        let quarters = tables.quarters.as_ref().as_ref();
        let network = tables.network.as_ref().map(|n| &n.1);
        let locate = |position: Option<LonLat>| Located {
            sector: position.and_then(|p| Some(quarters?.sector(p))),
            place: position.map_or(Place::Unlocated, |p| {
                Place::At(
                    [TravelProfile::Foot, TravelProfile::ReducedMobility]
                        .map(|profile| network.and_then(|network| network.snap(p, profile, Meters(settings.snap_m)))),
                )
            }),
        };
        let located_cases = tables.cases.iter().map(|(_, c)| locate(c.position)).collect();
        let located_volunteers = tables.volunteers.iter().map(|(_, v)| locate(v.position)).collect();
        let located_relays = tables.relays.iter().map(|(_, r)| locate(r.position)).collect();
        let volunteer_indices: BTreeMap<String, usize> =
            tables.volunteers.iter().enumerate().map(|(i, (_, v))| (v.reference.clone(), i)).collect();
        let mut cases_of = vec![Vec::new(); tables.volunteers.len()];
        for (i, (_, case)) in tables.cases.iter().enumerate().filter(|(_, (_, c))| c.state.takes_a_place()) {
            if let Some(&v) = case.volunteer.as_ref().and_then(|v| volunteer_indices.get(v)) {
                cases_of[v].push(i);
            }
        }
        let pieces = network.map_or_else(Vec::new, |network| quarter_pieces(network, quarters));
        let address_snaps = match (network, quarters) {
            (Some(network), Some(quarters)) => snap_addresses(network, quarters, &tables.addresses, settings.snap_m),
            _ => Vec::new(),
        };
        Self {
            revision: format!("{instance}-{seq}"),
            revision_beside_cases: format!("{instance}-{}", tables.beside_cases),
            settings,
            seq,
            located_cases,
            located_volunteers,
            located_relays,
            loads: cases_of.iter().map(|cases| cases.len() as u32).collect(),
            cases_of,
            pieces,
            address_snaps,
            volunteer_indices,
            reaches: Default::default(),
            hexes: Mutex::default(),
            masks: OnceLock::new(),
            tables,
        }
    }
}

/// Cuts every edge at the quarters' borders, on whole millimetres.
fn quarter_pieces(network: &Network, quarters: Option<&QuarterIndex>) -> Vec<QuarterPiece> {
    let mut pieces = Vec::with_capacity(network.edges().len());
    for (edge, e) in network.edges().iter().enumerate() {
        let edge = edge as EdgeId;
        let Some(quarters) = quarters else {
            pieces.push(QuarterPiece { edge, stretch: (0, e.length_mm), quarter: None });
            continue;
        };
        let line: Vec<LonLat> = network.shape(edge).iter().map(|&p| lon_lat(p)).collect();
        let parts = quarters.split_line(&line);
        let last = parts.len().saturating_sub(1);
        let mut at = 0;
        for (i, part) in parts.iter().enumerate() {
            let end = if i == last {
                e.length_mm
            } else {
                ((part.to * f64::from(e.length_mm)).round() as u32).clamp(at, e.length_mm)
            };
            if end > at {
                pieces.push(QuarterPiece { edge, stretch: (at, end), quarter: part.quarter });
            }
            at = end;
        }
    }
    pieces
}

/// Each address in a quarter on its street: the nearest edge of the same name if one is near enough, else the nearest.
fn snap_addresses(
    network: &Network,
    quarters: &QuarterIndex,
    addresses: &AddressIndex,
    snap_m: f64,
) -> Vec<(Snap, usize)> {
    let folded: Vec<String> = network.parts().names.iter().map(|name| fold(name)).collect();
    let named = |edge: EdgeId| &folded[network.edge(edge).name as usize];
    addresses
        .addresses()
        .iter()
        .filter_map(|address| {
            let quarter = quarters.quarter_at(address.position)?;
            let street = fold(&address.street);
            let walkable = |edge: EdgeId| network.edge(edge).directions(TravelProfile::Foot) != (false, false);
            let snap = network
                .snap_where(address.position, Meters(snap_m), |edge| walkable(edge) && *named(edge) == street)
                .or_else(|| network.snap_where(address.position, Meters(snap_m), walkable))?;
            Some((snap, quarter))
        })
        .collect()
}

/// The longest step between two looks at the hex cell of a street, in millimetres.
const HEX_STEP_MM: u32 = 5_000;

fn hex_pieces(network: &Network, pieces: &[QuarterPiece], resolution: Resolution) -> Vec<HexPiece> {
    let mut out: Vec<HexPiece> = Vec::new();
    for piece in pieces.iter().filter(|p| p.quarter.is_some()) {
        let (start, end) = piece.stretch;
        let steps = (end - start).div_ceil(HEX_STEP_MM);
        let cut = |i: u32| start + (u64::from(end - start) * u64::from(i) / u64::from(steps)) as u32;
        let line = network.stretch(piece.edge, start, end);
        let mut walker = super::views::Along::new(&line);
        for i in 0..steps {
            let (a, b) = (cut(i), cut(i + 1));
            let middle = f64::from(f64::midpoint(f64::from(a), f64::from(b)) as u32 - start) / f64::from(end - start);
            let cell = hex::cell(walker.at(middle), resolution);
            match out.last_mut() {
                Some(last) if last.0 == piece.edge && last.1.1 == a && last.2 == cell => last.1.1 = b,
                _ => out.push((piece.edge, (a, b), cell)),
            }
        }
    }
    out
}

/// The current study area and how to refresh it.
pub struct StudyAreas {
    store: Store,
    data_dir: PathBuf,
    settings: Settings,
    /// A name of this run, so that answers cached from another one are never taken for ours.
    instance: String,
    current: RwLock<Option<Arc<StudyArea>>>,
    reloading: tokio::sync::Mutex<()>,
}

impl StudyAreas {
    /// Nothing is loaded yet: the first [`Self::fresh`] does. `instance` begins every revision: give each run its own.
    #[must_use]
    pub fn new(store: Store, data_dir: PathBuf, settings: Settings, instance: String) -> Self {
        Self { store, data_dir, settings, instance, current: RwLock::new(None), reloading: tokio::sync::Mutex::new(()) }
    }

    /// What the installation has chosen.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The database behind.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn current(&self) -> Option<Arc<StudyArea>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The study area as the database is now. One small query when nothing has changed.
    ///
    /// # Errors
    /// [`ServiceError`] when the database does not answer or the street file cannot be read.
    pub async fn fresh(&self) -> Result<Arc<StudyArea>, ServiceError> {
        let last = self.store.last_change().await?;
        if let Some(area) = self.current().filter(|a| a.seq >= last) {
            return Ok(area);
        }
        let _one_at_a_time = self.reloading.lock().await;
        let former = self.current();
        let last = self.store.last_change().await?;
        if let Some(area) = former.clone().filter(|a| a.seq >= last) {
            return Ok(area);
        }
        let tables = match self.reload(former.as_deref()).await {
            // An import that ended between two reads has removed the street file it replaced: read again.
            Err(ServiceError::File { .. }) => self.reload(former.as_deref()).await?,
            tables => tables?,
        };
        let instance = self.instance.clone();
        let settings = self.settings;
        let area = tokio::task::spawn_blocking(move || Arc::new(StudyArea::build(tables, settings, last, &instance)))
            .await
            .expect("building a study area does not panic");
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&area));
        Ok(area)
    }

    async fn ties(&self, versions: BTreeMap<CaseId, i64>) -> Result<Ties, ServiceError> {
        let (conflicts, absences) = (self.store.conflicts().await?, self.store.absences().await?);
        let mut ties = Ties { versions, conflicts, absences, ..Ties::default() };
        for between in self.store.between().await? {
            let pair = (between.case, between.volunteer);
            match between.act {
                CaseAct::Decline => ties.declined.insert(pair),
                CaseAct::Accept => {
                    ties.last_case_on.insert(between.volunteer, day_of(between.at));
                    ties.declined.remove(&pair)
                }
                _ => ties.knows.insert(pair),
            };
        }
        Ok(ties)
    }

    async fn reload(&self, former: Option<&StudyArea>) -> Result<Tables, ServiceError> {
        // By table, the number of the last write to it.
        let changed: Option<BTreeMap<String, i64>> = match former {
            Some(former) => {
                Some(self.store.changes_after(former.seq).await?.into_iter().map(|c| (c.table, c.seq)).collect())
            }
            None => None,
        };
        let moved = |table: &str| changed.as_ref().is_none_or(|c| c.contains_key(table));
        let mut tables = former.map(|f| f.tables.clone()).unwrap_or_default();
        let beside_cases = changed.iter().flatten().filter(|(table, _)| *table != "cases").map(|(_, seq)| *seq);
        tables.beside_cases = beside_cases.max().unwrap_or(tables.beside_cases);
        if moved("quarters") {
            tables.quarters = Arc::new(QuarterIndex::build(self.store.quarters().await?));
        }
        if moved("networks") {
            tables.network = match self.store.current_network().await? {
                Some(record) => {
                    let data_dir = self.data_dir.clone();
                    let opened = tokio::task::spawn_blocking(move || {
                        let network = open_network(&data_dir, &record)?;
                        Ok::<_, ServiceError>(Arc::new((record, network)))
                    });
                    Some(opened.await.expect("opening a network does not panic")?)
                }
                None => None,
            };
        }
        // A volunteer's reference stands in the cases: both move together.
        if moved("cases") || moved("volunteers") {
            let versions = self.store.case_versions().await?.into_iter().collect();
            tables.cases = Arc::new(self.store.cases().await?);
            tables.case_index = Arc::default();
            tables.volunteers = Arc::new(self.store.volunteers().await?);
            tables.ties = Arc::new(self.ties(versions).await?);
        }
        if moved("relays") {
            tables.relays = Arc::new(self.store.relays().await?);
        }
        if moved("addresses") {
            tables.addresses = Arc::new(AddressIndex::build(self.store.addresses().await?));
        }
        if moved("meta") {
            // A rotation notes itself here: what it seals bears the new key. So does a new mask.
            self.store.reload_keys().await?;
            let (secret, epoch) = self.store.mask().await?;
            tables.mask = Some(MaskKey::new(&secret, epoch));
            tables.demonstration = self.store.meta("demonstration").await?.as_deref() == Some("true");
        }
        Ok(tables)
    }
}

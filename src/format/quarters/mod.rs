//! Quarters as `GeoJSON`: the drawing that ships, or the official file of whoever has it.
//!
//! A wrong drawing would send volunteers to the wrong place for months, so the reader refuses rather than guesses, says
//! everything that is wrong at once, and names the quarter and the ring: rings are counted from 1 in the order of the
//! file, the outer ring of the first polygon being ring 1. It mends in silence only what cannot change a quarter's
//! shape: ring orientation and repeated positions.

mod check;
mod crs;
mod names;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::domain::input::InputError;
use crate::domain::position::{Extent, LonLat};
use crate::domain::quarter::{Precision, Quarter, Ring};
use crate::domain::text::fold;
use crate::geo::plane::Plane;

use check::{Flat, RingTrouble};
use crs::Crs;
pub use names::slug;
pub use write::write_quarters;

/// A larger file is refused before it is read, bytes.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// After this many errors the rest is only counted.
const MAX_ERRORS: usize = 100;

/// How to read a file of quarters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The field that holds the name; guessed among the usual ones when `None`.
    pub name_field: Option<String>,
    /// Names to keep, compared without accents, case and hyphens; all when empty.
    pub only: Vec<String>,
}

/// What a file held.
#[derive(Debug, Clone, PartialEq)]
pub struct QuartersRead {
    /// In the order of ids, which are unique.
    pub quarters: Vec<Quarter>,
    /// What was mended or assumed, for the person who imports.
    pub warnings: Vec<InputError>,
}

/// Polygons, rings, pairs as the file writes them.
type Pairs = Vec<Vec<Vec<(f64, f64)>>>;

/// A quarter whose numbers are not yet positions.
struct Draft {
    quarter: Quarter,
    polygons: Pairs,
}

/// Reads a `GeoJSON` file: a `FeatureCollection` or one `Feature`, in degrees or in Lambert-93.
///
/// Without `precision`, `source`, `licence` and `drawn_on` fields a quarter is `official` and its source is `file_name`.
/// Several features of one name become one quarter. Positions are kept to nine decimals, a tenth of a millimetre.
///
/// # Errors
/// Everything that is wrong, at most a hundred entries. Codes: `too_large`, `empty_file`, `not_utf8`, `not_json`,
/// `truncated`, `not_geojson`, `no_feature`, `projected_crs`, `swapped_axes`, `no_name_field`, `no_name`,
/// `duplicate_id`, `only_not_found`, `wrong_geometry`, `bad_coordinate`, `ring_too_short`, `ring_without_area`,
/// `self_intersection`, `hole_outside`, `holes_overlap`, `parts_overlap`, `overlap`. Overlaps up to 1 m² are let
/// through: two drawings of one border never agree to the last centimetre.
pub fn read_quarters(bytes: &[u8], file_name: &str, options: &ReadOptions) -> Result<QuartersRead, Vec<InputError>> {
    let file = parse(bytes).map_err(|error| vec![error])?;
    let mut reader = Reader { file_name, options, errors: Vec::new(), warnings: Vec::new() };
    let quarters = reader.read(&file);
    let Reader { mut errors, warnings, .. } = reader;
    if errors.is_empty() {
        return Ok(QuartersRead { quarters, warnings });
    }
    if errors.len() > MAX_ERRORS {
        let more = errors.len() - MAX_ERRORS;
        errors.truncate(MAX_ERRORS);
        errors.push(InputError::new(
            "more_errors",
            format!("{more} more errors are not listed"),
            "Mend those above first",
        ));
    }
    Err(errors)
}

/// Bytes to a JSON value, with a line for what cannot be one.
fn parse(bytes: &[u8]) -> Result<Value, InputError> {
    if bytes.len() > MAX_BYTES {
        return Err(InputError::new(
            "too_large",
            format!("the file has {} MiB; at most {} are read", bytes.len() >> 20, MAX_BYTES >> 20),
            "Keep only the quarters that are needed, or simplify their borders",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).matches('\n').count() + 1;
        InputError::new(
            "not_utf8",
            "the file is not in UTF-8",
            "Save it as UTF-8 (not Latin-1 or Windows-1252), and not compressed",
        )
        .at_line(line as u64)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(InputError::new(
            "empty_file",
            "the file is empty",
            "Give a GeoJSON file with at least one polygon",
        ));
    }
    serde_json::from_str(text).map_err(|error| {
        let line = error.line() as u64;
        let place = format!("column {}", error.column());
        if error.is_eof() {
            return InputError::new("truncated", "the file ends in the middle", "Fetch or export it again: it was cut")
                .at_line(line)
                .in_field(place);
        }
        let around: String = text.lines().nth(error.line().saturating_sub(1)).map_or_else(String::new, |line| {
            let start = line.floor_char_boundary(error.column().saturating_sub(12));
            line[start..].chars().take(24).collect()
        });
        let remedy = if ["NaN", "nan", "Infinity", "inf"].iter().any(|number| around.contains(number)) {
            "A coordinate must be a finite number: NaN and Infinity are none"
        } else {
            "Check that the file is GeoJSON (not a shapefile, KML or a web page) and was not edited by hand"
        };
        InputError::new("not_json", format!("the file is not valid JSON: {error}"), remedy)
            .at_line(line)
            .in_field(place)
            .with_value(around.trim())
    })
}

struct Reader<'a> {
    file_name: &'a str,
    options: &'a ReadOptions,
    errors: Vec<InputError>,
    warnings: Vec<InputError>,
}

impl Reader<'_> {
    fn read(&mut self, file: &Value) -> Vec<Quarter> {
        let Some(features) = self.features(file) else { return Vec::new() };
        let declared = crs::declared(file);
        let drafts = self.drafts(&features);
        let pairs: Vec<(f64, f64)> =
            drafts.iter().flat_map(|d| d.polygons.iter().flatten().flatten().copied()).collect();
        let crs = match declared.and_then(|crs| self.system(crs, &pairs)) {
            Ok(crs) => crs,
            Err(error) => {
                self.errors.push(error);
                return Vec::new();
            }
        };
        let mut quarters: Vec<Quarter> = drafts.into_iter().map(|draft| self.placed(draft, crs)).collect();
        if quarters.is_empty() && self.errors.is_empty() {
            self.errors.push(no_polygon());
        }
        quarters.sort_by(|a, b| a.id.cmp(&b.id));
        if self.errors.is_empty() {
            self.check_together(&quarters);
        }
        quarters
    }

    /// The features of the file, whatever its outer form.
    fn features<'v>(&mut self, file: &'v Value) -> Option<Vec<&'v Value>> {
        let kind = file.get("type").and_then(Value::as_str);
        let features = match (kind, file.get("features")) {
            (Some("FeatureCollection"), Some(Value::Array(features))) => features.iter().collect(),
            (Some("Feature"), _) => vec![file],
            _ => {
                let (found, remedy) = match kind {
                    Some("Topology") => ("a TopoJSON file", "Convert it to GeoJSON"),
                    Some("FeatureCollection") => {
                        ("a FeatureCollection without `features`", "Export the file again as GeoJSON")
                    }
                    Some("Polygon" | "MultiPolygon" | "GeometryCollection") => {
                        ("a bare geometry without a name", "Wrap it in a Feature with a `nom` property")
                    }
                    _ => ("JSON, but not GeoJSON", "Give a GeoJSON FeatureCollection of polygons"),
                };
                self.errors
                    .push(InputError::new("not_geojson", format!("the file is {found}"), remedy).in_field("type"));
                return None;
            }
        };
        if features.is_empty() {
            self.errors.push(InputError::new(
                "no_feature",
                "the file has no feature",
                "Give a file with at least one polygon",
            ));
            return None;
        }
        Some(features)
    }

    /// Declared or recognised system of the numbers.
    fn system(&mut self, declared: Option<Crs>, pairs: &[(f64, f64)]) -> Result<Crs, InputError> {
        let recognised = crs::recognised(pairs);
        match declared {
            Some(Crs::Lambert93) if recognised == Ok(Crs::Degrees) && !pairs.is_empty() => Err(InputError::new(
                "projected_crs",
                "the file says Lambert-93, but its coordinates are degrees",
                "Remove the `crs` member, or export the file again",
            )
            .in_field("crs")),
            Some(Crs::Lambert93) => Ok(Crs::Lambert93),
            None | Some(Crs::Degrees) => {
                let crs = recognised?;
                if crs == Crs::Lambert93 {
                    self.warnings.push(InputError::new(
                        "lambert93_assumed",
                        "the coordinates are metres in the range of Lambert-93 and were read as such",
                        "Look at the map: if the quarters are not where they should be, export the file in WGS 84",
                    ));
                }
                Ok(crs)
            }
        }
    }

    /// Names, attributes and raw numbers of the wanted features; those of one name joined.
    fn drafts(&mut self, features: &[&Value]) -> Vec<Draft> {
        let Some(name_field) = self.name_field(features) else { return Vec::new() };
        let wanted: BTreeSet<String> = self.options.only.iter().map(|name| fold(name)).collect();
        let mut met: BTreeMap<String, String> = BTreeMap::new();
        let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
        for (nth, feature) in features.iter().enumerate() {
            let properties = feature.get("properties").and_then(Value::as_object);
            let name = properties.and_then(|p| p.get(&name_field)).and_then(Value::as_str).map_or("", str::trim);
            let folded = fold(name);
            if folded.is_empty() {
                if wanted.is_empty() {
                    self.errors.push(
                        InputError::new(
                            "no_name",
                            "the feature has no name",
                            "Give it one, or name another field with --name-field",
                        )
                        .in_field(format!("feature {}, {name_field}", nth + 1)),
                    );
                }
                continue;
            }
            let id = id_of(feature, properties, name);
            let kept = wanted.is_empty() || wanted.contains(&folded) || wanted.contains(&fold(&id));
            met.insert(folded.clone(), name.to_owned());
            if !kept {
                continue;
            }
            if let Some(polygons) = self.polygons(feature, name) {
                if let Some(draft) = drafts.get_mut(&folded) {
                    draft.polygons.extend(polygons);
                    self.warnings.push(
                        InputError::new(
                            "joined",
                            "several features of this name were joined into one quarter",
                            "Nothing, if they are its parts",
                        )
                        .in_field(name),
                    );
                } else {
                    let quarter = self.attributes(properties, id, name);
                    drafts.insert(folded, Draft { quarter, polygons });
                }
            }
        }
        self.check_only(&wanted, &met, &drafts);
        self.check_ids(&drafts);
        drafts.into_values().collect()
    }

    fn check_only(
        &mut self,
        wanted: &BTreeSet<String>,
        met: &BTreeMap<String, String>,
        drafts: &BTreeMap<String, Draft>,
    ) {
        for asked in &self.options.only {
            let folded = fold(asked);
            let found = met.contains_key(&folded) || drafts.values().any(|draft| fold(&draft.quarter.id) == folded);
            if !found && wanted.contains(&folded) {
                let names: Vec<&str> = met.values().map(String::as_str).take(40).collect();
                self.errors.push(
                    InputError::new(
                        "only_not_found",
                        "no quarter of the file has this name",
                        format!("Names of the file: {}", names.join(", ")),
                    )
                    .in_field("only")
                    .with_value(asked),
                );
            }
        }
    }

    fn check_ids(&mut self, drafts: &BTreeMap<String, Draft>) {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for Draft { quarter, .. } in drafts.values() {
            if quarter.id.is_empty() {
                self.errors.push(
                    InputError::new(
                        "no_name",
                        "the name has no letter or digit to make an identifier of",
                        "Add an `id` property in ASCII",
                    )
                    .in_field(&quarter.name),
                );
            } else if let Some(other) = owners.insert(&quarter.id, &quarter.name) {
                self.errors.push(
                    InputError::new(
                        "duplicate_id",
                        format!("{other} and {} have the same identifier", quarter.name),
                        "Give each quarter its own `id`",
                    )
                    .in_field("id")
                    .with_value(&quarter.id),
                );
            }
        }
    }

    fn name_field(&mut self, features: &[&Value]) -> Option<String> {
        let fields: BTreeSet<&str> = features
            .iter()
            .filter_map(|feature| feature.get("properties").and_then(Value::as_object))
            .flat_map(|properties| properties.iter().filter(|(_, v)| v.is_string()).map(|(field, _)| field.as_str()))
            .collect();
        let fields: Vec<&str> = fields.into_iter().collect();
        let found = match &self.options.name_field {
            Some(asked) => fields
                .iter()
                .copied()
                .find(|field| field == asked)
                .or_else(|| fields.iter().copied().find(|field| fold(field) == fold(asked))),
            None => names::guess_field(&fields),
        };
        if found.is_none() {
            let (problem, value) = match &self.options.name_field {
                Some(asked) => ("no feature has a text in the field asked for", Some(asked)),
                None => ("no field looks like the quarters' name", None),
            };
            let listed = if fields.is_empty() { "none".to_owned() } else { fields.join(", ") };
            let mut error = InputError::new(
                "no_name_field",
                problem,
                format!("Name one with --name-field; text fields of the file: {listed}"),
            )
            .in_field("properties");
            if let Some(value) = value {
                error = error.with_value(value);
            }
            self.errors.push(error);
        }
        found.map(str::to_owned)
    }

    fn attributes(&mut self, properties: Option<&Map<String, Value>>, id: String, name: &str) -> Quarter {
        let text = |field: &str| {
            properties.and_then(|p| p.get(field)).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
        };
        let drawn_on = text("drawn_on").and_then(|day| {
            let parsed = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok();
            if parsed.is_none() {
                self.warnings.push(
                    InputError::new(
                        "bad_date",
                        "the day of drawing is no date and was left out",
                        "Write it as 2026-11-23",
                    )
                    .in_field(format!("{name}, drawn_on"))
                    .with_value(day),
                );
            }
            parsed
        });
        Quarter {
            id,
            name: name.to_owned(),
            precision: text("precision").and_then(|code| code.parse().ok()).unwrap_or(Precision::Official),
            source: text("source").unwrap_or(self.file_name).to_owned(),
            licence: text("licence").or_else(|| text("license")).unwrap_or_default().to_owned(),
            drawn_on,
            polygons: Vec::new(),
        }
    }

    /// The numbers of a feature's polygons; `None` after an error.
    fn polygons(&mut self, feature: &Value, name: &str) -> Option<Pairs> {
        let geometry = feature.get("geometry").unwrap_or(&Value::Null);
        let kind = geometry.get("type").and_then(Value::as_str).unwrap_or("none");
        let coordinates = geometry.get("coordinates").and_then(Value::as_array);
        let polygons: Vec<&Value> = match (kind, coordinates) {
            ("Polygon", Some(_)) => vec![&geometry["coordinates"]],
            ("MultiPolygon", Some(polygons)) => polygons.iter().collect(),
            _ => {
                self.errors.push(
                    InputError::new(
                        "wrong_geometry",
                        format!("the geometry is {kind}, not a polygon"),
                        "Draw the quarter as a Polygon or MultiPolygon",
                    )
                    .in_field(name),
                );
                return None;
            }
        };
        let before = self.errors.len();
        let mut number = 0;
        let mut read = Vec::new();
        for polygon in polygons {
            let rings = polygon.as_array().map_or(&[][..], Vec::as_slice);
            let mut polygon = Vec::new();
            for ring in rings {
                number += 1;
                match pairs(ring) {
                    Ok(pairs) => polygon.push(pairs),
                    Err(value) => self.errors.push(
                        InputError::new(
                            "bad_coordinate",
                            "a position is not a pair of finite numbers",
                            "Write it as [longitude, latitude]",
                        )
                        .in_field(place(name, number))
                        .with_value(&value),
                    ),
                }
            }
            if !polygon.is_empty() {
                read.push(polygon);
            }
        }
        if number == 0 {
            self.errors.push(no_polygon().in_field(name));
        }
        (self.errors.len() == before).then_some(read)
    }

    /// Numbers to positions, each ring checked by itself.
    fn placed(&mut self, draft: Draft, crs: Crs) -> Quarter {
        let Draft { mut quarter, polygons } = draft;
        let all = || polygons.iter().flatten().flatten();
        if crs == Crs::Degrees && all().count() > 0 && all().all(|&(x, y)| crs::looks_swapped(x, y)) {
            self.errors.push(
                InputError::new(
                    "swapped_axes",
                    "latitude and longitude are swapped",
                    "Write each position as [longitude, latitude]",
                )
                .in_field(place(&quarter.name, 1))
                .with_value(&all().next().map_or_else(String::new, |(x, y)| format!("{x}, {y}"))),
            );
            return quarter;
        }
        let mut number = 0;
        for rings in polygons {
            let mut polygon: Vec<Ring> = Vec::new();
            for (nth, pairs) in rings.into_iter().enumerate() {
                number += 1;
                match self.ring(&pairs, crs, nth == 0, &place(&quarter.name, number)) {
                    Ok(ring) => polygon.push(ring),
                    Err(error) => self.errors.push(error.in_field(place(&quarter.name, number))),
                }
            }
            quarter.polygons.push(polygon);
        }
        quarter
    }

    /// One ring: closed, without repeated positions, simple, turned the right way.
    fn ring(&mut self, pairs: &[(f64, f64)], crs: Crs, outer: bool, place: &str) -> Result<Ring, InputError> {
        let mut ring: Ring = Vec::with_capacity(pairs.len() + 1);
        for &(x, y) in pairs {
            let p = crs.position(x, y).ok_or_else(|| {
                InputError::new(
                    "bad_coordinate",
                    "a position lies outside the Earth or the coordinate system",
                    "Write it as [longitude, latitude]",
                )
                .with_value(&format!("{x}, {y}"))
            })?;
            if ring.last() != Some(&p) {
                ring.push(p);
            }
        }
        if let (Some(&first), true) = (ring.first(), ring.first() != ring.last()) {
            ring.push(first);
            self.warnings.push(
                InputError::new(
                    "ring_closed",
                    "the ring was not closed: its first position was added at the end",
                    "Nothing, if the drawing looks right",
                )
                .in_field(place),
            );
        }
        if ring.len() < 4 {
            return Err(InputError::new(
                "ring_too_short",
                "a ring needs at least three different positions and the first one again",
                "Draw the ring again",
            ));
        }
        if let Some(p) = check::self_contact(&ring) {
            return Err(InputError::new(
                "self_intersection",
                "the ring touches or crosses itself",
                "Mend the drawing near this position",
            )
            .with_value(&format!("{:.6}, {:.6}", p.lon(), p.lat())));
        }
        let turn = check::turn(&ring);
        if turn == 0.0 {
            return Err(InputError::new("ring_without_area", "the ring encloses nothing", "Draw the ring again"));
        }
        if (turn > 0.0) != outer {
            ring.reverse();
        }
        Ok(ring)
    }

    /// What can only be seen with several rings or quarters at hand.
    fn check_together(&mut self, quarters: &[Quarter]) {
        let positions = quarters.iter().flat_map(|q| q.polygons.iter().flatten().flatten().copied());
        let Some(extent) = Extent::around(positions) else { return };
        let centre =
            LonLat::try_new(f64::midpoint(extent.west, extent.east), f64::midpoint(extent.south, extent.north));
        let Ok(plane) = centre.map(Plane::at) else { return };
        for quarter in quarters {
            for trouble in check::ring_troubles(plane, &quarter.polygons) {
                self.errors.push(between_rings(&quarter.name, &trouble));
            }
        }
        let flat: Vec<Option<Flat>> = quarters.iter().map(|q| Flat::new(plane, &q.polygons)).collect();
        for (i, a) in flat.iter().enumerate() {
            for (j, b) in flat.iter().enumerate().skip(i + 1) {
                let (Some(a), Some(b)) = (a, b) else { continue };
                if let Some(m2) = a.overlap(b) {
                    let (a, b) = (&quarters[i].name, &quarters[j].name);
                    self.errors.push(
                        InputError::new(
                            "overlap",
                            format!("{a} and {b} overlap by {m2:.0} m²"),
                            "Give both the same shared border: an address must lie in one quarter only",
                        )
                        .in_field(format!("{a}, {b}")),
                    );
                }
            }
        }
    }
}

fn between_rings(name: &str, trouble: &RingTrouble) -> InputError {
    match *trouble {
        RingTrouble::HoleOutside { hole, outer } => InputError::new(
            "hole_outside",
            format!("the hole is not inside ring {outer}"),
            "Draw it inside, or as a polygon of its own",
        )
        .in_field(place(name, hole)),
        RingTrouble::HolesOverlap { first, second, m2 } => InputError::new(
            "holes_overlap",
            format!("the hole overlaps ring {first} by {m2:.0} m²"),
            "Join the two holes",
        )
        .in_field(place(name, second)),
        RingTrouble::PartsOverlap { first, second, m2 } => InputError::new(
            "parts_overlap",
            format!("this part overlaps ring {first} of the same quarter by {m2:.0} m²"),
            "Remove the part that is there twice, or join the two",
        )
        .in_field(place(name, second)),
    }
}

fn no_polygon() -> InputError {
    InputError::new("no_feature", "there is no polygon", "Give a file with at least one polygon")
}

fn place(name: &str, ring: usize) -> String {
    format!("{name}, ring {ring}")
}

/// The `id` property or the feature's id when they are slugs, else one made of the name.
fn id_of(feature: &Value, properties: Option<&Map<String, Value>>, name: &str) -> String {
    [properties.and_then(|p| p.get("id")), feature.get("id")]
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|id| names::is_slug(id))
        .map_or_else(|| slug(name), str::to_owned)
}

/// The numbers of a ring, heights dropped; the first value that is no pair otherwise.
fn pairs(ring: &Value) -> Result<Vec<(f64, f64)>, String> {
    let positions = ring.as_array().ok_or_else(|| ring.to_string())?;
    positions
        .iter()
        .map(|position| {
            let number = |nth: usize| position.get(nth).and_then(Value::as_f64).filter(|n| n.is_finite());
            number(0).zip(number(1)).ok_or_else(|| position.to_string())
        })
        .collect()
}

#[cfg(test)]
mod tests;

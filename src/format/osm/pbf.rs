//! OSM PBF (<https://wiki.openstreetmap.org/wiki/PBF_Format>): framing, zlib and the few protocol-buffer messages that
//! street files use, read by hand.
//!
//! Why not a crate: the usual one panics on an unknown member type (our fuzzer found it), can overflow its sums, and drops
//! in silence the tags that follow a bad one. Here every such byte is an error.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;

use super::{cut_off, damaged, unreadable};
use crate::domain::input::InputError;
use crate::domain::position::LonLat;
use crate::network::osm::{Element, Tags};

/// What a file may require of its reader and this one does.
const FEATURES: [&[u8]; 2] = [b"OsmSchema-V0.6", b"DenseNodes"];
/// The format's own limits, bytes: they bound the memory.
const MAX_HEADER: u32 = 64 * 1024;
const MAX_BLOB: u64 = 32 * 1024 * 1024;
/// Member type of a way in a relation.
const WAY: i64 = 1;

type Result<T> = std::result::Result<T, InputError>;

pub(super) fn read(mut source: impl Read + Send, each: &mut dyn FnMut(Element<'_>)) -> Result<()> {
    let mut header_seen = false;
    let (mut framed, mut content) = (Vec::new(), Vec::new());
    while let Some(length) = header_length(&mut source)? {
        take(&mut source, u64::from(length), &mut framed)?;
        let (mut kind, mut size) = (&[][..], 0);
        let mut header = Message(&framed);
        while let Some((field, value)) = header.next()? {
            match (field, value) {
                (1, Value::Bytes(bytes)) => kind = bytes,
                (3, Value::Int(n)) => size = n,
                _ => {}
            }
        }
        if size > MAX_BLOB {
            return Err(damaged("a block claims more than 32 MiB"));
        }
        let (is_header, is_data) = (kind == b"OSMHeader", kind == b"OSMData");
        take(&mut source, size, &mut framed)?;
        if is_header {
            header_seen = true;
            check_features(unpacked(&framed, &mut content)?)?;
        } else if is_data && !header_seen {
            return Err(damaged("no header comes before the data"));
        } else if is_data {
            block(unpacked(&framed, &mut content)?, each)?;
        }
    }
    if header_seen { Ok(()) } else { Err(cut_off()) }
}

/// The length of the next blob's header; `None` at the end of the file.
fn header_length(source: &mut impl Read) -> Result<Option<u32>> {
    let mut bytes = [0; 4];
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read(&mut bytes[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(cut_off()),
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unreadable(&e)),
        }
    }
    match u32::from_be_bytes(bytes) {
        length @ 1..=MAX_HEADER => Ok(Some(length)),
        _ => Err(damaged("a block's header is longer than 64 KiB or empty")),
    }
}

/// Reads exactly `size` bytes; what is allocated follows what is there, not what is claimed.
fn take(source: &mut impl Read, size: u64, into: &mut Vec<u8>) -> Result<()> {
    into.clear();
    source.take(size).read_to_end(into).map_err(|e| unreadable(&e))?;
    if into.len() as u64 == size { Ok(()) } else { Err(cut_off()) }
}

/// The content of a blob, decompressed when it is compressed.
fn unpacked<'a>(blob: &'a [u8], content: &'a mut Vec<u8>) -> Result<&'a [u8]> {
    let mut message = Message(blob);
    let mut claimed = None;
    let mut packed = None;
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(raw)) => return Ok(raw),
            (2, Value::Int(n)) => claimed = Some(n),
            (3, Value::Bytes(zlib)) => packed = Some(zlib),
            (4..=7, Value::Bytes(_)) => {
                return Err(InputError::new(
                    "unknown_feature",
                    "the file is compressed in a way that this program does not read (only zlib)",
                    "Convert it with `osmium cat -o plain.osm.pbf FILE`",
                ));
            }
            _ => {}
        }
    }
    let packed = packed.ok_or_else(|| damaged("a block holds nothing"))?;
    content.clear();
    ZlibDecoder::new(packed)
        .take(MAX_BLOB + 1)
        .read_to_end(content)
        .map_err(|e| damaged(&format!("a block cannot be decompressed ({e})")))?;
    let size = content.len() as u64;
    if size > MAX_BLOB || claimed.is_some_and(|claimed| claimed != size) {
        return Err(damaged("a block is not as long as it says"));
    }
    Ok(content)
}

fn check_features(header: &[u8]) -> Result<()> {
    let mut message = Message(header);
    while let Some((field, value)) = message.next()? {
        if let (4, Value::Bytes(feature)) = (field, value)
            && !FEATURES.contains(&feature)
        {
            return Err(InputError::new(
                "unknown_feature",
                "the file needs a feature that this program does not read",
                "Convert it with `osmium cat -o plain.osm.pbf FILE`",
            )
            .with_value(&String::from_utf8_lossy(feature)));
        }
    }
    Ok(())
}

/// What the elements of a block share.
struct Block<'a> {
    /// `None` for a text that is not UTF-8: an error only when a tag uses it.
    strings: Vec<Option<&'a str>>,
    granularity: i64,
    lat_offset: i64,
    lon_offset: i64,
}

/// Lists of one element, kept to be filled again.
#[derive(Default)]
struct Lists {
    ids: Vec<i64>,
    lats: Vec<i64>,
    lons: Vec<i64>,
    keys: Vec<i64>,
    values: Vec<i64>,
    kinds: Vec<i64>,
}

fn block(bytes: &[u8], each: &mut dyn FnMut(Element<'_>)) -> Result<()> {
    let mut block = Block { strings: Vec::new(), granularity: 100, lat_offset: 0, lon_offset: 0 };
    let mut groups = Vec::new();
    let mut message = Message(bytes);
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(table)) => {
                let mut table = Message(table);
                while let Some((field, value)) = table.next()? {
                    if let (1, Value::Bytes(text)) = (field, value) {
                        block.strings.push(std::str::from_utf8(text).ok());
                    }
                }
            }
            (2, Value::Bytes(group)) => groups.push(group),
            (17, Value::Int(n)) => block.granularity = n.cast_signed(),
            (19, Value::Int(n)) => block.lat_offset = n.cast_signed(),
            (20, Value::Int(n)) => block.lon_offset = n.cast_signed(),
            _ => {}
        }
    }
    let mut lists = Lists::default();
    for group in groups {
        let mut message = Message(group);
        while let Some((field, value)) = message.next()? {
            match (field, value) {
                (1, Value::Bytes(node)) => block.node(node, &mut lists, each)?,
                (2, Value::Bytes(nodes)) => block.dense_nodes(nodes, &mut lists, each)?,
                (3, Value::Bytes(way)) => block.way(way, &mut lists, each)?,
                (4, Value::Bytes(relation)) => block.relation(relation, &mut lists, each)?,
                _ => {}
            }
        }
    }
    Ok(())
}

impl<'a> Block<'a> {
    fn node(&self, bytes: &[u8], lists: &mut Lists, each: &mut dyn FnMut(Element<'_>)) -> Result<()> {
        lists.clear();
        let (mut id, mut lat, mut lon) = (None, None, None);
        let mut message = Message(bytes);
        while let Some((field, value)) = message.next()? {
            match (field, value) {
                (1, Value::Int(n)) => id = Some(unzigzag(n)),
                (2, value) => value.append_to(&mut lists.keys)?,
                (3, value) => value.append_to(&mut lists.values)?,
                (8, Value::Int(n)) => lat = Some(unzigzag(n)),
                (9, Value::Int(n)) => lon = Some(unzigzag(n)),
                _ => {}
            }
        }
        let (Some(id), Some(lat), Some(lon)) = (id, lat, lon) else {
            return Err(damaged("a node has no id or no position"));
        };
        each(Element::Node { id, position: self.position(lon, lat)?, tags: self.tags(&lists.keys, &lists.values)? });
        Ok(())
    }

    fn dense_nodes(&self, bytes: &[u8], lists: &mut Lists, each: &mut dyn FnMut(Element<'_>)) -> Result<()> {
        lists.clear();
        let mut message = Message(bytes);
        while let Some((field, value)) = message.next()? {
            match field {
                1 => value.append_to(&mut lists.ids)?,
                8 => value.append_to(&mut lists.lats)?,
                9 => value.append_to(&mut lists.lons)?,
                10 => value.append_to(&mut lists.keys)?,
                _ => {}
            }
        }
        if lists.lats.len() != lists.ids.len() || lists.lons.len() != lists.ids.len() {
            return Err(damaged("nodes and positions are not equally many"));
        }
        // Keys and values of all nodes in one row, a zero after each node's; no row at all when no node has a tag.
        let mut row = lists.keys.iter().copied();
        let (mut id, mut lat, mut lon) = (0_i64, 0_i64, 0_i64);
        for i in 0..lists.ids.len() {
            id = sum(id, unzigzag(lists.ids[i].cast_unsigned()))?;
            lat = sum(lat, unzigzag(lists.lats[i].cast_unsigned()))?;
            lon = sum(lon, unzigzag(lists.lons[i].cast_unsigned()))?;
            let mut tags = Vec::new();
            while let Some(key) = row.next().filter(|&key| key != 0) {
                let value = row.next().ok_or_else(|| damaged("a key without a value"))?;
                tags.push((self.string(key)?, self.string(value)?));
            }
            each(Element::Node { id, position: self.position(lon, lat)?, tags: Tags(tags) });
        }
        Ok(())
    }

    fn way(&self, bytes: &[u8], lists: &mut Lists, each: &mut dyn FnMut(Element<'_>)) -> Result<()> {
        lists.clear();
        let id = lists.read(bytes, 8, None)?;
        each(Element::Way { id, refs: &lists.ids, tags: self.tags(&lists.keys, &lists.values)? });
        Ok(())
    }

    fn relation(&self, bytes: &[u8], lists: &mut Lists, each: &mut dyn FnMut(Element<'_>)) -> Result<()> {
        lists.clear();
        lists.read(bytes, 9, Some(10))?;
        if lists.kinds.len() != lists.ids.len() {
            return Err(damaged("members and their types are not equally many"));
        }
        let mut kinds = lists.kinds.iter();
        lists.ids.retain(|_| kinds.next() == Some(&WAY));
        each(Element::Relation { ways: &lists.ids, tags: self.tags(&lists.keys, &lists.values)? });
        Ok(())
    }

    fn string(&self, index: i64) -> Result<&'a str> {
        let text = usize::try_from(index).ok().and_then(|index| self.strings.get(index));
        text.copied().flatten().ok_or_else(|| damaged("a tag's text is not in the block, or not UTF-8"))
    }

    fn tags(&self, keys: &[i64], values: &[i64]) -> Result<Tags<'a>> {
        if keys.len() != values.len() {
            return Err(damaged("keys and values are not equally many"));
        }
        keys.iter().zip(values).map(|(&k, &v)| Ok((self.string(k)?, self.string(v)?))).collect::<Result<_>>().map(Tags)
    }

    /// A position from the block's own units.
    fn position(&self, lon: i64, lat: i64) -> Result<LonLat> {
        let degrees = |value: i64, offset: i64| {
            let nano = value.checked_mul(self.granularity).and_then(|n| n.checked_add(offset));
            nano.map(|nano| nano as f64 / 1e9)
        };
        let (Some(lon), Some(lat)) = (degrees(lon, self.lon_offset), degrees(lat, self.lat_offset)) else {
            return Err(damaged("a position overflows"));
        };
        LonLat::try_new(lon, lat).map_err(|e| damaged(&format!("a node's position is none ({e})")))
    }
}

impl Lists {
    fn clear(&mut self) {
        for list in [&mut self.ids, &mut self.lats, &mut self.lons, &mut self.keys, &mut self.values, &mut self.kinds] {
            list.clear();
        }
    }

    /// A way's or relation's id; its tags, summed-up references and member types go to the lists.
    fn read(&mut self, bytes: &[u8], refs_field: u32, kinds_field: Option<u32>) -> Result<i64> {
        let mut id = None;
        let mut message = Message(bytes);
        while let Some((field, value)) = message.next()? {
            match (field, value) {
                (1, Value::Int(n)) => id = Some(n.cast_signed()),
                (2, value) => value.append_to(&mut self.keys)?,
                (3, value) => value.append_to(&mut self.values)?,
                (n, value) if n == refs_field => value.append_to(&mut self.ids)?,
                (n, value) if Some(n) == kinds_field => value.append_to(&mut self.kinds)?,
                _ => {}
            }
        }
        let mut before = 0;
        for reference in &mut self.ids {
            before = sum(before, unzigzag(reference.cast_unsigned()))?;
            *reference = before;
        }
        id.ok_or_else(|| damaged("an element has no id"))
    }
}

fn sum(a: i64, b: i64) -> Result<i64> {
    a.checked_add(b).ok_or_else(|| damaged("a number overflows"))
}

/// Signed numbers are stored as 0, -1, 1, -2…
const fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -((n & 1).cast_signed())
}

/// A protocol-buffer message, field by field.
struct Message<'a>(&'a [u8]);

/// The value of a field: a number, or bytes that the field's own meaning explains.
enum Value<'a> {
    Int(u64),
    Bytes(&'a [u8]),
}

impl<'a> Message<'a> {
    fn next(&mut self) -> Result<Option<(u32, Value<'a>)>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Int(self.varint()?),
            1 => Value::Bytes(self.bytes(8)?),
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.bytes(length)?)
            }
            5 => Value::Bytes(self.bytes(4)?),
            _ => return Err(damaged("a field is of no known type")),
        };
        let field = u32::try_from(key >> 3).map_err(|_| damaged("a field has no valid number"))?;
        Ok(Some((field, value)))
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8]> {
        let split = usize::try_from(length).ok().and_then(|length| self.0.split_at_checked(length));
        let (head, tail) = split.ok_or_else(|| damaged("a field runs past its block"))?;
        self.0 = tail;
        Ok(head)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut number = 0_u64;
        for (i, &byte) in self.0.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                self.0 = &self.0[i + 1..];
                return Ok(number);
            }
        }
        Err(damaged("a number has no end"))
    }
}

impl Value<'_> {
    /// A repeated number, packed or one by one.
    fn append_to(&self, list: &mut Vec<i64>) -> Result<()> {
        match *self {
            Value::Int(n) => list.push(n.cast_signed()),
            Value::Bytes(bytes) => {
                let mut packed = Message(bytes);
                while !packed.0.is_empty() {
                    list.push(packed.varint()?.cast_signed());
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, unzigzag};
    use crate::domain::input::InputError;
    use crate::network::osm::Element;

    fn corpus(name: &str) -> Vec<u8> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read(root.join("tests/fuzz/corpus/osm_pbf").join(name)).expect("the corpus is part of the project")
    }

    fn read(bytes: &[u8]) -> Result<Vec<String>, InputError> {
        let mut seen = Vec::new();
        crate::format::osm::read(bytes, &mut |e: Element<'_>| seen.push(format!("{e:?}")))?;
        Ok(seen)
    }

    #[test]
    fn dense_and_plain_nodes_raw_and_compressed_blocks_say_the_same() {
        let dense = read(&corpus("dense.osm.pbf")).expect("a good file");
        assert_eq!(dense.len(), 13, "{dense:#?}");
        assert!(dense[1].contains(r#"("barrier", "gate"), ("access", "private")"#), "{}", dense[1]);
        assert!(dense[5].contains("id: -6") && dense[7].contains("refs: [3, 4, 4, 5]"), "{dense:#?}");
        assert!(dense[12].contains("ways: [13]") && dense[12].contains("Place é"), "{}", dense[12]);
        assert_eq!(dense, read(&corpus("plain-nodes.osm.pbf")).expect("a good file"));
        assert_eq!(dense, read(&corpus("raw-blobs.osm.pbf")).expect("a good file"));
    }

    #[test]
    fn a_file_cut_anywhere_but_between_blocks_is_an_error() {
        let whole = corpus("dense.osm.pbf");
        let good: Vec<usize> = (1..whole.len()).filter(|&end| read(&whole[..end]).is_ok()).collect();
        assert_eq!(good.len(), 1, "only after the header block: {good:?}");
    }

    #[test]
    fn numbers_are_read_at_their_limits() {
        let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(Message(&most).varint().expect("64 bits"), u64::MAX);
        assert!(Message(&[0x80; 11]).varint().is_err());
        assert_eq!([0, 1, 2, u64::MAX].map(unzigzag), [0, -1, 1, i64::MIN]);
    }
}

//! Predicates on positions whose answer is exact whatever the rounding: on which side, whether two segments meet.
//!
//! Shewchuk, *Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates*, 1997.

use geo::Coord;
use geo::algorithm::kernels::{Kernel, RobustKernel};

pub use geo::algorithm::kernels::Orientation;

use crate::domain::position::LonLat;

/// Which way the path `a` → `b` → `p` turns.
#[must_use]
pub fn orientation(a: LonLat, b: LonLat, p: LonLat) -> Orientation {
    let coord = |p: LonLat| Coord { x: p.lon(), y: p.lat() };
    RobustKernel::orient2d(coord(a), coord(b), coord(p))
}

/// Whether the segments `a`–`b` and `c`–`d`, ends included, share a point.
#[must_use]
pub fn segments_meet(a: LonLat, b: LonLat, c: LonLat, d: LonLat) -> bool {
    let (abc, abd) = (orientation(a, b, c), orientation(a, b, d));
    let (cda, cdb) = (orientation(c, d, a), orientation(c, d, b));
    if abc != abd && cda != cdb {
        return true;
    }
    let on =
        |from: LonLat, to: LonLat, p: LonLat, turn: Orientation| turn == Orientation::Collinear && in_box(from, to, p);
    on(a, b, c, abc) || on(a, b, d, abd) || on(c, d, a, cda) || on(c, d, b, cdb)
}

/// Whether `b` → `c` runs back over `a` → `b`.
#[must_use]
pub fn folds_back(a: LonLat, b: LonLat, c: LonLat) -> bool {
    orientation(a, b, c) == Orientation::Collinear && (in_box(a, b, c) || in_box(b, c, a))
}

fn in_box(a: LonLat, b: LonLat, p: LonLat) -> bool {
    let between = |a: f64, b: f64, p: f64| a.min(b) <= p && p <= a.max(b);
    between(a.lon(), b.lon(), p.lon()) && between(a.lat(), b.lat(), p.lat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: i32, y: i32) -> LonLat {
        LonLat::try_new(f64::from(x) * 0.1, f64::from(y) * 0.1).expect("in range")
    }

    #[test]
    fn segments_that_cross_touch_or_overlap_meet_and_others_do_not() {
        let meet = |s: [i32; 8]| segments_meet(at(s[0], s[1]), at(s[2], s[3]), at(s[4], s[5]), at(s[6], s[7]));
        assert!(meet([0, 0, 4, 4, 0, 4, 4, 0]), "crossing");
        assert!(meet([0, 0, 4, 0, 2, 0, 2, 3]), "touching in the middle");
        assert!(meet([0, 0, 4, 0, 4, 0, 6, 3]), "sharing an end");
        assert!(meet([0, 0, 4, 0, 2, 0, 6, 0]), "overlapping");
        assert!(!meet([0, 0, 4, 0, 5, 0, 6, 0]), "one behind the other");
        assert!(!meet([0, 0, 4, 0, 0, 1, 4, 1]), "parallel");
        assert!(!meet([0, 0, 1, 1, 0, 4, 4, 0]), "too short to cross");
    }

    #[test]
    fn a_spike_folds_back_and_a_straight_way_does_not() {
        assert!(folds_back(at(0, 0), at(4, 0), at(2, 0)));
        assert!(folds_back(at(2, 0), at(4, 0), at(0, 0)));
        assert!(!folds_back(at(0, 0), at(2, 0), at(4, 0)));
        assert!(!folds_back(at(0, 0), at(2, 0), at(2, 2)));
    }
}

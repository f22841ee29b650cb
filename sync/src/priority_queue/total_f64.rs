//! Floats as priorities.

use std::cmp::Ordering;

/// An `f64` as a priority, in the order of [`f64::total_cmp`].
///
/// Every value has its place, NaN too. A positive NaN is above infinity, so it comes first. A
/// negative NaN is below minus infinity, so it comes last. (Which sign a computed NaN has is not
/// specified.) -0.0 is below 0.0.
///
/// Two values are equal if they have the same bits: so a NaN equals itself here, and 0.0 does not
/// equal -0.0.
///
/// # Examples
///
/// ```
/// use sync::{PriorityQueue, TotalF64};
///
/// let queue = PriorityQueue::new();
/// for value in [0.5, f64::NAN.abs(), -0.0, f64::INFINITY, 0.0] {
///     queue.push(value.to_string(), TotalF64(value))?;
/// }
/// queue.close();
/// let in_order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
/// assert_eq!(in_order, ["NaN", "inf", "0.5", "0", "-0"]);
///
/// let nan = TotalF64(f64::NAN);
/// assert!(nan == nan && TotalF64(0.0) != TotalF64(-0.0));
/// # Ok::<(), sync::Closed<String, TotalF64>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TotalF64(pub f64);

impl Ord for TotalF64 {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for TotalF64 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for TotalF64 {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for TotalF64 {}

//! The course's work for a processor.

/// The `n`th Fibonacci number, computed the slow way on purpose: work that needs nothing but a
/// processor.
///
/// `fib(0)` is 0, `fib(1)` and `fib(2)` are 1. Each step takes 1.6 times as long as the one
/// before: `fib(35)` makes thirty million calls, which is some tens of milliseconds, and the
/// largest `n` whose answer fits, 93, would take longer than anybody can wait.
///
/// # Source
///
/// The cheatsheet calls `fib(35)` in "Performance Problem - GIL" and defines it, for positive `n`,
/// in "Consumer and Producer".
///
/// # Examples
///
/// ```
/// assert_eq!(threads::fib(10), 55);
/// assert_eq!(threads::fib(20), 6_765);
/// ```
pub fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}

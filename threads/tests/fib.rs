//! What `fib` promises.

use proptest::prelude::*;
use threads::fib;

#[test]
fn fib_begins_0_1_1_2_3_5() {
    assert_eq!([0, 1, 2, 3, 4, 5].map(fib), [0, 1, 1, 2, 3, 5]);
}

#[test]
fn fib_of_what_the_cheatsheet_computes() {
    assert_eq!((fib(30), fib(31), fib(32)), (832_040, 1_346_269, 2_178_309));
}

proptest! {
    #[test]
    fn fib_is_the_sum_of_the_two_before(n in 2..25_u32) {
        prop_assert_eq!(fib(n), fib(n - 1) + fib(n - 2));
    }
}

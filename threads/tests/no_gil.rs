//! What the section `no_gil` and the building block `fib` promise.

mod common;

use common::output_of;
use proptest::prelude::*;
use threads::fib;

const SECTION: &str = env!("CARGO_BIN_EXE_no_gil");

#[test]
fn both_threads_of_the_section_are_in_the_work_at_once() {
    let output = output_of(SECTION);
    let last_start = output.rfind("starts").unwrap();
    assert_eq!(output.matches("starts").count(), 2);
    assert_eq!(output.matches("done").count(), 2);
    assert!(last_start < output.find("done").unwrap(), "{output}");
}

#[test]
fn the_section_tells_the_ratio_with_what_it_depends_on() {
    let output = output_of(SECTION);
    for word in ["times as fast", "cores", "load average: ", "build", "from ", " to "] {
        assert!(output.contains(word), "no `{word}` in {output}");
    }
}

#[test]
fn the_section_ends_with_the_value_it_has_checked() {
    assert!(output_of(SECTION).ends_with("every fib(35) was 9227465\n"));
}

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

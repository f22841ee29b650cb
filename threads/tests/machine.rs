//! What is printed beside times.

use std::thread;
use std::time::Duration;
use threads::{fib, processor_time};

#[test]
fn processor_time_is_that_of_all_threads() {
    let goal = processor_time() + Duration::from_millis(20);
    let computes = move || {
        while processor_time() < goal {
            fib(20);
        }
    };
    thread::spawn(computes).join().unwrap();
    assert!(processor_time() >= goal); // though this thread has only waited
}

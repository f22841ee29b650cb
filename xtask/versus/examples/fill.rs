//! Two ways to fill a vector, side by side: `cargo run --release -p versus --example fill -- --bench`.

use std::{hint::black_box, process::ExitCode};

fn main() -> ExitCode {
    versus::main("fill", |cases| {
        for length in [10_u32, 1_000, 100_000] {
            let numbers = move || 0..u64::from(length);
            let last = u64::from(length) - 1;
            cases
                .case(&format!("{length} numbers"))
                .item("vector")
                .point("filling a vector", "numbers", length.into())
                .answer(move |items| items * last)
                .baseline("push")
                .context("push", "push", move |items| {
                    let mut sum = 0;
                    for _ in 0..items {
                        let mut vector = Vec::new();
                        for number in numbers() {
                            vector.push(number);
                        }
                        sum += black_box(vector).last().unwrap_or(&0);
                    }
                    sum
                })
                .context("capacity", "with capacity", move |items| {
                    let mut sum = 0;
                    for _ in 0..items {
                        let mut vector = Vec::with_capacity(length as usize);
                        for number in numbers() {
                            vector.push(number);
                        }
                        sum += black_box(vector).last().unwrap_or(&0);
                    }
                    sum
                })
                .context("collect", "collect", move |items| {
                    (0..items).fold(0, |sum, _| {
                        let vector: Vec<u64> = numbers().collect();
                        sum + black_box(vector).last().unwrap_or(&0)
                    })
                });
        }
    })
}

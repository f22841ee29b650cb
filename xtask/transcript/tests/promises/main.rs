//! What the notation and the library promise, one test each.

mod counts;
mod support;

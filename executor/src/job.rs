//! Stand-in
/// Stand-in
pub trait Job: Send + 'static {
    /// Stand-in
    type Output: Send + 'static;
    /// Stand-in
    fn run(self) -> Self::Output;
}

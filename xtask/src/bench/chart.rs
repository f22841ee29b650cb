//! A chart of what was measured: ratios or prices as dots with their intervals, or a curve.

/// A chart, to be written to a file.
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// The drawing, with all it shows in words.
    pub svg: String,
}

impl Chart {
    /// The name of its file: `semaphore-2-threads-1-permit.svg`. The bench's name is not said twice.
    pub fn file(&self, bench: &str) -> String {
        let title = self.title.strip_prefix(bench).unwrap_or(&self.title);
        let words = title.split(|c: char| !c.is_ascii_alphanumeric());
        let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
        let parts: Vec<_> = std::iter::once(bench.to_owned()).chain(words).collect();
        parts.join("-") + ".svg"
    }
}

//! A progress bar on stderr for reads that take long, only when stderr is a terminal.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that shows itself only where somebody sees it.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar with this text in front of it.
    pub fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0).with_message(what);
            if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar }
    }

    /// Says how far the reading is.
    pub fn at(&mut self, done: usize, total: Option<usize>) {
        if let Some(bar) = &self.bar {
            bar.set_length(u64::try_from(total.unwrap_or(done)).unwrap_or(u64::MAX));
            bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

//! The Rust face of the shared suite: one question a line, one answer a line.

use std::io::{self, BufRead as _, Write as _};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for question in io::stdin().lock().lines() {
        writeln!(out, "{}", at9068_driver::answer(&question?))?;
        out.flush()?;
    }
    Ok(())
}

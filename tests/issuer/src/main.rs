//! The program: says in one line of JSON where it listens, and ends with its standard input.

use std::io::{self, Write as _};
use std::process::ExitCode;

use at9068_test_issuer::{Options, TestIssuer};

const USAGE: &str = "usage: at9068-test-issuer [--port N] [--tls] [--path /PATH]";

fn main() -> io::Result<ExitCode> {
    let Some(options) = Options::from_arguments(std::env::args().skip(1)) else {
        writeln!(io::stderr(), "{USAGE}")?;
        return Ok(ExitCode::from(2));
    };
    let issuer = match TestIssuer::start(&options) {
        Ok(issuer) => issuer,
        Err(error) => {
            writeln!(io::stderr(), "at9068-test-issuer: {error}")?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", issuer.announcement())?;
    out.flush()?;
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(ExitCode::SUCCESS)
}

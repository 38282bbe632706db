//! Link options that Node's loader needs.

fn main() {
    napi_build::setup();
}

//! JSON Schema of everything that is configured or asked in JSON.

use schemars::{JsonSchema, schema_for};

use crate::client_assertion::ClientAssertionRequest;
use crate::config::{ClientAssertionMinterConfig, MinterConfig, ValidatorConfig};
use crate::minter::MintRequest;
use crate::validator::{Request, Require};

/// The schemas by file name, as JSON texts (JSON Schema 2020-12).
#[must_use]
pub fn schemas() -> Vec<(&'static str, String)> {
    vec![
        ("validator.schema.json", text::<ValidatorConfig>()),
        ("minter.schema.json", text::<MinterConfig>()),
        ("mint-request.schema.json", text::<MintRequest>()),
        ("client-assertion-minter.schema.json", text::<ClientAssertionMinterConfig>()),
        ("client-assertion-request.schema.json", text::<ClientAssertionRequest>()),
        ("request.schema.json", text::<Request>()),
        ("require.schema.json", text::<Require>()),
    ]
}

fn text<T: JsonSchema>() -> String {
    format!("{:#}\n", schema_for!(T).as_value())
}

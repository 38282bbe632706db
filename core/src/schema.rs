//! JSON Schema of everything that is configured or asked in JSON.

use schemars::{JsonSchema, schema_for};

use crate::client_assertion::{ClientAssertionOptions, ClientAssertionRequest};
use crate::config::{ClientAssertionConfig, ClientAssertionMinterConfig, IdTokenConfig, MinterConfig, ValidatorConfig};
use crate::id_token::{IdTokenChecks, IdTokenRequest};
use crate::minter::MintRequest;
use crate::validator::{Request, Require};

/// The schemas by file name, as JSON texts (JSON Schema 2020-12).
#[must_use]
pub fn schemas() -> Vec<(&'static str, String)> {
    vec![
        ("validator.schema.json", text::<ValidatorConfig>()),
        ("minter.schema.json", text::<MinterConfig>()),
        ("mint-request.schema.json", text::<MintRequest>()),
        ("client-assertion.schema.json", text::<ClientAssertionConfig>()),
        ("client-assertion-require.schema.json", text::<ClientAssertionOptions>()),
        ("client-assertion-minter.schema.json", text::<ClientAssertionMinterConfig>()),
        ("client-assertion-request.schema.json", text::<ClientAssertionRequest>()),
        ("id-token.schema.json", text::<IdTokenConfig>()),
        ("id-token-checks.schema.json", text::<IdTokenChecks>()),
        ("id-token-request.schema.json", text::<IdTokenRequest>()),
        ("request.schema.json", text::<Request>()),
        ("require.schema.json", text::<Require>()),
    ]
}

fn text<T: JsonSchema>() -> String {
    format!("{:#}\n", schema_for!(T).as_value())
}

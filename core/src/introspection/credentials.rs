//! How this server authenticates where it asks.

use zeroize::Zeroizing;

use crate::client_assertion::{ClientAssertionMinter, ClientAssertionRequest};
use crate::config::{ClientAssertionMinterConfig, ClientAuthentication, Handles, IntrospectionConfig, Secret, invalid};
use crate::encoding::{base64url, form};
use crate::error::Result;
use crate::ports::{FetchRequest, Ports};

pub(super) enum Credentials {
    Basic { client_id: String, client_secret: Secret },
    Post { client_id: String, client_secret: Secret },
    Assertion(ClientAssertionMinter),
    Bearer(Secret),
}

impl Credentials {
    pub(super) fn new(config: &IntrospectionConfig, issuer: &str, handles: &Handles, ports: &Ports) -> Result<Self> {
        use ClientAuthentication::{Bearer, ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};
        let way = config.authentication;
        let fits = |given: bool, ways: &[ClientAuthentication], name: &str| match (given, ways.contains(&way)) {
            (false, true) => Err(invalid(format_args!("introspection.{name} is missing"))),
            (true, false) => Err(invalid(format_args!("introspection.{name} is not for this authentication"))),
            _ => Ok(()),
        };
        fits(config.client_secret.is_some(), &[ClientSecretBasic, ClientSecretPost], "client_secret")?;
        fits(config.keys.is_some(), &[PrivateKeyJwt], "keys")?;
        fits(config.bearer_token.is_some(), &[Bearer], "bearer_token")?;
        if way != PrivateKeyJwt && (config.algorithm.is_some() || config.audience.is_some()) {
            return Err(invalid("introspection.algorithm and introspection.audience are for private_key_jwt"));
        }
        let client_id = match (&config.client_id, way) {
            (Some(id), _) if id.is_empty() => return Err(invalid("introspection.client_id is empty")),
            (Some(id), _) => id.clone(),
            (None, Bearer) => String::new(),
            (None, _) => return Err(invalid("introspection.client_id is missing")),
        };
        if let Some(secret) = config.client_secret.clone() {
            if secret.as_str().is_empty() {
                return Err(invalid("introspection.client_secret is empty"));
            }
            let post = way == ClientSecretPost;
            let basic = || Self::Basic { client_id: client_id.clone(), client_secret: secret.clone() };
            return Ok(if post { Self::Post { client_id, client_secret: secret } } else { basic() });
        }
        if let Some(token) = config.bearer_token.clone() {
            if !base64url::is_token68(token.as_str()) {
                return Err(invalid("introspection.bearer_token is no bearer token"));
            }
            return Ok(Self::Bearer(token));
        }
        let config = ClientAssertionMinterConfig {
            audience: config.audience.clone().unwrap_or_else(|| issuer.to_owned()),
            keys: config.keys.clone(),
            client_secret: None,
            algorithm: config.algorithm,
            client_id,
            lifetime_seconds: None,
            handles: handles.clone(),
        };
        ClientAssertionMinter::with_ports(config, ports.clone()).map(Self::Assertion)
    }

    /// Adds what authenticates to a request and its body.
    pub(super) fn add(&self, request: &mut FetchRequest, body: &mut Zeroizing<String>) -> Result<()> {
        let mut authorize = |value: String| request.headers.push(("Authorization".to_owned(), value));
        match self {
            Self::Basic { client_id, client_secret } => {
                let (id, secret) = (form::encode(client_id), Zeroizing::new(form::encode(client_secret.as_str())));
                let pair = Zeroizing::new(format!("{id}:{}", *secret));
                authorize(format!("Basic {}", base64url::encode_standard(pair.as_bytes())));
            }
            Self::Bearer(token) => authorize(format!("Bearer {}", token.as_str())),
            Self::Post { client_id, client_secret } => {
                form::push("client_id", client_id, body);
                form::push("client_secret", client_secret.as_str(), body);
            }
            Self::Assertion(minter) => {
                let assertion = minter.mint(&ClientAssertionRequest::new(), None)?;
                form::push("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", body);
                form::push("client_assertion", assertion.token(), body);
            }
        }
        Ok(())
    }
}

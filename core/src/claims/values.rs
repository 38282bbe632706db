//! Claims with members of their own, as callers see them.

use std::borrow::Cow;
use std::fmt;

use crate::encoding::json::Value;

/// A role, group or entitlement: a plain string, or a SCIM value (RFC 9068 §2.2.3.1, RFC 7643
/// §4.1.2).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// The value itself.
    pub value: Cow<'a, str>,
    /// How it is shown to people.
    pub display: Option<Cow<'a, str>>,
    /// `type`: what kind of value it is.
    pub kind: Option<Cow<'a, str>>,
    /// Whether it is the one that matters most.
    pub primary: Option<bool>,
    /// `$ref`: where the resource is that it stands for.
    pub reference: Option<Cow<'a, str>>,
}

/// One entry of `authorization_details` (RFC 9396 §2). What its type means is the API's to know.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorizationDetail<'a> {
    /// `type`: by which the API knows what the other members mean.
    pub kind: Cow<'a, str>,
    /// The whole object.
    pub json: &'a str,
}

/// The members of `cnf` that are understood (RFC 7800 §3.1).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confirmation<'a> {
    /// The thumbprint of a DPoP key (RFC 9449 §6.1).
    pub jkt: Option<Cow<'a, str>>,
    /// `x5t#S256`: the SHA-256 of a client certificate (RFC 8705 §3.1).
    pub x5t_s256: Option<Cow<'a, str>>,
}

/// Who acts for the subject (RFC 8693 §4.1).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Actor<'a> {
    /// `sub`, where the actor is named by it.
    pub sub: Option<Cow<'a, str>>,
    /// The whole object.
    pub json: &'a str,
}

impl<'a> Attribute<'a> {
    pub(crate) fn read(entry: Value<'a>) -> Option<Self> {
        let text = |name| entry.member(name).and_then(Value::string);
        Some(Self {
            value: entry.string().or_else(|| text("value"))?,
            display: text("display"),
            kind: text("type"),
            primary: entry.member("primary").and_then(Value::boolean),
            reference: text("$ref"),
        })
    }
}

impl<'a> AuthorizationDetail<'a> {
    pub(crate) fn read(detail: Value<'a>) -> Option<Self> {
        Some(Self { kind: detail.member("type")?.string()?, json: detail.text() })
    }
}

impl<'a> Confirmation<'a> {
    pub(crate) fn read(cnf: Value<'a>) -> Self {
        let member = |name| cnf.member(name).and_then(Value::string);
        Self { jkt: member("jkt"), x5t_s256: member("x5t#S256") }
    }
}

impl<'a> Actor<'a> {
    pub(crate) fn read(actor: Value<'a>) -> Self {
        Self { sub: actor.member("sub").and_then(Value::string), json: actor.text() }
    }

    /// The actor before this one in the chain of delegation. It is told for the record only:
    /// decisions go by the outermost actor (RFC 8693 §4.1).
    #[must_use]
    pub fn act(&self) -> Option<Self> {
        Value::of_checked(self.json).member("act").map(Self::read)
    }
}

/// Claims are personal data: `Debug` shows none.
macro_rules! opaque_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

opaque_debug!(Attribute, AuthorizationDetail, Confirmation, Actor);

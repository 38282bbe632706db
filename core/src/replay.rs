//! Tokens of single use: the keys by which they are remembered, and a store in memory.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::crypto;
use crate::encoding::base64url;
use crate::error::{Error, ErrorCode, Kind, Result};
use crate::ports::{Ports, ReplayStore};
use crate::process::PerProcess;
use crate::time::Timestamp;

/// How much longer than a token is good its use is remembered, in seconds: for stores whose clocks
/// are ahead, and for callers that read the clock a while ago.
const MARGIN: i64 = 60;

const USUAL_CAPACITY: usize = 100_000;

/// Refuses a second use of a token. To be asked when all else of it was found good.
#[derive(Clone)]
pub(crate) struct SingleUse {
    store: Arc<dyn ReplayStore>,
    kind: Kind,
}

impl SingleUse {
    /// Of tokens of one kind; in memory, unless the host has a store.
    pub(crate) fn new(kind: Kind, ports: &Ports) -> Self {
        let store = ports.replay_store.clone().unwrap_or_else(|| Arc::new(MemoryReplayStore::new()));
        Self { store, kind }
    }

    /// Notes the use of a token, which is good until `ends`. `identity` is all that tells it apart
    /// from others of its kind.
    pub(crate) fn note(&self, identity: &[&str], ends: Timestamp, now: Timestamp) -> Result<()> {
        let until = ends.ceil().saturating_add(MARGIN);
        match self.store.first_use(&key(self.kind, identity), until, now.floor()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::of_claim(ErrorCode::TokenReplayed, "jti")),
            // Whatever a store reports, the token is not to blame.
            Err(_) => Err(Error::with_detail(ErrorCode::Internal, "the replay store fails, or is full")),
        }
    }
}

/// What stands for a token: its kind, and a digest in which no two identities share their octets.
fn key(kind: Kind, identity: &[&str]) -> String {
    let mut octets = Vec::new();
    for part in identity {
        octets.extend_from_slice(&(part.len() as u64).to_be_bytes());
        octets.extend_from_slice(part.as_bytes());
    }
    format!("at9068:{kind}:{}", base64url::encode(crypto::sha256(&octets)))
}

/// A [`ReplayStore`] in the memory of this process: what is used unless the
/// [ports](Ports::replay_store) name another.
///
/// **Each process has its own**, also a child that `fork` made, which begins with an empty one. A
/// service of several processes or machines, where a token can be sent to each of them once, needs
/// a store that they share.
///
/// An entry costs 60 to 80 octets and is forgotten when its time is over. A store that is full of
/// entries whose time is not over never forgets one: it fails, so that nothing is accepted, until
/// there is room again.
pub struct MemoryReplayStore {
    capacity: usize,
    uses: PerProcess<Uses>,
}

/// 128 bits of the SHA-256 of a key.
type Digest = u128;

#[derive(Default)]
struct Uses {
    known: HashSet<Digest>,
    /// The same by when they may be forgotten.
    ends: BTreeSet<(i64, Digest)>,
}

impl Uses {
    /// Forgets what may be forgotten, then notes a use.
    fn note(&mut self, digest: Digest, until: i64, now: i64, most: usize) -> Result<bool> {
        while let Some((_, over)) = self.ends.first().filter(|(end, _)| *end <= now).copied() {
            self.ends.pop_first();
            self.known.remove(&over);
        }
        if self.known.contains(&digest) {
            return Ok(false);
        }
        if self.known.len() >= most {
            return Err(Error::with_detail(ErrorCode::Internal, "the replay store is full"));
        }
        self.ends.insert((until, digest));
        Ok(self.known.insert(digest))
    }
}

impl MemoryReplayStore {
    /// An empty store of at most 100,000 entries.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(USUAL_CAPACITY)
    }

    /// An empty store of at most so many entries. A service that is sent `n` tokens per second
    /// holds `n` times the seconds that each is good, and 60 more.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self { capacity: entries, uses: PerProcess::new() }
    }

    /// How many entries there are, those included whose time is over but that have not been
    /// forgotten yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.uses.with(|uses| uses.known.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ReplayStore for MemoryReplayStore {
    fn first_use(&self, key: &str, until: i64, now: i64) -> Result<bool> {
        self.uses.with(|uses| uses.note(crypto::half_sha256(key.as_bytes()), until, now, self.capacity))
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore").field("capacity", &self.capacity).field("len", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_kinds_and_identities_apart_and_nothing_else() {
        let of = |identity: &[&str]| key(Kind::ClientAssertion, identity);
        let one = of(&["as", "client", "id"]);
        assert_eq!(one, of(&["as", "client", "id"]));
        for other in [of(&["as", "clienti", "d"]), of(&["as", "client", "i", "d"]), of(&["", "asclient", "id"])] {
            assert_ne!(one, other);
        }
        assert_ne!(one, key(Kind::DpopProof, &["as", "client", "id"]));
        let long = key(Kind::IntrospectionResponse, &[&"x".repeat(100_000)]);
        assert!(long.len() <= 80 && long.is_ascii() && long.starts_with("at9068:introspection_response:"));
    }

    #[test]
    fn a_use_is_forgotten_when_its_time_is_over() {
        let store = MemoryReplayStore::new();
        assert_eq!(store.first_use("a", 100, 10), Ok(true));
        assert_eq!(store.first_use("b", 50, 10), Ok(true));
        assert_eq!(store.first_use("a", 200, 99), Ok(false));
        assert_eq!(store.len(), 1, "b is forgotten");
        assert_eq!(store.first_use("a", 200, 100), Ok(true));
        assert_eq!(store.first_use("a", 100, 199), Ok(false));
    }

    #[test]
    fn a_full_store_fails_and_forgets_nothing() {
        let store = MemoryReplayStore::with_capacity(2);
        assert_eq!(store.first_use("a", 100, 10), Ok(true));
        assert_eq!(store.first_use("b", 50, 10), Ok(true));
        assert_eq!(store.first_use("c", 50, 49).map_err(|error| error.code()), Err(ErrorCode::Internal));
        assert_eq!(store.first_use("a", 100, 49), Ok(false));
        assert_eq!(store.first_use("c", 90, 50), Ok(true));
        assert_eq!(format!("{store:?}"), "MemoryReplayStore { capacity: 2, len: 2 }");
    }

    #[test]
    fn of_many_at_once_one_is_first() {
        let store = MemoryReplayStore::new();
        let first = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| store.first_use("a", 100, 1).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|first| *first).count()
        });
        assert_eq!(first, 1);
    }

    #[test]
    fn the_end_is_rounded_up_and_a_margin_is_added() {
        #[derive(Default)]
        struct Ends(std::sync::Mutex<Vec<(i64, i64)>>);
        impl Ends {
            fn add(&self, until: i64, now: i64) {
                self.0.lock().unwrap().push((until, now));
            }
        }
        impl ReplayStore for Ends {
            fn first_use(&self, _: &str, until: i64, now: i64) -> Result<bool> {
                self.add(until, now);
                Ok(true)
            }
        }
        let ends = Arc::new(Ends::default());
        let ports = Ports::default().replay_store(ends.clone());
        let uses = SingleUse::new(Kind::ClientAssertion, &ports);
        for end in [100.0, 100.25] {
            uses.note(&["a"], Timestamp::from_seconds(end).unwrap(), Timestamp::from_seconds(9.75).unwrap()).unwrap();
        }
        assert_eq!(*ends.0.lock().unwrap(), [(160, 9), (161, 9)]);
    }
}

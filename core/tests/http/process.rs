//! What concerns the process that fetches: its environment, its signals, its forks, its threads. Each of
//! these has a process of its own, which is this program once more, told to run one of its ignored tests.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::{env, fs};

use at9068::{Fetch as _, FetchFailure, FetchRequest, HttpFetch, HttpOptions};
use rustls::version::TLS13;

use crate::authority::{Authority, LOOPBACK, https, named};
use crate::server::{Server, request, response};

/// Runs one of the tests below in a process of its own, which must end well.
fn run(child: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("process::{child}"), "--ignored", "--nocapture"]);
    command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR").envs(variables.iter().copied());
    let output = command.output().unwrap();
    let [said, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    let ended = (output.status.success(), output.status.signal(), said.contains("1 passed"));
    assert_eq!(ended, (true, None, true), "{child}: {said}{complained}");
}

/// The client and the URL that a child was told of.
fn told() -> (HttpFetch, String) {
    let mut options = HttpOptions::new();
    if let Ok(bundle) = env::var("TEST_BUNDLE") {
        options = options.ca_bundle(fs::read_to_string(bundle).unwrap());
    }
    (HttpFetch::new(options).unwrap(), env::var("TEST_URL").unwrap())
}

/// An authority's certificate in a file, as long as it is wanted.
struct Bundle(String);

impl Bundle {
    fn new(authority: &Authority, name: &str) -> Self {
        let path = env::temp_dir().join(format!("at9068-{}-{name}.pem", std::process::id()));
        fs::write(&path, authority.pem()).unwrap();
        Self(path.into_os_string().into_string().unwrap())
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
#[ignore = "run by those below"]
fn fetches_the_document() {
    let (fetcher, url) = told();
    assert_eq!(fetcher.fetch(&FetchRequest::new(url)).unwrap().body, b"{}");
}

#[test]
#[ignore = "run by those below"]
fn trusts_nobody() {
    let (fetcher, url) = told();
    assert_eq!(fetcher.fetch(&FetchRequest::new(url)), Err(FetchFailure::Tls));
}

/// T170.
#[test]
fn proxies_of_the_environment_are_not_used() {
    let authority = Authority::new();
    let bundle = Bundle::new(&authority, "environment");
    let trap = Server::saying("HTTP/1.1 200 OK\r\n\r\n");
    let url = format!("http://127.0.0.1:{}", trap.port);
    let mut variables = Vec::new();
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        variables.push((name, url.as_str()));
    }
    variables.extend([("NO_PROXY", ""), ("no_proxy", ""), ("TEST_BUNDLE", &bundle.0)]);
    let (plain, secured) =
        (Server::saying(response("200 OK", "", "{}")), authority.server(response("200 OK", "", "{}")));
    for url in [plain.url(), https(&secured)] {
        let mut variables = variables.clone();
        variables.push(("TEST_URL", &url));
        run("fetches_the_document", &variables);
    }
    assert_eq!((plain.connections(), secured.connections(), trap.connections()), (1, 1, 0));
}

/// Without a bundle, the system says whom to trust; with one, nobody but the bundle does.
#[test]
fn the_systems_authorities_count_only_without_a_bundle() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (ours, others) = (Bundle::new(&authority, "ours"), Bundle::new(&other, "others"));
    let server = authority.server(response("200 OK", "", "{}"));
    let url = https(&server);
    run("fetches_the_document", &[("TEST_URL", &url), ("SSL_CERT_FILE", &ours.0)]);
    run("trusts_nobody", &[("TEST_URL", &url), ("SSL_CERT_FILE", &others.0)]);
    run("trusts_nobody", &[("TEST_URL", &url), ("SSL_CERT_FILE", "/dev/null")]);
    run("trusts_nobody", &[("TEST_URL", &url), ("SSL_CERT_FILE", &ours.0), ("TEST_BUNDLE", &others.0)]);
}

#[test]
#[ignore = "run by the one below"]
fn leaves_nothing_behind() {
    let count = || ["/proc/self/task", "/proc/self/fd"].map(|place| fs::read_dir(place).unwrap().count());
    let (fetcher, url) = told();
    let before = count();
    for _ in 0..5 {
        assert_eq!(fetcher.fetch(&FetchRequest::new(url.as_str())).unwrap().body, b"{}");
    }
    // The thread of a look-up has told what it found a moment before it ends.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(count(), before);
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[test]
fn neither_thread_nor_file_nor_setting_stays() {
    let authority = Authority::new();
    let bundle = Bundle::new(&authority, "leaves");
    let server = authority.server(response("200 OK", "", "{}"));
    run("leaves_nothing_behind", &[("TEST_URL", &https(&server)), ("TEST_BUNDLE", &bundle.0)]);
    assert_eq!(server.connections(), 5);
}

/// What the C library has and the standard library lacks.
#[cfg(target_os = "linux")]
mod c {
    use std::ffi::{c_int, c_ulong};

    pub(super) const SIGALRM: c_int = 14;
    pub(super) const SIGPIPE: c_int = 13;
    /// `SIG_DFL`, as an address.
    pub(super) const DEFAULT: usize = 0;

    unsafe extern "C" {
        pub(super) fn signal(number: c_int, handler: usize) -> usize;
        pub(super) fn pthread_self() -> c_ulong;
        pub(super) fn pthread_kill(thread: c_ulong, number: c_int) -> c_int;
        pub(super) fn fork() -> c_int;
        pub(super) fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
        pub(super) fn _exit(status: c_int) -> !;
    }
}

#[cfg(target_os = "linux")]
mod signals {
    use std::ffi::c_int;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    static CAUGHT: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn catch(_: c_int) {
        CAUGHT.fetch_add(1, Ordering::SeqCst);
    }

    /// T219: a timer of the host goes off all the time, and what waits is woken each time.
    #[test]
    #[ignore = "run by the one below"]
    fn fetches_while_signals_arrive() {
        // SAFETY: the handler only adds to an atomic number.
        unsafe { c::signal(c::SIGALRM, catch as *const () as usize) };
        // SAFETY: it has no precondition.
        let fetching = unsafe { c::pthread_self() };
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let alarm = thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                // SAFETY: that thread waits for this one.
                assert_eq!(unsafe { c::pthread_kill(fetching, c::SIGALRM) }, 0);
                thread::sleep(Duration::from_millis(1));
            }
        });
        let (fetcher, url) = told();
        let fetched = fetcher.fetch(&FetchRequest::new(url.as_str()));
        let mut hasty = FetchRequest::new(url);
        hasty.timeout = Duration::from_millis(200);
        // Signals do not make it wait longer either.
        let timed_out = crate::timed(hasty.timeout, hasty.timeout, || fetcher.fetch(&hasty));
        over.store(true, Ordering::SeqCst);
        alarm.join().unwrap();
        assert_eq!(fetched.unwrap().body, b"{}");
        assert_eq!(timed_out, Err(FetchFailure::Timeout));
        assert!(CAUGHT.load(Ordering::SeqCst) > 100);
    }

    #[test]
    fn signals_do_not_end_a_fetch() {
        let authority = Authority::new();
        let bundle = Bundle::new(&authority, "signals");
        let slow = |stream: &mut dyn std::io::Write| {
            for octet in response("200 OK", "", "{}").bytes() {
                thread::sleep(Duration::from_millis(10));
                let _ = stream.write_all(&[octet]).and_then(|()| stream.flush());
            }
        };
        let plain = Server::start(move |mut stream| {
            request(&mut stream);
            slow(&mut stream);
        });
        let config = authority.certify(&named(LOOPBACK)).config(&[&TLS13]);
        let secured = Server::start(move |stream| {
            let mut stream = crate::authority::accept(&config, stream).unwrap();
            request(&mut stream);
            slow(&mut stream);
        });
        for url in [plain.url(), https(&secured)] {
            let child = "signals::fetches_while_signals_arrive";
            run(child, &[("TEST_URL", &url), ("TEST_BUNDLE", &bundle.0)]);
        }
    }

    /// T219: in a process that dies of SIGPIPE, as C programs do.
    #[test]
    #[ignore = "run by the one below"]
    fn survives_a_broken_pipe() {
        // SAFETY: the default action runs none of our code.
        unsafe { c::signal(c::SIGPIPE, c::DEFAULT) };
        let (fetcher, url) = told();
        let mut request = FetchRequest::new(url);
        // Long enough that the server's reply to the first part is there before the last is sent.
        request.headers = vec![("X".to_owned(), "y".repeat(8000))];
        for _ in 0..20 {
            assert_eq!(fetcher.fetch(&request), Err(FetchFailure::Broken));
        }
    }

    #[test]
    fn a_server_that_hangs_up_does_not_end_the_process() {
        let authority = Authority::new();
        let bundle = Bundle::new(&authority, "pipe");
        let config = authority.certify(&named(LOOPBACK)).config(&[&TLS13]);
        // The server's part of the handshake is said, and all that the client still has to say is in vain.
        let secured = Server::start(move |mut stream| {
            let mut connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            while connection.wants_read() && !connection.wants_write() {
                connection.read_tls(&mut stream).unwrap();
                connection.process_new_packets().unwrap();
            }
            while connection.wants_write() {
                connection.write_tls(&mut stream).unwrap();
            }
        });
        let child = "signals::survives_a_broken_pipe";
        run(child, &[("TEST_URL", &https(&secured)), ("TEST_BUNDLE", &bundle.0)]);
        let plain = Server::start(drop);
        run(child, &[("TEST_URL", &plain.url())]);
        assert_eq!((secured.connections(), plain.connections()), (20, 20));
    }

    /// Forks again and again while other threads fetch; each child fetches too.
    #[test]
    #[ignore = "run by the one below"]
    fn fetches_after_forks() {
        let (fetcher, url) = told();
        let fetches = || fetcher.fetch(&FetchRequest::new(url.as_str())).is_ok_and(|fetched| fetched.body == b"{}");
        assert!(fetches());
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !over.load(Ordering::SeqCst) {
                        assert!(fetches());
                    }
                });
            }
            for _ in 0..10 {
                // SAFETY: the child has this one thread. It takes no lock of ours that another might have
                // held, and the C library makes its own good.
                let child = unsafe { c::fork() };
                if child == 0 {
                    let status = c_int::from(!fetches());
                    // SAFETY: nothing that runs at exit is wanted in the child.
                    unsafe { c::_exit(status) };
                }
                let mut status = -1;
                // SAFETY: `status` is there to be written to.
                assert_eq!(unsafe { c::waitpid(child, &raw mut status, 0) }, child);
                assert_eq!(status, 0);
            }
            over.store(true, Ordering::SeqCst);
        });
    }

    #[test]
    fn a_client_made_before_a_fork_fetches_after_it() {
        let authority = Authority::new();
        let bundle = Bundle::new(&authority, "fork");
        let server = authority.server(response("200 OK", "", "{}"));
        // By its address: looking up names after a fork is the C library's affair.
        let url = format!("https://127.0.0.1:{}/", server.port);
        run("signals::fetches_after_forks", &[("TEST_URL", &url), ("TEST_BUNDLE", &bundle.0)]);
        assert!(server.connections() > 10);
    }
}
